"""Take a statement back that the hub's intake refused, so that its declaration can be corrected.

What the hub's examiners return comes through the inbox instead. Either way the declaration is then
edited, verified and recommended again as its next version.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_schema.instants import Instant
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import lock_declaration, subject_of
from subplatform.declarations.states import Action, State, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.outbox.deliveries import DeliveryFilter, list_deliveries
from subplatform.outbox.enqueue import take_back
from subplatform.outbox.states import DeliveryState
from subplatform.recommendation.errors import NothingRefused
from subplatform.recommendation.signing import return_to_chain

REFUSED: Final = "refused_at_intake"


async def take_back_refused(
    session: AsyncSession, listing: UUID, *, by: str, now: Instant
) -> DeclarationRow:
    """Put a declaration whose statement is a dead letter back to correction, with the reasons.

    Locks the declaration and its statements.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it is not recommended.
        NothingRefused: no dead letter, or the hub may have the statement all the same: replay it.
    """
    row = await lock_declaration(session, listing)
    row.state = next_state(State(row.state), Action.RETURN)
    dead = await list_deliveries(session, DeliveryFilter(DeliveryState.DEAD, listing))
    problem = dead[-1].last_problem if dead else None
    if problem is None or dead[-1].oseq not in await take_back(session, listing):
        raise NothingRefused(
            detail="主平台没有拒收这个声明 / the hub's intake has not refused this listing"
        )
    await return_to_chain(session, row)
    row.return_reasons = _reasons(problem)
    row.updated_at = now
    facts = {"verdict": REFUSED, "code": problem["code"]}
    await record(session, Record(Act.DECISION_RECEIVED, subject_of(listing), by, facts), now=now)
    return row


def _reasons(problem: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The problem's errors as reasons of a return; the problem itself where it has none."""
    errors = problem.get("errors") or [
        {"pointer": "", "code": problem["code"], "message": problem.get("detail", "")}
    ]
    return [
        {"code": error["code"], "text": error["message"], "pointer": error["pointer"]}
        for error in errors
    ]
