"""Make the files of monthly issues when they are due; freeze last month's issue where so set."""

from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_platform.monthly_issue.errors import IssueExists, IssueUnprovable, LogUnsigned
from main_platform.monthly_issue.freeze import ISSUE_CHANNEL, Freezing, Publisher, freeze
from main_platform.monthly_issue.make_files import Issues
from main_platform.monthly_issue.numbering import previous_month
from main_platform.monthly_issue.typeset import TypesettingFailed
from shared_platform.audit.trail import SERVICE
from shared_platform.database.job_transaction import in_transaction
from shared_platform.database.signals import Signals
from shared_platform.job_runs.noted import Job, noted
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Clock, Instant, legal_day

EVERY_SECONDS: Final = 60.0
JOB: Final = Job("monthly_issues", EVERY_SECONDS)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IssueChore:
    """The issues of one hub process; of several on one folder, one makes files at a time.

    `automatic`: freeze the month that is over, by the service itself.
    """

    issues: Issues
    anchor: FederationAnchor
    publisher: Publisher
    signals: Signals
    clock: Clock
    automatic: bool = False

    async def run(self) -> NoReturn:
        """Look now, when an issue is frozen, and every minute, until cancelled."""
        while True:
            async with self.signals.awaiting(ISSUE_CHANNEL) as awaited:
                try:
                    await noted(self.issues.sessions, self.clock, JOB, work=self.look)
                except (OSError, SQLAlchemyError, IssueUnprovable, TypesettingFailed) as failure:
                    _log.error("issue_failed", error=type(failure).__name__, exc_info=failure)
                await awaited.wait(EVERY_SECONDS)

    async def look(self) -> list[str]:
        """Freeze and make what is due; the numbers of the issues with a new edition."""
        now = self.clock.now()
        if self.automatic:
            await self._freeze_last_month(now)
        return [one.number for one in await self.issues.make_due(now=now)]

    async def _freeze_last_month(self, now: Instant) -> None:
        month = previous_month(legal_day(now))
        wanted = Freezing(month, self.publisher, self.anchor)
        try:
            await in_transaction(
                self.issues.sessions,
                lambda session: freeze(session, wanted, by=SERVICE, now=now),
            )
        except (IssueExists, LogUnsigned):
            return
        _log.info("issue_frozen", month=month)
