"""Store what came of an attempt: receipts, the next attempt, dead letters, the pause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from subplatform.outbox.lease import Lease, Leased
from subplatform.outbox.retry import Jitter, next_attempt
from subplatform.outbox.send import Answers, Received
from subplatform.outbox.states import TRANSITIONS, DeliveryAction, DeliveryState
from subplatform.outbox.tables import IntakeReceiptRow
from subplatform.outbox.verdict import GAP_ATTEMPTS, Refused, Verdict

# Repeating a statement is harmless under any key; one that no answer ever comes to goes alone.
_DISSOLVED_AFTER: Final = 4
_SETTLE: Final = text("""
UPDATE outbox_message AS message
   SET state = row.state,
       failures = row.failures,
       is_alone = row.is_alone,
       is_unanswered = row.is_unanswered,
       next_attempt_at = row.next_attempt_at,
       lease_id = NULL,
       lease_until = NULL,
       batch_key = CASE WHEN row.keeps_batch THEN message.batch_key END,
       batch_position = CASE WHEN row.keeps_batch THEN message.batch_position END,
       last_problem = row.problem,
       receipt = row.receipt,
       receipt_id = CAST(row.receipt_id AS uuid),
       sent_at = row.sent_at
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
       oseq bigint, state text, failures bigint, is_alone boolean, is_unanswered boolean,
       next_attempt_at timestamptz, keeps_batch boolean, problem jsonb, receipt jsonb,
       receipt_id text, sent_at timestamptz)
 WHERE message.oseq = row.oseq AND message.lease_id = :lease AND message.state = 'leased'
RETURNING message.oseq
""")


@dataclass(frozen=True, slots=True)
class Settled:
    """How many statements of a lease ended how."""

    sent: int = 0
    postponed: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class _Circumstances:
    now: Instant
    jitter: Jitter
    receipt_id: UUID | None
    dissolves: bool


async def settle(
    session: AsyncSession,
    lease: Lease,
    answers: Answers,
    *,
    ids: IdSource,
    now: Instant,
    jitter: Jitter,
) -> Settled:
    """Store the outcome of every statement of a lease that is still held.

    After the lease has run out somebody else may have taken it over; then nothing is stored, and
    the hub answers the other one with the same receipts.
    """
    receipt_id = await _keep_receipt(session, answers, ids=ids, now=now)
    around = _Circumstances(now, jitter, receipt_id, _dissolves(lease))
    rows = {
        one.oseq: _row(one, outcome, around)
        for one, outcome in zip(lease.statements, answers.outcomes, strict=True)
    }
    given = {"rows": orjson.dumps(list(rows.values())).decode(), "lease": lease.id}
    stored = (await session.execute(_SETTLE, given)).scalars().all()
    states = [rows[oseq]["state"] for oseq in stored]
    return Settled(
        sent=states.count(DeliveryState.SENT),
        postponed=states.count(DeliveryState.WAITING),
        dead=states.count(DeliveryState.DEAD),
    )


def _dissolves(lease: Lease) -> bool:
    """Whether a batch without an answer is given up: as a whole, for it is repeated as a whole."""
    return max(one.failures for one in lease.statements) + 1 >= _DISSOLVED_AFTER


async def _keep_receipt(
    session: AsyncSession, answers: Answers, *, ids: IdSource, now: Instant
) -> UUID | None:
    if answers.stored is None or not any(isinstance(one, Received) for one in answers.outcomes):
        return None
    receipt_id = ids.new_id()
    await session.execute(
        insert(IntakeReceiptRow).values(id=receipt_id, stored=answers.stored, received_at=now)
    )
    return receipt_id


def _row(leased: Leased, outcome: Received | Refused, around: _Circumstances) -> dict[str, Any]:
    """The columns of one settled statement."""
    if isinstance(outcome, Received):
        return _sent(leased, outcome.receipt, around)
    verdict = outcome.verdict
    if verdict is Verdict.GAP:
        hopeful = leased.version > 1 and leased.attempts <= GAP_ATTEMPTS
        verdict = Verdict.RETRY if hopeful else Verdict.DEAD
    failures = leased.failures + outcome.counts
    is_dead = verdict is Verdict.DEAD
    action = DeliveryAction.REFUSE if is_dead else DeliveryAction.POSTPONE
    is_lost = verdict is Verdict.UNANSWERED
    keeps_batch = is_lost and not around.dissolves
    again = next_attempt(
        max(failures, 1),
        now=around.now,
        jitter=around.jitter,
        retry_after_s=outcome.retry_after_s,
    )
    return {
        "oseq": leased.oseq,
        "state": TRANSITIONS[DeliveryState.LEASED, action],
        "failures": failures,
        "is_alone": verdict is Verdict.ALONE or (is_lost and not keeps_batch),
        "is_unanswered": leased.is_unanswered or is_lost,
        "next_attempt_at": again.isoformat(),
        "keeps_batch": keeps_batch,
        "problem": dict(outcome.problem),
    }


def _sent(leased: Leased, receipt: Mapping[str, Any], around: _Circumstances) -> dict[str, Any]:
    return {
        "oseq": leased.oseq,
        "state": TRANSITIONS[DeliveryState.LEASED, DeliveryAction.ACCEPT],
        "failures": 0,
        "is_alone": False,
        "is_unanswered": False,
        "next_attempt_at": around.now.isoformat(),
        "keeps_batch": False,
        "receipt": dict(receipt),
        "receipt_id": str(around.receipt_id),
        "sent_at": around.now.isoformat(),
    }
