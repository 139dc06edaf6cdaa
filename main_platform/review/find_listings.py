"""Find listings by whatever somebody has in hand: an id, a number, a name, a receipt."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.counter import IntakeCounter
from main_platform.intake.tables import IntakeCounterRow, IntakeListingRow, SubmissionRow
from main_platform.review.tables import ReviewRow
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import parse_application_number

MOST: Final = 50
_SENT: Final = re.compile(r"([a-z0-9][a-z0-9-]{1,62})\s*[/#]\s*([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class NeverArrived:
    """A node's number that the hub does not have; what it has of that node."""

    node: str
    oseq: int
    highest: int
    missing: int


@dataclass(frozen=True, slots=True)
class FoundListings:
    """Some listings with their last review, at most `MOST`; or a number that never came."""

    rows: Sequence[Row[UUID, str, str, int, str | None, list[str]]]
    has_more: bool = False
    never_arrived: NeverArrived | None = None


async def find_listings(session: AsyncSession, text: str) -> FoundListings:
    """The listings that the text names; each kind of text is one look by an index.

    Holders are found by their whole names.
    """
    asked = text.strip()
    sent = _SENT.fullmatch(asked)
    row, review = IntakeListingRow, ReviewRow
    last = (review.listing == row.listing) & (review.version == row.version)
    found = await session.execute(
        select(
            row.listing,
            row.application_number,
            row.origin,
            row.version,
            review.title,
            review.holder_names,
        )
        .outerjoin(review, last)
        .where(_condition(asked, sent))
        .order_by(row.declared_at.desc(), row.listing)
        .limit(MOST + 1)
    )
    rows = found.all()
    if not rows and sent is not None:
        node, oseq = sent[1], int(sent[2])
        return FoundListings((), never_arrived=await _never_arrived(session, node, oseq))
    return FoundListings(rows[:MOST], has_more=len(rows) > MOST)


def _condition(text: str, sent: re.Match[str] | None) -> ColumnElement[bool]:
    listing, submission = IntakeListingRow.listing, SubmissionRow
    if sent is not None:
        named = (submission.origin == sent[1]) & (submission.oseq == int(sent[2]))
        return listing.in_(select(submission.listing).where(named))
    if (id_ := _uuid(text)) is not None:
        named_by_receipt = select(submission.listing).where(submission.id == id_)
        return or_(listing == id_, listing.in_(named_by_receipt))
    try:
        return IntakeListingRow.application_number == parse_application_number(text)
    except IdentifierRefused:
        held = select(ReviewRow.listing).where(ReviewRow.holder_names.contains([text]))
        return listing.in_(held)


async def _never_arrived(session: AsyncSession, node: str, oseq: int) -> NeverArrived | None:
    counted = await session.get(IntakeCounterRow, node)
    if counted is None:
        return None
    known = IntakeCounter(counted.received, counted.highest, counted.day, counted.day_offers)
    return NeverArrived(node, oseq, known.highest, known.missing)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
