"""How every node does, from what is stored: contact, lag, gaps, clock, keys, queue, quota.

Some ten statements whatever the number of nodes, each by an index or over a row per node; only the
review backlog is counted, per node and no further than its quota.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.log_head import LogHead, read_head
from main_platform.intake.counter import IntakeCounter
from main_platform.intake.tables import IntakeCounterRow
from main_platform.monitoring.tables import NodeReportRow
from main_platform.nodes.cosigned import cosigned_sizes
from main_platform.nodes.quota import Quota, quota_of
from main_platform.nodes.states import NodeState
from main_platform.nodes.tables import NodeContactRow, NodeKeyRow, NodeQuotaRow, NodeRow
from main_platform.review.queue import count_waiting
from shared_platform.catalogue.tables import log_entry
from shared_schema.instants import Instant, legal_day
from shared_schema.status_report import StatusReport

_ENROLLED: Final = (NodeState.ACTIVE, NodeState.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a node's cosigned copy is behind the signed log. `seconds`: since it was level."""

    entries: int
    seconds: int


@dataclass(frozen=True, slots=True)
class KeyLife:
    """Until when a node can act with some key of this use, and the whole days left."""

    use: str
    not_after: Instant
    days_left: int


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """A node's quota, and what is used of it today and in the review queue."""

    quota: Quota
    offers_today: int
    waiting: int


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """One enrolled node. `missing`: numbers that never came and that it does not withhold."""

    node: str
    state: str
    created_at: Instant
    seen_at: Instant | None
    clock_offset_seconds: int | None
    cosigned_size: int
    lag: Lag
    intake: IntakeCounter
    missing: int
    gap_since: Instant | None
    keys: Sequence[KeyLife]
    quota: QuotaUse
    report: StatusReport | None
    reported_at: Instant | None


async def read_health(
    session: AsyncSession, *, default: Quota, now: Instant, node: str | None = None
) -> list[NodeHealth]:
    """Every active or suspended node by id, or the one asked for."""
    nodes = select(NodeRow).where(NodeRow.state.in_(_ENROLLED)).order_by(NodeRow.id)
    if node is not None:
        nodes = nodes.where(NodeRow.id == node)
    rows = (await session.scalars(nodes)).all()
    reading = await _read(session, [row.id for row in rows], default=default, now=now)
    return [reading.health_of(row, now=now) for row in rows]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one look found, by node."""

    contacts: Mapping[str, NodeContactRow]
    counters: Mapping[str, IntakeCounterRow]
    quotas: Mapping[str, Quota]
    waiting: Mapping[str, int]
    keys: Mapping[str, Sequence[KeyLife]]
    reports: Mapping[str, NodeReportRow]
    cosigned: Mapping[str, int]
    lag_of: Callable[[int], Lag]

    def health_of(self, row: NodeRow, *, now: Instant) -> NodeHealth:
        """The node's part of it."""
        size = self.cosigned.get(row.id, 0)
        contact, counted = self.contacts.get(row.id), self.counters.get(row.id)
        intake = IntakeCounter()
        if counted is not None:
            intake = IntakeCounter(
                counted.received, counted.highest, counted.day, counted.day_offers
            )
        stored = self.reports.get(row.id)
        report = None if stored is None else StatusReport.model_validate(stored.report)
        missing = max(intake.missing - (report.withheld if report else 0), 0)
        quota = QuotaUse(
            self.quotas[row.id], intake.offers_on(legal_day(now)), self.waiting[row.id]
        )
        return NodeHealth(
            node=row.id,
            state=row.state,
            created_at=row.created_at,
            seen_at=contact.seen_at if contact else None,
            clock_offset_seconds=contact.clock_offset_seconds if contact else None,
            cosigned_size=size,
            lag=self.lag_of(size),
            intake=intake,
            missing=missing,
            gap_since=counted.gap_since if counted and missing else None,
            keys=self.keys.get(row.id, ()),
            quota=quota,
            report=report,
            reported_at=stored.reported_at if stored else None,
        )


async def _read(
    session: AsyncSession, nodes: Sequence[str], *, default: Quota, now: Instant
) -> _Reading:
    contacts = await session.scalars(select(NodeContactRow).where(NodeContactRow.node.in_(nodes)))
    counters = await session.scalars(
        select(IntakeCounterRow).where(IntakeCounterRow.origin.in_(nodes))
    )
    given = await session.scalars(select(NodeQuotaRow).where(NodeQuotaRow.node.in_(nodes)))
    reports = await session.scalars(select(NodeReportRow).where(NodeReportRow.node.in_(nodes)))
    quotas = dict.fromkeys(nodes, default) | {row.node: quota_of(row, default) for row in given}
    sizes = await cosigned_sizes(session)
    waiting = {
        node: await count_waiting(session, node, quotas[node].review_backlog) for node in nodes
    }
    return _Reading(
        {row.node: row for row in contacts},
        {row.origin: row for row in counters},
        quotas,
        waiting,
        await _keys(session, nodes, now=now),
        {row.node: row for row in reports},
        sizes,
        await _lags(session, sizes.values(), now=now),
    )


async def _keys(
    session: AsyncSession, nodes: Sequence[str], *, now: Instant
) -> dict[str, list[KeyLife]]:
    """The longest-lived active key of each use."""
    found = await session.execute(
        select(NodeKeyRow.node, NodeKeyRow.use, func.max(NodeKeyRow.not_after))
        .where(NodeKeyRow.node.in_(nodes), NodeKeyRow.state == "active")
        .group_by(NodeKeyRow.node, NodeKeyRow.use)
        .order_by(NodeKeyRow.node, NodeKeyRow.use)
    )
    keys: dict[str, list[KeyLife]] = {}
    for node, use, not_after in found:
        keys.setdefault(node, []).append(KeyLife(use, not_after, (not_after - now).days))
    return keys


async def _lags(
    session: AsyncSession, sizes: Iterable[int], *, now: Instant
) -> Callable[[int], Lag]:
    """Lag by cosigned size: its seconds run from the first entry the node has not cosigned."""
    head: LogHead = await read_head(session)
    first_missing = {size for size in sizes if size < head.checkpoint_size}
    found = await session.execute(
        select(log_entry.c.serial, log_entry.c.at).where(log_entry.c.serial.in_(first_missing))
    )
    since: dict[int, Instant | None] = dict(found.all())

    def lag_of(size: int) -> Lag:
        at = since.get(size)
        seconds = 0 if at is None else max(int((now - at).total_seconds()), 0)
        return Lag(max(head.checkpoint_size - size, 0), seconds)

    return lag_of
