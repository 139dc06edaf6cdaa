"""Withdraw a listing at its holders' wish: unconditional, and nobody approves it (plan, 2(8))."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_schema.instants import Instant
from shared_schema.refusal import FieldError
from shared_schema.statement import ReasonCode
from shared_schema.text import PlainText
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import lock_declaration, subject_of
from subplatform.declarations.states import Action, State, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.recommendation.change_standing import state_change
from subplatform.recommendation.errors import ConsentMissing
from subplatform.recommendation.signing import Signer
from subplatform.verification.ports import StandingChange


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The holders' wish; code and text become public. Licences already granted are untouched.

    `all_owners_consent` says that the written consent of every co-owner is on file.
    """

    code: ReasonCode
    text: PlainText
    all_owners_consent: bool = False


async def withdraw(
    session: AsyncSession,
    listing: UUID,
    wish: Withdrawal,
    *,
    signer: Signer,
    by: str,
    now: Instant,
) -> DeclarationRow:
    """Withdraw a listing that was recommended or published; before everything else in the outbox.

    It is `withdrawal_requested` until the log says so. What never left this node is withdrawn at
    once. Locks the declaration.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it was never recommended, or has ended.
        ConsentMissing: several owners, and their consent is not on file.
    """
    row = await lock_declaration(session, listing)
    row.state = next_state(State(row.state), Action.REQUEST_WITHDRAWAL)
    if len(row.holder_names) > 1 and not wish.all_owners_consent:
        message = "撤回须经全体共有人同意 / withdrawal needs the consent of all co-owners"
        source = "专利法第十四条 / Patent Law art. 14"
        error = FieldError("/all_owners_consent", "withdrawal.consent", message, source)
        raise ConsentMissing(message, [error])
    change = StandingChange(listing, "withdraw", wish.code, wish.text)
    is_stated = await state_change(session, row, change, signer=signer, now=now)
    facts = {"reason": wish.code, "oseq": row.last_oseq if is_stated else None}
    await record(session, Record(Act.LISTING_WITHDRAWN, subject_of(listing), by, facts), now=now)
    return row
