"""What a revoked key signed and the log does not hold: it goes back, and no reader ever sees it.

Received before the key was suspect, an offer is returned to its node with the code `key_revoked`;
the node signs it again, as its next version, with the key it has now. Received since then, it is
put back to the examiner with a finding, and a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.catalogue.tables import HeldEntryRow
from main_platform.intake.locks import among
from main_platform.intake.tables import SubmissionRow
from main_platform.nodes.errors import KeyNotFound
from main_platform.nodes.tables import NodeKeyRow
from main_platform.review.approve import REVIEW
from main_platform.review.bench import Bench, Case, open_bench
from main_platform.review.decide import Ruling, note_decisions, turn_down
from main_platform.review.lane import settle_withdrawn
from main_platform.review.reason_codes import Reason
from main_platform.review.states import OPEN, ReviewAction, ReviewState, next_state
from main_platform.review.tables import ReviewRow
from shared_platform.audit.trail import SERVICE, Record, Subject, record
from shared_platform.catalogue.tables import catalogue_listing
from shared_schema.entry_check import QuarantineCode
from shared_schema.finding import Finding, Severity
from shared_schema.instants import Instant, format_instant

KEY_REVOKED: Final = "key_revoked"
KEY_SUSPECT: Final = "KEY-SUSPECT"
PAGE: Final = 200
_PUT_BACK: Final = frozenset({ReviewState.CLAIMED, ReviewState.SECOND_REVIEW, ReviewState.APPROVED})


async def settle_key(session: AsyncSession, key_id: str, now: Instant) -> int:
    """Deal with one page of what the key signed; 0 when nothing is left that could be dealt with.

    Locks patents, listings and reviews, as a decision does. An approved offer whose entry still
    waits in the queue stays: the sequencer either publishes it before the revocation or holds it.
    """
    key = await session.get_one(NodeKeyRow, key_id)
    held = await _held(session, key)
    wanted = [*held, *await _open(session, key, limit=PAGE - len(held))]
    if not wanted:
        return 0
    bench = await open_bench(session, wanted, by=SERVICE, now=now)
    cases = [
        one
        for one in bench.cases.values()
        if one.row.state in OPEN or (one.row.state == ReviewState.APPROVED and one.row.id in held)
    ]
    undone = [one for one in cases if one.row.state == ReviewState.APPROVED]
    await _undo(session, undone, held)
    suspect = await _suspect(session, key, cases)
    _put_back([one for one in cases if one.row.id in suspect], key)
    await _return([one for one in cases if one.row.id not in suspect], bench, session)
    if undone:
        await settle_withdrawn(session, {one.row.application_number for one in undone}, now=now)
    act = Record(
        Act.KEY_SETTLED,
        Subject("node", key.node),
        SERVICE,
        {"key_id": key_id, "returned": len(cases) - len(suspect), "suspect": len(suspect)},
    )
    await record(session, act, now=now)
    return len(cases)


async def is_settled(session: AsyncSession, key_id: str) -> bool:
    """Whether nothing that the key signed is on its way into the log any more."""
    key = await session.get_one(NodeKeyRow, key_id)
    waiting = (
        select(ReviewRow.id)
        .join(SubmissionRow, SubmissionRow.id == ReviewRow.id)
        .where(
            ReviewRow.origin == key.node,
            ReviewRow.state == ReviewState.APPROVED,
            SubmissionRow.key_id == key_id,
        )
        .limit(1)
    )
    return await session.scalar(waiting) is None


@dataclass(frozen=True, slots=True)
class SuspectListing:
    """A version in the log that was received under a revoked key since that key is suspect."""

    listing: UUID
    application_number: str
    version: int
    serial: int
    state: str
    received_at: Instant


async def suspect_listings(
    session: AsyncSession, key_id: str, *, after: int, limit: int
) -> list[SuspectListing]:
    """A page of what people must look at, after serial `after`; nothing is withdrawn by itself.

    Raises:
        KeyNotFound: no node has such a key.
    """
    key = await session.get(NodeKeyRow, key_id)
    if key is None:
        raise KeyNotFound(detail=f"没有密钥 {key_id} / no node has such a key")
    if key.suspect_from is None:
        return []
    row = catalogue_listing.c
    found = await session.execute(
        select(
            row.listing,
            row.application_number,
            row.version,
            row.serial,
            row.state,
            SubmissionRow.received_at,
        )
        .join(
            SubmissionRow,
            (SubmissionRow.listing == row.listing) & (SubmissionRow.version == row.version),
        )
        .where(
            row.origin == key.node,
            SubmissionRow.key_id == key_id,
            SubmissionRow.received_at >= key.suspect_from,
            row.serial > after,
        )
        .order_by(row.serial)
        .limit(limit)
    )
    return [SuspectListing(*one) for one in found]


async def _held(session: AsyncSession, key: NodeKeyRow) -> dict[UUID, int]:
    """Reviews whose entries the sequencer held since the key was revoked before them, with ids."""
    held = HeldEntryRow
    found = await session.execute(
        select(held.id, held.subject)
        .where(held.code == QuarantineCode.KEY_REVOKED, held.subject_kind == REVIEW)
        .order_by(held.id)
        .limit(PAGE)
    )
    by_review = {UUID(subject): id_ for id_, subject in found}
    own = await session.scalars(
        select(SubmissionRow.id).where(
            among(SubmissionRow.id, by_review), SubmissionRow.key_id == key.key_id
        )
    )
    return {review: by_review[review] for review in own}


async def _open(session: AsyncSession, key: NodeKeyRow, *, limit: int) -> Sequence[UUID]:
    """Open reviews of what the key signed that were not put back before."""
    found = await session.scalars(
        select(ReviewRow.id)
        .join(SubmissionRow, SubmissionRow.id == ReviewRow.id)
        .where(
            ReviewRow.origin == key.node,
            ReviewRow.state.in_(sorted(OPEN)),
            SubmissionRow.key_id == key.key_id,
            ~ReviewRow.finding_codes.contains([KEY_SUSPECT]),
        )
        .order_by(ReviewRow.id)
        .limit(max(limit, 0))
    )
    return found.all()


async def _undo(session: AsyncSession, cases: Sequence[Case], held: dict[UUID, int]) -> None:
    """Take approvals back whose entries were held; the listing is what the log says of it."""
    if not cases:
        return
    ids = [held[one.row.id] for one in cases]
    await session.execute(delete(HeldEntryRow).where(among(HeldEntryRow.id, ids)))
    row = catalogue_listing.c
    found = await session.execute(
        select(row.listing, row.version).where(
            among(row.listing, [one.row.listing for one in cases])
        )
    )
    public = {listing: version for listing, version in found}  # noqa: C416 - rows, not pairs
    for one in cases:
        one.row.standing = one.row.primary_listing = one.row.decided_at = None
        one.listing.offered_version = public.get(one.row.listing)


async def _suspect(session: AsyncSession, key: NodeKeyRow, cases: Sequence[Case]) -> set[UUID]:
    if key.suspect_from is None:
        return set()
    found = await session.scalars(
        select(SubmissionRow.id).where(
            among(SubmissionRow.id, [one.row.id for one in cases]),
            SubmissionRow.received_at >= key.suspect_from,
        )
    )
    return set(found)


def _put_back(cases: Sequence[Case], key: NodeKeyRow) -> None:
    """To the examiner, unclaimed, with a finding; a conflict that holds one goes on holding it."""
    if not cases:
        return
    finding = _finding(key)
    for one in cases:
        row = one.row
        if row.state in _PUT_BACK:
            row.state = next_state(ReviewState(row.state), ReviewAction.PUT_BACK)
        row.claimed_by = row.claimed_at = row.first_approver = row.resolution = None
        row.second_approver = None
        row.findings = [*row.findings, finding]
        row.finding_codes = sorted({*row.finding_codes, KEY_SUSPECT})
        row.high_risk = True


async def _return(cases: Sequence[Case], bench: Bench, session: AsyncSession) -> None:
    for one in cases:
        row = one.row
        if row.state in _PUT_BACK:
            row.state = next_state(ReviewState(row.state), ReviewAction.PUT_BACK)
        if row.state == ReviewState.WAITING:
            row.state = next_state(ReviewState.WAITING, ReviewAction.CLAIM)
            row.claimed_by, row.claimed_at = SERVICE, bench.now
    ruling = Ruling("return", (Reason(KEY_REVOKED),))
    if cases:
        await turn_down(session, cases, ruling=ruling, bench=bench)
    await note_decisions(session, cases, ruling=ruling, bench=bench)


def _finding(key: NodeKeyRow) -> dict[str, Any]:
    assert key.suspect_from is not None  # only such are put back
    since = format_instant(key.suspect_from)
    return Finding(
        code=KEY_SUSPECT,
        severity=Severity.WARNING,
        pointer="",
        message_zh=f"签名密钥已吊销，{since} 以后收到的声明可疑。",
        message_en=f"Its key was revoked; what came since {since} is suspect.",
        hint_zh="与节点核实后退回（由节点重新签名）或驳回。",
        hint_en="Ask the node; return it to be signed again, or reject it.",
        source="protocol §3",
        facts={"key_id": key.key_id},
    ).to_json()
