"""Notices to an organisation: told once, counted until read, and sent to its members by mail."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.job_transaction import in_transaction
from shared_platform.mail.letters import Letter, queue_letter
from shared_platform.sign_in.tables import account
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource
from shared_schema.instants import Clock, Instant
from shared_schema.patent_number import print_patent_number
from subplatform.accounts.notice_words import (
    LETTER_SUBJECT,
    LETTER_TEXT,
    NOTICE_ADVICE,
    NOTICE_HEADINGS,
)
from subplatform.accounts.tables import MemberRow, NoticeRow, OrganisationRow

EVERY_SECONDS: Final = 30.0
MAX_PAGE: Final = 50
_MOST_LINES: Final = 20
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Notice:
    """What to tell whom. `about` names the event: under one name nothing is told twice."""

    organisation: UUID | None
    kind: str
    about: str
    listing: UUID | None = None
    number: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


async def tell(session: AsyncSession, *notices: Notice, now: Instant) -> None:
    """Add the notices; what belongs to no organisation concerns nobody with an account."""
    rows = [
        {
            "organisation_id": one.organisation,
            "at": now,
            "kind": one.kind,
            "about": one.about,
            "listing": one.listing,
            "number": one.number,
            "facts": dict(one.facts),
        }
        for one in notices
        if one.organisation is not None
    ]
    if rows:
        await session.execute(insert(NoticeRow).values(rows).on_conflict_do_nothing())


async def count_unread(session: AsyncSession, organisation: UUID) -> int:
    """How many notices nobody of the organisation has read."""
    unread = (NoticeRow.organisation_id == organisation) & NoticeRow.read_at.is_(None)
    return await session.scalar(select(func.count()).where(unread)) or 0


async def list_notices(
    session: AsyncSession, organisation: UUID, *, before: int | None = None
) -> Sequence[NoticeRow]:
    """A page of notices, the newest first."""
    wanted = select(NoticeRow).where(NoticeRow.organisation_id == organisation)
    if before is not None:
        wanted = wanted.where(NoticeRow.id < before)
    return (await session.scalars(wanted.order_by(NoticeRow.id.desc()).limit(MAX_PAGE))).all()


async def mark_read(session: AsyncSession, organisation: UUID, *, now: Instant) -> None:
    """Let all notices of the organisation count as read."""
    unread = (NoticeRow.organisation_id == organisation) & NoticeRow.read_at.is_(None)
    await session.execute(update(NoticeRow).where(unread).values(read_at=now))


def said_of(kind: str, facts: Mapping[str, Any]) -> tuple[Words, Words]:
    """Heading and advice of a notice; one of a newer version says its kind."""
    heading = NOTICE_HEADINGS.get(kind, Words(kind, kind))
    advice = NOTICE_ADVICE.get(kind, Words("", ""))
    known = {name: facts.get(name, "") for name in ("period_end", "due")}
    return heading, Words(advice.zh.format(**known), advice.en.format(**known))


@dataclass(frozen=True, slots=True)
class NoticeMail:
    """Sends one letter about all new notices of an organisation to each of its members."""

    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    ids: IdSource
    base_url: str

    async def run(self) -> NoReturn:
        """Look every half minute, until cancelled."""
        while True:
            await self.send_all()
            await asyncio.sleep(EVERY_SECONDS)

    async def send_all(self) -> int:
        """Queue letters about what was not mailed; how many notices they hold."""
        return await in_transaction(self.sessions, self._send)

    async def _send(self, session: AsyncSession) -> int:
        found = await session.scalars(
            select(NoticeRow)
            .where(NoticeRow.mailed_at.is_(None))
            .order_by(NoticeRow.id)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        rows = found.all()
        for organisation in sorted({row.organisation_id for row in rows}):
            theirs = [row for row in rows if row.organisation_id == organisation]
            await self._send_to(session, organisation, theirs)
        now = self.clock.now()
        for row in rows:
            row.mailed_at = now
        return len(rows)

    async def _send_to(
        self, session: AsyncSession, organisation: UUID, rows: Sequence[NoticeRow]
    ) -> None:
        name = await session.scalar(
            select(OrganisationRow.name).where(OrganisationRow.id == organisation)
        )
        members = await session.scalars(
            select(account.c.email)
            .join(MemberRow, MemberRow.account_id == account.c.id)
            .where(
                MemberRow.organisation_id == organisation,
                MemberRow.is_requested.is_(False),
                MemberRow.role.in_(("owner", "editor")),
                account.c.email.is_not(None),
                account.c.is_active,
            )
        )
        subject, text = letter_about(rows, name or "", f"{self.base_url}/notices")
        for email in members.all():
            letter = Letter(email, subject, text)
            await queue_letter(session, letter, ids=self.ids, now=self.clock.now())


def letter_about(rows: Sequence[NoticeRow], name: str, address: str) -> tuple[Words, Words]:
    """Subject and text of one letter about these notices."""
    lines = [_line(row) for row in rows[:_MOST_LINES]]
    count = str(len(rows))
    subject = Words(LETTER_SUBJECT.zh.format(count=count), LETTER_SUBJECT.en.format(count=count))
    facts = {"organisation": name, "address": address}
    text = Words(
        LETTER_TEXT.zh.format(lines="\n".join(one.zh for one in lines), **facts),
        LETTER_TEXT.en.format(lines="\n".join(one.en for one in lines), **facts),
    )
    return subject, text


def _line(row: NoticeRow) -> Words:
    heading, advice = said_of(row.kind, row.facts)
    number = print_patent_number(row.number) if row.number else ""
    return Words(f"· {heading.zh} {number}。{advice.zh}", f"- {heading.en} {number}. {advice.en}")
