"""One review in full: what the node said, what it meets, what is public, what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.locks import among
from main_platform.intake.tables import SubmissionRow
from main_platform.review.errors import ReviewNotFound
from main_platform.review.tables import DecisionRow, ReviewRow
from shared_platform.catalogue.tables import catalogue_listing, statement_object
from shared_schema.statement import read_statement

Body = dict[str, Any]
_PERSONAL: Final = frozenset({"contact", "commitments"})


@dataclass(frozen=True, slots=True)
class Side:
    """Another offer of the patent with its terms; None where they were erased."""

    conflict: dict[str, Any]
    body: Body | None


@dataclass(frozen=True, slots=True)
class ReviewDetail:
    """A review with the declared terms, those public now, and the other sides'.

    `previous_body` are those of the version before, whatever became of it.
    """

    row: ReviewRow
    body: Body | None
    previous_body: Body | None
    public_body: Body | None
    sides: Sequence[Side]
    decisions: Sequence[DecisionRow]


async def read_review(
    session: AsyncSession, review: UUID, *, region: str | None = None
) -> ReviewDetail:
    """All an examiner needs to decide; the terms hold contact data.

    Raises:
        ReviewNotFound: there is none of that id, or none in `region`.
    """
    row = await session.get(ReviewRow, review)
    if row is None or (region is not None and region not in row.regions):
        raise ReviewNotFound(detail=f"没有审核 {review} / there is no such review")
    decisions = await session.scalars(
        select(DecisionRow).where(DecisionRow.review == review).order_by(DecisionRow.id)
    )
    own, before = (row.listing, row.version), (row.listing, row.version - 1)
    bodies = await _submitted(session, {own, before})
    public = await _public(session, row.listing)
    sides = await read_sides(session, [row], region=region)
    return ReviewDetail(
        row, bodies[own], bodies.get(before), public, sides[review], decisions.all()
    )


async def read_sides(
    session: AsyncSession, rows: Sequence[ReviewRow], *, region: str | None = None
) -> dict[UUID, list[Side]]:
    """By review, the other offers that were seen, with the terms that were seen; one statement.

    A reader of one region sees nobody's contact there: the other offer may be another region's.
    """
    named = {_named(one) for row in rows for one in row.conflicts}
    bodies = await _submitted(session, named) if named else {}
    if region is not None:
        bodies = {key: body and _impersonal(body) for key, body in bodies.items()}
    return {row.id: [Side(one, bodies.get(_named(one))) for one in row.conflicts] for row in rows}


def _impersonal(body: Body) -> Body:
    return {name: value for name, value in body.items() if name not in _PERSONAL}


def _named(conflict: dict[str, Any]) -> tuple[UUID, int]:
    return UUID(conflict["listing"]), int(conflict["version"])


async def _submitted(
    session: AsyncSession, named: set[tuple[UUID, int]]
) -> dict[tuple[UUID, int], Body | None]:
    row = SubmissionRow
    found = await session.execute(
        select(row.listing, row.version, row.envelope).where(
            among(row.listing, [listing for listing, _ in named])
        )
    )
    return {
        (listing, version): statement_body(envelope)
        for listing, version, envelope in found
        if (listing, version) in named
    }


async def _public(session: AsyncSession, listing: UUID) -> Body | None:
    envelope = await session.scalar(
        select(statement_object.c.envelope)
        .join(catalogue_listing, catalogue_listing.c.terms_object == statement_object.c.object_hash)
        .where(catalogue_listing.c.listing == listing)
    )
    return None if envelope is None else statement_body(envelope)


def statement_body(envelope: bytes) -> Body | None:
    """What an accepted envelope offers; None of an erased one."""
    if not envelope:
        return None
    return read_statement(envelope).statement.body
