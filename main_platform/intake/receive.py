"""Take statements in: screened before any lock, judged in order, stored in bulk, handed on.

One statement at fault harms only itself. Whatever the number of statements, the number of SQL
statements is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.intake.allowance import load_allowance
from main_platform.intake.counter import METERED, count_received
from main_platform.intake.equivocation import Contradiction, keep_equivocations
from main_platform.intake.errors import StatementUnfit
from main_platform.intake.judge import Verdict, judge
from main_platform.intake.known import Known, load_known
from main_platform.intake.locks import lock_patents
from main_platform.intake.ports import Desk, Received
from main_platform.intake.receipt import receipt_body
from main_platform.intake.screen import Screen, Screened, screen_all, without_revoked
from main_platform.intake.sender import find_sender, revoked_keys
from main_platform.intake.store import store_received
from main_platform.nodes.origin_lock import lock_origin
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.failpoint import failpoint, failpoint_after_commit
from shared_schema.identities import IdSource
from shared_schema.instants import Instant, legal_day, whole_second
from shared_schema.refusal import DomainError, FieldError
from shared_schema.statement import Statement

CREATED = 201
REPEATED = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one statement met: a receipt's exact bytes, or a refusal. `oseq` None: unreadable."""

    oseq: int | None
    status: int
    receipt: bytes | None = None
    refusal: DomainError | None = None


@dataclass(slots=True)
class _Judged:
    outcomes: list[Outcome] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)


async def receive(
    session: AsyncSession,
    raws: Sequence[bytes],
    *,
    origin: str,
    desk: Desk,
    ids: IdSource,
    now: Instant,
) -> list[Outcome]:
    """Accept what can be accepted of these envelopes; one outcome each, in their order.

    `origin` proved itself by the request's signature; the envelopes are untrusted. Accepted
    statements, their reviews or queue entries, quarantined ones and the audit record are in the
    session's transaction together. Locks the origin and the listings named.

    Raises:
        ScopeDenied: the node may not send licences at all.
    """
    sender = await find_sender(session, origin, now=now)
    screened = await screen_all(raws, Screen(sender, desk.profile, now))
    return await _accept(session, screened, origin=origin, desk=desk, ids=ids, now=now)


async def receive_one(
    session: AsyncSession,
    raw: bytes,
    *,
    oseq: int,
    origin: str,
    desk: Desk,
    ids_now: tuple[IdSource, Instant],
) -> Outcome:
    """As `receive`, for one envelope sent to the address of its sequence number.

    Raises:
        ScopeDenied: the node may not send licences at all.
    """
    ids, now = ids_now
    sender = await find_sender(session, origin, now=now)
    screened = await screen_all([raw], Screen(sender, desk.profile, now))
    signed = screened[0].signed
    if signed is not None and signed.statement.oseq != oseq:
        refusal = _other_address(oseq)
        return Outcome(oseq, refusal.problem.value.status, refusal=refusal)
    (outcome,) = await _accept(session, screened, origin=origin, desk=desk, ids=ids, now=now)
    return outcome


async def _accept(
    session: AsyncSession,
    screened: Sequence[Screened],
    *,
    origin: str,
    desk: Desk,
    ids: IdSource,
    now: Instant,
) -> list[Outcome]:
    failpoint("push.hub_claimed")
    said = [one.signed.statement for one in screened if one.signed is not None]
    changes = [one.subject.application_number for one in said if one.op != "offer"]
    await lock_patents(session, changes)
    await lock_origin(session, origin)
    screened = without_revoked(screened, await revoked_keys(session, origin))
    known = await load_known(session, said, origin=origin, today=legal_day(now))
    metered = any(one.op in METERED for one in said)
    known.allowance = await load_allowance(session, origin, desk=desk, metered=metered, now=now)
    judged = _judge_all(screened, known, ids=ids, now=now)
    await _store(session, judged, known=known, desk=desk, now=now)
    return judged.outcomes


def _judge_all(
    screened: Sequence[Screened], known: Known, *, ids: IdSource, now: Instant
) -> _Judged:
    judged = _Judged()
    for one in screened:
        verdict = judge(one, known)
        if verdict.repeated is not None:
            kept = verdict.repeated
            judged.outcomes.append(Outcome(kept.oseq, REPEATED, kept.receipt))
        elif verdict.refusal is not None:
            _refuse(judged, one, verdict)
        else:
            received = _received(one, ids=ids, now=now)
            known.note(received)
            judged.received.append(received)
            judged.outcomes.append(Outcome(received.statement.oseq, CREATED, received.receipt))
    return judged


def _refuse(judged: _Judged, screened: Screened, verdict: Verdict) -> None:
    assert verdict.refusal is not None
    signed = screened.signed
    if verdict.contradicted is not None and signed is not None:
        judged.contradictions.append(Contradiction(signed, verdict.contradicted))
    oseq = None if signed is None else signed.statement.oseq
    status = verdict.refusal.problem.value.status
    judged.outcomes.append(Outcome(oseq, status, refusal=verdict.refusal))


def _received(screened: Screened, *, ids: IdSource, now: Instant) -> Received:
    assert screened.signed is not None  # only a readable statement gets a good verdict
    at = whole_second(now)
    return Received(
        id=ids.new_id(),
        signed=screened.signed,
        declaration=screened.declaration,
        findings=screened.findings,
        unchecked=screened.unchecked,
        at=at,
        receipt=receipt_body(screened.signed, at),
    )


async def _store(
    session: AsyncSession, judged: _Judged, *, known: Known, desk: Desk, now: Instant
) -> None:
    offers = [one for one in judged.received if one.declaration is not None]
    changes = [one for one in judged.received if one.declaration is None]
    await keep_equivocations(session, judged.contradictions, now=now)
    await store_received(session, judged.received, known)
    await count_received(session, known.origin, judged.received, now=now)
    await desk.ports.open_reviews(session, offers, now)
    await desk.ports.queue_lane(session, changes, now)
    if judged.received:
        await record(session, _audited(judged, known.origin), now=now)
    failpoint("push.hub_stored")
    failpoint_after_commit(session, "push.hub_committed")


def _audited(judged: _Judged, origin: str) -> Record:
    said: list[Statement] = [one.statement for one in judged.received]
    facts = {
        "accepted": len(said),
        "refused": sum(one.refusal is not None for one in judged.outcomes),
        "first_oseq": min(one.oseq for one in said),
        "last_oseq": max(one.oseq for one in said),
    }
    return Record(Act.STATEMENTS_RECEIVED, Subject("node", origin), origin, facts)


def _other_address(oseq: int) -> StatementUnfit:
    message = f"声明的序号不是地址中的 {oseq} / the statement is not number {oseq}"
    return StatementUnfit(message, [FieldError("/oseq", "oseq.address", message, "protocol §5")])
