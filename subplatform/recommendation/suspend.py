"""Suspend a published listing by hand; `subplatform.verification.resume` resumes it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_schema.instants import Instant, format_instant
from shared_schema.statement import ReasonCode
from shared_schema.text import PlainText
from subplatform.accounts.notices import tell
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import lock_declaration, subject_of
from subplatform.declarations.notice_of import notice_of
from subplatform.declarations.states import Action, State, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.recommendation.change_standing import state_change
from subplatform.recommendation.signing import Signer
from subplatform.verification.ports import StandingChange


@dataclass(frozen=True, slots=True)
class Suspension:
    """Why the listing may not be accepted for now; code and text become public."""

    code: ReasonCode
    text: PlainText


async def suspend(
    session: AsyncSession,
    listing: UUID,
    reason: Suspension,
    *,
    signer: Signer,
    by: str,
    now: Instant,
) -> DeclarationRow:
    """Suspend a published listing. Locks the declaration.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it is not published.
    """
    row = await lock_declaration(session, listing)
    row.state = next_state(State(row.state), Action.SUSPEND)
    # No codes of the register: nothing there must change before somebody resumes the listing.
    row.suspension = {
        "since": format_instant(now),
        "codes": [],
        "withdrawal_asked": False,
        "by_hand": {"code": reason.code, "text": reason.text},
    }
    change = StandingChange(listing, "suspend", reason.code, reason.text)
    await state_change(session, row, change, signer=signer, now=now)
    act = Record(Act.LISTING_SUSPENDED, subject_of(listing), by, {"causes": [reason.code]})
    await record(session, act, now=now)
    await tell(session, notice_of(row, "suspended"), now=now)
    return row
