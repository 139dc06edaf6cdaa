"""Acts that one member of staff proposes and another one confirms: their columns and rules."""

from typing import Literal, TypeVar
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class ProposalNotFound(DomainError):
    """No proposal has that id."""

    problem = ProblemType.NOT_FOUND


class ProposalDecided(DomainError):
    """It was confirmed or dropped before, or another one about the same thing waits."""

    problem = ProblemType.STATE_CONFLICT


class SecondPersonRequired(DomainError):
    """A second confirmation must come from another person."""

    problem = ProblemType.SECOND_PERSON_REQUIRED


class Proposed:
    """The columns of a proposal; `state` is waiting, confirmed or dropped."""

    state: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[Instant]
    decided_by: Mapped[str | None]
    decided_at: Mapped[Instant | None]


AnyProposal = TypeVar("AnyProposal", bound=Proposed)


def two_people() -> tuple[CheckConstraint, ...]:
    """What the database itself refuses: an unknown state, a decision by nobody or by one person."""
    return (
        CheckConstraint("state IN ('waiting', 'confirmed', 'dropped')", name="state_known"),
        CheckConstraint("(state = 'waiting') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("state <> 'confirmed' OR decided_by <> proposed_by", name="two_people"),
    )


async def lock_proposal(
    session: AsyncSession, kind: type[AnyProposal], proposal: UUID
) -> AnyProposal:
    """The proposal, locked and as it is now.

    Raises:
        ProposalNotFound: there is none of that id.
    """
    row = await session.get(kind, proposal, with_for_update=True, populate_existing=True)
    if row is None:
        raise ProposalNotFound
    return row


def is_confirmed_by(row: Proposed, by: str) -> bool:
    """Whether this very person confirmed it before: repeating that changes nothing.

    Raises:
        ProposalDecided: it was dropped, or somebody else confirmed it.
        SecondPersonRequired: who proposed it cannot confirm it.
    """
    if row.state == "confirmed" and row.decided_by == by:
        return True
    _check_waiting(row)
    if row.proposed_by == by:
        raise SecondPersonRequired(detail="须由另一人确认 / another person must confirm")
    return False


def decide(row: Proposed, state: Literal["confirmed", "dropped"], *, by: str, now: Instant) -> None:
    """Write the decision; anybody who may propose may drop.

    Raises:
        ProposalDecided: it was decided before.
    """
    _check_waiting(row)
    row.state, row.decided_by, row.decided_at = state, by, now


def _check_waiting(row: Proposed) -> None:
    if row.state != "waiting":
        raise ProposalDecided(detail=f"已处理：{row.state} / decided before: {row.state}")
