"""Deliver what is due: lease in one transaction, send in none, store the outcome in another.

A crash between any two of them is harmless: the lease runs out, the same bytes are sent again, and
the hub answers with the receipt it gave before (protocol §9).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.job_transaction import in_transaction
from shared_platform.failpoint import failpoint
from shared_platform.observability.request_id import request_id_is
from shared_schema.identities import IdSource
from shared_schema.instants import Clock, Instant
from shared_schema.signing_key import SigningKey
from shared_schema.statement import MAX_BATCH_STATEMENTS
from subplatform.outbox.condition import pause, read_condition, resume
from subplatform.outbox.lease import LEASE, Lease, lease_due, renew_lease
from subplatform.outbox.ports import Intake
from subplatform.outbox.retry import Jitter
from subplatform.outbox.send import Answers, send
from subplatform.outbox.settle import Settled, settle
from subplatform.outbox.verdict import Refused, Verdict

HEARTBEATS: Final = 3  # in the time of a lease
Sessions = async_sessionmaker[AsyncSession]
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """How to send: the hub, the circumstances, how many statements in one request.

    A lease is renewed three times in its length while the hub takes its time; what a killed process
    held is sent again when its lease has run out. `signed_by` gives the
    node's present key; what an earlier one signed is signed anew before it goes.
    """

    hub: Intake
    clock: Clock
    ids: IdSource
    jitter: Jitter
    batch: int = MAX_BATCH_STATEMENTS
    lease: timedelta = LEASE
    signed_by: Callable[[], SigningKey] | None = None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What one round did. `paused` is the code of what keeps everything back."""

    attempted: int = 0
    sent: int = 0
    postponed: int = 0
    dead: int = 0
    paused: str | None = None
    is_reconciliation_due: bool = False


async def deliver_due(sessions: Sessions, sending: Sending) -> DeliveryReport:
    """Deliver one batch, or one statement, that is due now; refusals are stored, not raised.

    Any number of processes may do this at once: of each listing, one version is on its way.
    """
    async with sessions.begin() as session:
        now = sending.clock.now()
        condition = await read_condition(session)
        if condition.paused is not None and condition.holds(now):
            return DeliveryReport(paused=str(condition.paused["code"]))
        key = None if sending.signed_by is None else sending.signed_by()
        lease = await lease_due(
            session,
            ids=sending.ids,
            now=now,
            limit=sending.batch,
            lasting=sending.lease,
            signed_by=key,
        )
    if lease is None:
        return DeliveryReport()
    failpoint("push.leased")
    with request_id_is(str(lease.id)):  # the hub's log lines of this delivery name it, too
        answers = await _send_while_renewing(sessions, sending, lease)
        _log.info("delivery_answered", **_summary(lease, answers))
    failpoint("push.answer_read")
    settled = await in_transaction(
        sessions, lambda session: _store(session, lease, answers, sending=sending)
    )
    held_back = _pausing(answers)
    _note(settled, held_back)
    return DeliveryReport(
        attempted=len(lease.statements),
        sent=settled.sent,
        postponed=settled.postponed,
        dead=settled.dead,
        paused=str(held_back.problem["code"]) if held_back else None,
        is_reconciliation_due=any(
            isinstance(one, Refused) and one.verdict is Verdict.GAP for one in answers.outcomes
        ),
    )


async def _store(
    session: AsyncSession, lease: Lease, answers: Answers, *, sending: Sending
) -> Settled:
    now: Instant = sending.clock.now()
    settled = await settle(session, lease, answers, ids=sending.ids, now=now, jitter=sending.jitter)
    held_back = _pausing(answers)
    if held_back is None:
        await resume(session, now=now)
    else:
        await pause(session, held_back, now=now, jitter=sending.jitter)
    return settled


def _pausing(answers: Answers) -> Refused | None:
    """The refusal that is about this node or its line to the hub, if there is one."""
    refusals = [one for one in answers.outcomes if isinstance(one, Refused)]
    return next((one for one in refusals if one.is_silence or one.verdict is Verdict.PAUSE), None)


def _summary(lease: Lease, answers: Answers) -> dict[str, Any]:
    numbers = [one.oseq for one in lease.statements]
    received = sum(not isinstance(one, Refused) for one in answers.outcomes)
    return {"first_oseq": min(numbers), "last_oseq": max(numbers), "received": received}


def _note(settled: Settled, held_back: Refused | None) -> None:
    if held_back is not None:
        _log.warning("outbox_paused", **_shown(held_back))
    if settled.dead:
        _log.warning("outbox_dead_letters", statements=settled.dead)


def _shown(refused: Refused) -> dict[str, Any]:
    return {"code": refused.problem["code"], "detail": refused.problem.get("detail")}


async def _send_while_renewing(sessions: Sessions, sending: Sending, lease: Lease) -> Answers:
    """Send, and renew the lease while the hub takes its time."""
    task = asyncio.create_task(send(sending.hub, lease))
    pause = sending.lease.total_seconds() / HEARTBEATS
    try:
        while not (await asyncio.wait({task}, timeout=pause))[0]:
            async with sessions.begin() as session:
                await renew_lease(session, lease, until=sending.clock.now() + sending.lease)
        return task.result()
    finally:
        task.cancel()
