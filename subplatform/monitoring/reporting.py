"""Tell the hub how this node does, and keep how the hub sees it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.alarms.alarms import count_open
from shared_platform.alarms.codes import alarm_row
from shared_schema.instants import Clock
from shared_schema.refusal import DomainError
from shared_schema.status_report import StatusReport
from subplatform.monitoring.condition import read_node_condition
from subplatform.monitoring.hub_view import StoredView, read_view, store_view
from subplatform.outbox.condition import want_reconciliation
from subplatform.recommendation.inbox import read_cursor

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class ReportedTo(Protocol):
    """The hub as a reader of reports; `subplatform.hub_client.hub.Hub` is it."""

    async def report_status(self, report: StatusReport) -> Mapping[str, Any]:
        """Report; the hub's view of this node."""
        ...


@dataclass(frozen=True, slots=True)
class Reporting:
    """Reports of one node process."""

    sessions: async_sessionmaker[AsyncSession]
    hub: ReportedTo
    clock: Clock
    every_seconds: float

    async def run(self) -> NoReturn:
        """Report at intervals until cancelled; a hub that is away is told later."""
        while True:
            try:
                await self.once()
            except DomainError as refusal:
                _log.warning("report_failed", code=refusal.problem.code, detail=refusal.detail)
            except (SQLAlchemyError, OSError) as error:
                _log.warning("report_interrupted", error=type(error).__name__)
            await asyncio.sleep(self.every_seconds)

    async def once(self) -> StoredView:
        """Report once and keep the answer.

        A hub that has less than it had receipted was restored: what it lost is looked for at once.

        Raises:
            DomainError: no usable answer.
        """
        async with self.sessions() as session:
            before = await read_node_condition(session, now=self.clock.now())
            codes = tuple(sorted(await count_open(session)))
            cursor = await read_cursor(session)
        view = read_view(await self.hub.report_status(before.report(codes, _critical(codes))))
        now = self.clock.now()
        ahead = round((now - view.health.server_time).total_seconds())
        lost_statements = view.health.highest < before.highest_sent
        stored = StoredView(view, now, ahead, lost_statements or view.inbox_head < cursor)
        async with self.sessions.begin() as session:
            await store_view(session, stored)
            if lost_statements:
                await want_reconciliation(session)
        return stored


def _critical(codes: tuple[str, ...]) -> tuple[str, ...]:
    rows = {code: alarm_row(code) for code in codes}
    return tuple(code for code, row in rows.items() if row is not None and row.is_critical)
