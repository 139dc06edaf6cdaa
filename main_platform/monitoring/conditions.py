"""The conditions of the hub and its nodes that raise an alarm, and end it when they are gone."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.checkpoint import LargestCosigned, refuse_if_behind
from main_platform.catalogue.errors import SequencerPaused
from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.queue_rows import queue_depth
from main_platform.cosigning.guard import is_restored, must_be_heard
from main_platform.cosigning.tables import ForkEvidenceRow
from main_platform.intake.tables import EquivocationRow
from main_platform.monitoring.health import NodeHealth, read_health
from main_platform.nodes.cosigned import unheard_nodes
from main_platform.nodes.quota import Quota
from main_platform.nodes.states import NodeState
from main_platform.nodes.tables import LogGuardRow
from shared_platform.alarms.alarms import Finding
from shared_platform.alarms.codes import AlarmCode
from shared_platform.alarms.findings import clock_finding, disk_findings, key_finding
from shared_schema.instants import Instant

EQUIVOCATION_STANDS: Final = timedelta(days=1)
FORK_STANDS: Final = timedelta(days=30)
HEARD_WITHIN: Final = timedelta(seconds=60)  # a node that runs has answered a start by then
PUBLISHED_WITHIN: Final = timedelta(seconds=60)  # the promise of protocol §6
WATCHED: Final = frozenset(
    {
        AlarmCode.NODE_SILENT,
        AlarmCode.NODE_BEHIND,
        AlarmCode.INTAKE_GAPS,
        AlarmCode.CLOCK_OFFSET,
        AlarmCode.KEY_EXPIRING,
        AlarmCode.KEY_EXPIRES_NOW,
        AlarmCode.DEAD_LETTERS,
        AlarmCode.OUTBOX_OLD,
        AlarmCode.NODE_IN_TROUBLE,
        AlarmCode.EQUIVOCATION,
        AlarmCode.LOG_FORK,
        AlarmCode.NODE_UNHEARD,
        AlarmCode.SEQUENCER_PAUSED,
        AlarmCode.HELD_ENTRIES,
        AlarmCode.PUBLISH_QUEUE_OLD,
        AlarmCode.DISK_NEARLY_FULL,
    }
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When something is worth an alarm, from the settings."""

    silent: timedelta
    behind: timedelta
    gaps: timedelta
    outbox: timedelta
    free_disk_share: float


@dataclass(frozen=True, slots=True)
class HubWatch:
    """What is looked at: the nodes' health, the queue, the log, the disk."""

    quota: Quota
    thresholds: Thresholds
    largest_cosigned: LargestCosigned
    data_dir: Path

    async def look(self, session: AsyncSession, now: Instant) -> list[Finding]:
        """Every condition that holds now."""
        found = disk_findings(self.data_dir, least_share=self.thresholds.free_disk_share)
        for health in await read_health(session, default=self.quota, now=now):
            found += node_findings(health, self.thresholds, now=now)
        for look in _LOOKS:
            found += await look(session, now)
        try:
            size = (await read_head(session)).size
            await refuse_if_behind(session, size, self.largest_cosigned)
        except SequencerPaused as paused:
            found.append(Finding(AlarmCode.SEQUENCER_PAUSED, paused.detail or ""))
        return found


def node_findings(health: NodeHealth, limits: Thresholds, *, now: Instant) -> list[Finding]:
    """What is wrong with one node; a suspended one is expected to be silent and behind."""
    found = list(_keys(health))
    if health.state == NodeState.ACTIVE:
        found += [*_contact(health, limits, now), *_delivery(health, limits, now)]
    return found


def _contact(health: NodeHealth, limits: Thresholds, now: Instant) -> Iterator[Finding]:
    node, last = health.node, health.seen_at or health.created_at
    if now - last > limits.silent:
        minutes = int((now - last).total_seconds() // 60)
        yield Finding(AlarmCode.NODE_SILENT, f"{minutes} 分钟无联系 / minutes of silence", node)
    if health.lag.entries and health.lag.seconds > limits.behind.total_seconds():
        detail = f"落后 {health.lag.entries} 条、{health.lag.seconds} 秒 / entries and seconds"
        yield Finding(AlarmCode.NODE_BEHIND, detail, node)
    yield from clock_finding(health.clock_offset_seconds, subject=node)


def _delivery(health: NodeHealth, limits: Thresholds, now: Instant) -> Iterator[Finding]:
    node, report = health.node, health.report
    if health.gap_since is not None and now - health.gap_since > limits.gaps:
        detail = f"缺 {health.missing} 个序号 / numbers are missing"
        yield Finding(AlarmCode.INTAKE_GAPS, detail, node)
    if report is None:
        return
    if report.dead:
        yield Finding(AlarmCode.DEAD_LETTERS, f"{report.dead} 条死信 / dead letters", node)
    oldest = report.oldest_waiting_at
    if oldest is not None and now - oldest > limits.outbox:
        detail = f"{report.waiting} 条待发，最早 {oldest:%Y-%m-%d %H:%M}Z / statements wait"
        yield Finding(AlarmCode.OUTBOX_OLD, detail, node)
    if report.critical:
        yield Finding(AlarmCode.NODE_IN_TROUBLE, "、".join(report.critical), node)


def _keys(health: NodeHealth) -> Iterator[Finding]:
    for key in health.keys:
        yield from key_finding(key.use, key.days_left, subject=f"{health.node}/{key.use}")


async def _queue(session: AsyncSession, now: Instant) -> list[Finding]:
    depth = await queue_depth(session)
    found = []
    if depth.held:
        found.append(Finding(AlarmCode.HELD_ENTRIES, f"{depth.held} 条 / entries"))
    if depth.oldest is not None and now - depth.oldest > PUBLISHED_WITHIN:
        detail = f"{depth.waiting} 条，最早 {depth.oldest:%H:%M:%S}Z / entries wait"
        found.append(Finding(AlarmCode.PUBLISH_QUEUE_OLD, detail))
    return found


async def _equivocations(session: AsyncSession, now: Instant) -> list[Finding]:
    row = EquivocationRow
    seen = await session.execute(
        select(row.origin, func.count(), func.max(row.oseq))
        .where(row.received_at > now - EQUIVOCATION_STANDS)
        .group_by(row.origin)
    )
    return [
        Finding(AlarmCode.EQUIVOCATION, f"{count} 份，最近序号 {oseq} / last oseq", origin)
        for origin, count, oseq in seen
    ]


async def fork_findings(session: AsyncSession, now: Instant) -> list[Finding]:
    """Each node whose evidence of a fork is not older than `FORK_STANDS`."""
    row = ForkEvidenceRow
    seen = await session.execute(
        select(row.node, func.count(), func.max(row.size))
        .where(row.seen_at > now - FORK_STANDS)
        .group_by(row.node)
    )
    return [
        Finding(AlarmCode.LOG_FORK, f"{count} 份证据，{size} 条处 / entries there", node)
        for node, count, size in seen
    ]


async def unheard_findings(session: AsyncSession, now: Instant) -> list[Finding]:
    """Each node for which the log waits without limit, once a start is a minute old."""
    unheard = await unheard_nodes(session)
    if not unheard or not await must_be_heard(session, unheard):
        return []
    asked_at = await session.scalar(select(LogGuardRow.asked_at))
    if not await is_restored(session) and (asked_at is None or now - asked_at < HEARD_WITHIN):
        return []
    detail = "启动后等待其报告日志大小 / awaited since the start"
    return [Finding(AlarmCode.NODE_UNHEARD, detail, node) for node in unheard]


_LOOKS: Final[tuple[Callable[[AsyncSession, Instant], Awaitable[list[Finding]]], ...]] = (
    _queue,
    _equivocations,
    fork_findings,
    unheard_findings,
)
