"""Queue letters in the transaction that causes them, and take them out again to be sent."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.signals import signal
from shared_platform.mail.tables import mail_letter
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource
from shared_schema.instants import Instant

MAIL_CHANNEL: Final = "mail"
LEASE: Final = timedelta(minutes=5)
_WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360))
_GIVES_UP_AFTER: Final = timedelta(days=7)
_KEPT: Final = timedelta(days=30)
_LONGEST_ERROR: Final = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """What to tell whom, in both languages; plain text."""

    recipient: str
    subject: Words
    text: Words


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A letter that is to be sent now."""

    id: UUID
    recipient: str
    subject: str
    text: str
    queued_at: Instant
    tries: int


async def queue_letter(
    session: AsyncSession, letter: Letter, *, ids: IdSource, now: Instant
) -> UUID:
    """Let the letter be sent once this transaction has committed; its id."""
    id_ = ids.new_id()
    await session.execute(
        insert(mail_letter).values(
            id=id_,
            recipient=letter.recipient,
            subject=f"{letter.subject.zh} / {letter.subject.en}",
            text=f"{letter.text.zh}\n\n--\n\n{letter.text.en}\n",
            queued_at=now,
            due_at=now,
        )
    )
    await signal(session, MAIL_CHANNEL)
    return id_


async def take_letter(session: AsyncSession, *, now: Instant) -> DueLetter | None:
    """The next letter that is due, leased: nobody else takes it until the lease ends."""
    chosen = (
        select(mail_letter.c.id)
        .where(
            mail_letter.c.sent_at.is_(None),
            mail_letter.c.gave_up_at.is_(None),
            mail_letter.c.due_at <= now,
        )
        .order_by(mail_letter.c.due_at, mail_letter.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = await session.execute(
        update(mail_letter)
        .where(mail_letter.c.id == chosen)
        .values(due_at=now + LEASE, tries=mail_letter.c.tries + 1)
        .returning(mail_letter)
    )
    row = taken.first()
    if row is None:
        return None
    return DueLetter(row.id, row.recipient, row.subject, row.text, row.queued_at, row.tries)


async def letter_sent(session: AsyncSession, id_: UUID, *, now: Instant) -> None:
    """It was taken over by the mail server; what it said is forgotten here."""
    await session.execute(
        update(mail_letter)
        .where(mail_letter.c.id == id_)
        .values(sent_at=now, text=None, last_error=None)
    )


async def letter_failed(
    session: AsyncSession, letter: DueLetter, *, error: str, now: Instant
) -> bool:
    """Try again later; after a week, or never for good, give up. Whether it was given up."""
    given_up = now - letter.queued_at >= _GIVES_UP_AFTER
    wait = _WAITS[min(letter.tries, len(_WAITS)) - 1]
    await session.execute(
        update(mail_letter)
        .where(mail_letter.c.id == letter.id)
        .values(
            due_at=now + wait,
            gave_up_at=now if given_up else None,
            text=None if given_up else mail_letter.c.text,
            last_error=error[:_LONGEST_ERROR],
        )
    )
    return given_up


async def forget_letters(session: AsyncSession, *, now: Instant) -> int:
    """Delete letters that were sent or given up a month ago; returns how many."""
    past = now - _KEPT
    done = or_(mail_letter.c.sent_at < past, mail_letter.c.gave_up_at < past)
    gone = delete(mail_letter).where(done).returning(mail_letter.c.id)
    return len((await session.execute(gone)).all())
