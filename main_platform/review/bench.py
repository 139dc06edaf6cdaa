"""The reviews one call decides about, locked in the one order, with all that the decision needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.locks import among, lock_listings_of, lock_patents
from main_platform.intake.tables import IntakeListingRow, SubmissionRow
from main_platform.nodes.states import NodeState
from main_platform.nodes.tables import NodeKeyRow, NodeRow
from main_platform.review.second_look import BY_RISK, SecondLook
from main_platform.review.tables import ReviewRow
from shared_schema.declaration import Declaration
from shared_schema.instants import Instant, legal_day
from shared_schema.statement import SignedStatement, declaration_of, read_statement


@dataclass(frozen=True)
class Case:
    """One locked review with its statement and its listing's row."""

    row: ReviewRow
    listing: IntakeListingRow
    signed: SignedStatement

    @property
    def declaration(self) -> Declaration:
        """What is offered."""
        return declaration_of(self.signed.statement)


@dataclass(frozen=True, slots=True)
class Bench:
    """Who decides, when, and about what.

    Attributes:
        cases: by review; ids that do not exist are not there.
        listings: all listings of the cases' patents.
        keys: those of the cases' keys that count now: active, and of an active node.
        confirms: `by` is the second person, who decides what another one approved.
        second_look: which approvals ask for one.
    """

    cases: Mapping[UUID, Case]
    listings: Mapping[UUID, IntakeListingRow]
    keys: frozenset[str]
    by: str
    now: Instant
    confirms: bool = False
    second_look: SecondLook = BY_RISK

    @property
    def today(self) -> date:
        """The legal day of the decision."""
        return legal_day(self.now)


async def open_bench(
    session: AsyncSession,
    reviews: Iterable[UUID],
    *,
    by: str,
    now: Instant,
    confirms: bool = False,
    second_look: SecondLook = BY_RISK,
) -> Bench:
    """Lock patents, their listings, and then the reviews; six statements for any number."""
    wanted = list(reviews)
    numbers = await session.scalars(
        select(ReviewRow.application_number).where(among(ReviewRow.id, wanted)).distinct()
    )
    patents = set(numbers)
    await lock_patents(session, patents)
    listings = await lock_listings_of(session, patents)
    found = await session.execute(
        select(ReviewRow, SubmissionRow.envelope)
        .join(SubmissionRow, SubmissionRow.id == ReviewRow.id)
        .where(among(ReviewRow.id, wanted))
        .order_by(ReviewRow.id)
        .with_for_update(of=ReviewRow)
        .execution_options(populate_existing=True)
    )
    cases = {
        row.id: Case(row, listings[row.listing], read_statement(envelope))
        for row, envelope in found
    }
    keys = await _counting_keys(session, {case.signed.key_id for case in cases.values()})
    return Bench(cases, listings, keys, by, now, confirms, second_look)


async def _counting_keys(session: AsyncSession, keys: set[str]) -> frozenset[str]:
    found = await session.scalars(
        select(NodeKeyRow.key_id)
        .join(NodeRow, NodeRow.id == NodeKeyRow.node)
        .where(
            among(NodeKeyRow.key_id, keys),
            NodeKeyRow.state == "active",
            NodeRow.state == NodeState.ACTIVE,
        )
    )
    return frozenset(found)
