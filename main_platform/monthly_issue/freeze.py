"""Freeze the catalogue for a month: a place in the log, proven by the hub's own checkpoint."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.catalogue.log_head import read_head
from main_platform.monthly_issue.errors import IssueExists, LogUnsigned
from main_platform.monthly_issue.numbering import number_of, read_month, refuse_month
from main_platform.monthly_issue.tables import IssueRow
from main_platform.settings import HubSettings
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.database.signals import signal
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Instant, legal_day, whole_second
from shared_schema.log_following import read_vouched

ISSUE = "issue"
"""The kind of subject in the audit trail."""
ISSUE_CHANNEL = "kaixu_issue"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Whose issues these are: printed in them, and kept with them, as names may change later."""

    name_zh: str
    name_en: str
    base_url: str

    @classmethod
    def of(cls, settings: HubSettings) -> "Publisher":
        """The hub of these settings."""
        return cls(settings.name_zh, settings.name_en, settings.base_url)

    def facts(self) -> dict[str, str]:
        """As an issue keeps it."""
        return {"zh": self.name_zh, "en": self.name_en, "url": self.base_url}


@dataclass(frozen=True, slots=True)
class Freezing:
    """What is to be frozen: the month as typed, by whom it is published, in which log."""

    month: str
    publisher: Publisher
    anchor: FederationAnchor
    early: bool = False


async def freeze(session: AsyncSession, wanted: Freezing, *, by: str, now: Instant) -> IssueRow:
    """Fix the month's issue at the newest checkpoint; its files follow from that and the log.

    Of two people freezing a month at once, one succeeds.

    Raises:
        MonthRefused: the month is malformed.
        MonthNotOver: the month is not over, and `early` was not asked for.
        MonthGone: it ended too long ago.
        IssueExists: the month has an issue.
        LogUnsigned: nothing is signed yet.
        CheckpointRefused: the stored checkpoint is not one of this log.
    """
    month = read_month(wanted.month)
    await refuse_second(session, month)
    today = legal_day(now)
    refuse_month(month, today=today, early=wanted.early)
    head = await read_head(session)
    if head.checkpoint is None or head.checkpoint_size == 0:
        raise LogUnsigned("日志还没有签名的检查点 / the log has no signed checkpoint yet")
    keys = await read_log_keys(session)
    vouched = read_vouched(head.checkpoint, wanted.anchor, keys=keys)
    row = {
        "number": number_of(month),
        "month": month,
        "as_of": today,
        "is_early": month == f"{today:%Y-%m}",
        "log_origin": wanted.anchor.log_origin,
        "log_size": vouched.size,
        "log_root": vouched.root,
        "checkpoint": head.checkpoint,
        "publisher": wanted.publisher.facts(),
        "frozen_by": by,
        "frozen_at": whole_second(now),
    }
    inserted = await session.scalar(
        insert(IssueRow).values(row).on_conflict_do_nothing().returning(IssueRow.number)
    )
    if inserted is None:
        await refuse_second(session, month)
    facts = {"log_size": vouched.size, "root": vouched.root.hex(), "early": row["is_early"]}
    subject = Subject(ISSUE, number_of(month))
    await record(session, Record(Act.ISSUE_FROZEN, subject, by, facts), now=now)
    await signal(session, ISSUE_CHANNEL)
    return await session.get_one(IssueRow, number_of(month))


async def refuse_second(session: AsyncSession, month: str) -> None:
    """Return only if the month has no issue.

    Raises:
        IssueExists: it has; names it, when it was frozen and where in the log.
    """
    found = await session.scalar(select(IssueRow).where(IssueRow.month == month))
    if found is not None:
        raise IssueExists(
            f"{found.number} 已于 {found.as_of} 封存（日志 {found.log_size} 条）；"
            f"更正请用勘误 / {found.number} was frozen on {found.as_of} at log size"
            f" {found.log_size}: correct it by errata",
            members={"issue": found.number},
        )
