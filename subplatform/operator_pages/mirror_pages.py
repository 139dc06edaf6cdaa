"""The catalogue mirror: where the copy stands, what is wrong with it, cosigning, verify now."""

from typing import Any, Final

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.alarms.schemas import AlarmOut
from shared_platform.database.transaction import Now, Transaction
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import halves
from shared_schema.instants import Instant
from subplatform.catalogue_mirror.cosign import read_cosigning
from subplatform.catalogue_mirror.status import MirrorStatus, read_status
from subplatform.catalogue_mirror.verify import MirrorProof, verify_mirror
from subplatform.operator_pages.callers import DeskReader, ProvingReader
from subplatform.operator_pages.desk_pages import alarm_line
from subplatform.operator_pages.mirror_words import MIRROR_WORDS
from subplatform.operator_pages.problem_words import problem_in_words

router = APIRouter(include_in_schema=False)
MIRROR: Final = "/mirror"
MOST_ENTRIES: Final = 50_000
"""Above this a verification takes longer than a request may; the command line has no such end."""
_MINUTE: Final = 60


@router.get(MIRROR)
async def mirror_page(visit: DeskReader, session: Transaction, now: Now) -> Response:
    """How the copy stands."""
    return await _page(visit, session, now=now)


@router.post(MIRROR)
async def verify_now(visit: ProvingReader, now: Now) -> Response:
    """Prove the copy from its rows, and say what came of it."""
    state = visit.request.app.state
    anchor = state.read_anchor()
    async with state.sessions.begin() as session:
        status = await read_status(session, now=now)
        note, proof = "", None
        if anchor is None:
            note = visit.reader.says(MIRROR_WORDS["not_enrolled"])
        elif status.size > MOST_ENTRIES:
            note = visit.reader.says(MIRROR_WORDS["too_large"]).format(MOST_ENTRIES)
        else:
            proof = await verify_mirror(session, anchor)
        return await _page(visit, session, now=now, proof=proof, note=note)


async def _page(
    visit: Visit,
    session: AsyncSession,
    *,
    now: Instant,
    proof: MirrorProof | None = None,
    note: str = "",
) -> Response:
    status, reader = await read_status(session, now=now), visit.reader
    cosigning = await read_cosigning(session)
    facts: dict[str, Any] = {
        "status": status,
        "lag": _lag(status, reader),
        "failure": problem_in_words(status.failure, reader),
        "cosigning": cosigning,
        "cosigning_failure": problem_in_words(cosigning.failure, reader) if cosigning else None,
        "alarms": [alarm_line(AlarmOut.of(row), reader) for row in status.alarms],
        "proof": proof,
        "problems": [(code, reader.says(halves(text))) for code, text in proof.problems]
        if proof
        else [],
        "note": note,
    }
    template = "subplatform.operator_pages:mirror.html"
    return show_page(visit, template, facts, words=MIRROR_WORDS)


def _lag(status: MirrorStatus, reader: Reader) -> str:
    if not status.lag_entries:
        return reader.says(MIRROR_WORDS["level"])
    seconds = status.lag_seconds
    if seconds is None:
        since = reader.says(MIRROR_WORDS["not_known"])
    elif seconds < 2 * _MINUTE:
        since = reader.says(MIRROR_WORDS["seconds"]).format(seconds)
    else:
        since = reader.says(MIRROR_WORDS["minutes"]).format(seconds // _MINUTE)
    return reader.says(MIRROR_WORDS["lag_of"]).format(status.lag_entries, since)
