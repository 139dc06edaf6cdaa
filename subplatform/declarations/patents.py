"""An organisation's patents: kept by number, with what the register says and what is declared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import Instant
from shared_schema.patent_number import expiry, kind_of, parse_application_number
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.register_facts import RegisterFacts
from subplatform.accounts.organisations import subject_of
from subplatform.accounts.tables import PatentRow
from subplatform.audit.acts import Act
from subplatform.declarations.tables import IS_LIVE, DeclarationRow
from subplatform.patent_register.tables import RegisterSnapshotRow

MOST_AT_ONCE = 500


class NumbersRefused(DomainError):
    """Some of the numbers are none; `errors` say which and why. Nothing was added."""

    problem = ProblemType.SCHEMA_INVALID


class PatentNotFound(DomainError):
    """The organisation has no such patent in its inventory."""

    problem = ProblemType.NOT_FOUND


@dataclass(frozen=True, slots=True)
class OwnPatent:
    """One patent: its latest day, and its live declaration where there is one of the same owner."""

    number: str
    kind: str
    title: str | None
    expires: date
    is_expiry_known: bool
    listing: UUID | None
    state: str | None


async def add_patents(
    session: AsyncSession, organisation: UUID, typed: Sequence[str], *, by: str, now: Instant
) -> int:
    """Add the patents of these numbers, typed in any way; how many were new.

    Raises:
        NumbersRefused: one of them is no number.
    """
    numbers, errors = [], []
    for one in typed[:MOST_AT_ONCE]:
        try:
            numbers.append(parse_application_number(one))
        except IdentifierRefused as refused:
            errors.append(FieldError("/numbers", refused.code, refused.detail))
    if errors or not numbers:
        raise NumbersRefused("专利号有误 / a number is wrong", errors)
    rows = [
        {
            "organisation_id": organisation,
            "application_number": number,
            "added_by": by,
            "added_at": now,
        }
        for number in dict.fromkeys(numbers)
    ]
    added = await session.scalars(
        insert(PatentRow)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(PatentRow.application_number)
    )
    new = added.all()
    if new:
        facts = {"numbers": list(new)}
        act = Record(Act.PATENTS_ADDED, subject_of(organisation), by, facts)
        await record(session, act, now=now)
    return len(new)


async def find_patent(session: AsyncSession, organisation: UUID | None, number: str) -> PatentRow:
    """The patent in the organisation's inventory.

    Raises:
        PatentNotFound: it has none of that number there, or there is no organisation.
    """
    row = None
    if organisation is not None:
        row = await session.get(PatentRow, (organisation, number))
    if row is None:
        raise PatentNotFound("没有这件专利 / there is no such patent")
    return row


async def remove_patent(
    session: AsyncSession, organisation: UUID, number: str, *, by: str, now: Instant
) -> None:
    """Take a patent out of the inventory; its declaration stays.

    Raises:
        PatentNotFound: the organisation has none of that number there.
    """
    await session.delete(await find_patent(session, organisation, number))
    facts = {"number": number}
    act = Record(Act.PATENT_REMOVED, subject_of(organisation), by, facts)
    await record(session, act, now=now)


async def list_patents(
    session: AsyncSession, organisation: UUID, *, after: str = "", limit: int = 50
) -> Sequence[OwnPatent]:
    """A page of the inventory, by number; declarations are those of the same organisation."""
    is_declared = and_(
        DeclarationRow.application_number == PatentRow.application_number,
        DeclarationRow.organisation_id == organisation,
        text(IS_LIVE),
    )
    found = await session.execute(
        select(
            PatentRow.application_number,
            PatentRow.title,
            RegisterSnapshotRow.facts,
            DeclarationRow.listing,
            DeclarationRow.state,
            DeclarationRow.title,
        )
        .outerjoin(DeclarationRow, is_declared)
        .outerjoin(
            RegisterSnapshotRow,
            RegisterSnapshotRow.application_number == PatentRow.application_number,
        )
        .where(PatentRow.organisation_id == organisation, PatentRow.application_number > after)
        .order_by(PatentRow.application_number)
        .limit(limit)
    )
    return [
        _own(number, title or declared, facts, listing=listing, state=state)
        for number, title, facts, listing, state, declared in found
    ]


def _own(
    number: str, title: str | None, facts: object, *, listing: UUID | None, state: str | None
) -> OwnPatent:
    known = None if facts is None else RegisterFacts.model_validate(facts)
    filed = known.filing_date if known else None
    return OwnPatent(
        number,
        kind_of(number),
        (known.title if known else None) or title,
        expiry(number, filed),
        filed is not None,
        listing,
        state,
    )
