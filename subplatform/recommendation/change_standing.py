"""State that a listing is withdrawn, suspended or resumed; for people and for rechecks alike."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from shared_schema.statement import Reason
from subplatform.declarations.drafts import lock_declaration
from subplatform.declarations.states import Action, State, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.outbox.enqueue import take_back
from subplatform.recommendation.signing import Said, Signer, return_to_chain, state_next
from subplatform.verification.ports import StandingChange


@dataclass(frozen=True, slots=True)
class SignChanges:
    """What verification calls to sign a change whose row it has locked and moved."""

    signer: Signer

    async def __call__(
        self,
        session: AsyncSession,
        change: StandingChange,
        *,
        by: str,  # noqa: ARG002  the port's; who asked is in the caller's audit record
        now: Instant,
    ) -> None:
        """Sign the change as the listing's next version and queue it."""
        await session.flush()  # the row is read anew, with the state that the caller has set
        row = await lock_declaration(session, change.listing)
        await state_change(session, row, change, signer=self.signer, now=now)


async def state_change(
    session: AsyncSession,
    row: DeclarationRow,
    change: StandingChange,
    *,
    signer: Signer,
    now: Instant,
) -> bool:
    """Sign and queue the change; False when nothing had to be said.

    A withdrawal first takes back what the hub certainly never got. Where nothing is left then, the
    listing was never outside this node, and is withdrawn at once. The row is locked and its state
    has moved.
    """
    if change.operation == "withdraw":
        await take_back(session, row.listing)
        if not await return_to_chain(session, row):
            row.state = next_state(State(row.state), Action.WITHDRAW)
            row.updated_at = now
            return False
    said = Said(change.operation, reason=Reason(code=change.code, text=change.text))
    await state_next(session, [(row, said)], signer=signer, now=now)
    return True
