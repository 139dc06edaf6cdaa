"""Resume a suspended listing once its causes are gone."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.text import PlainText
from subplatform.accounts.notices import tell
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import lock_declaration, subject_of
from subplatform.declarations.notice_of import notice_of
from subplatform.declarations.states import Action, State, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.verification.ports import SignChange, StandingChange


class CausesRemain(DomainError):
    """The last recheck still saw a cause; `errors` names each."""

    problem = ProblemType.STATE_CONFLICT


@dataclass(frozen=True, slots=True)
class Proof:
    """The document that shows the cause is gone, as in 滞纳金缴费收据 2026-11-20, kept on file."""

    document: PlainText


async def resume_listing(
    session: AsyncSession,
    listing: UUID,
    proof: Proof,
    *,
    sign: SignChange,
    by: str,
    now: Instant,
) -> DeclarationRow:
    """Publish a suspended listing again, on the word of the last recheck and of a document.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it is not suspended.
        CausesRemain: the register still speaks against it; recheck first.
    """
    row = await lock_declaration(session, listing)
    after = next_state(State(row.state), Action.RESUME)
    codes: list[str] = (row.suspension or {}).get("codes", [])
    if codes:
        raise CausesRemain(
            detail="中止原因仍在，请先重新核对登记簿 / the causes remain: recheck first",
            errors=[FieldError("/suspension/codes", code, "原因仍在 / remains") for code in codes],
        )
    row.state, row.suspension, row.updated_at = after, None, now
    text = f"中止原因已消除：{proof.document} / the cause is gone: {proof.document}"
    change = StandingChange(listing, "resume", "cause_gone", text)
    await sign(session, change, by=by, now=now)
    act = Record(Act.LISTING_RESUMED, subject_of(listing), by, {"document": proof.document})
    await record(session, act, now=now)
    await tell(session, notice_of(row, "resumed"), now=now)
    return row
