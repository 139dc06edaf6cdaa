"""The delivery loop of a process: woken by commits, by due times, and by the hour."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from shared_platform.database.signals import Signals
from shared_schema.instants import Instant
from shared_schema.refusal import DomainError
from subplatform.outbox.condition import read_condition, want_reconciliation
from subplatform.outbox.deliver import DeliveryReport, Sending, Sessions, deliver_due
from subplatform.outbox.enqueue import OUTBOX_CHANNEL
from subplatform.outbox.lease import next_due
from subplatform.outbox.reconcile import reconcile

RECONCILE_EVERY: Final = timedelta(hours=1)
LONGEST_WAIT_SECONDS: Final = 30.0
SHORTEST_WAIT_SECONDS: Final = 0.05
TROUBLE_SECONDS: Final = 5.0  # the database is away
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


async def run_outbox(sessions: Sessions, sending: Sending, signals: Signals) -> None:
    """Deliver and reconcile until cancelled. Any number of processes may do so at once.

    Each process compares with the hub once when it starts: hub or node may have been restored
    meanwhile.
    """
    async with sessions.begin() as session:
        await want_reconciliation(session)
    while True:
        try:
            await _round(sessions, sending, signals)
        except (SQLAlchemyError, OSError) as error:
            _log.warning("outbox_interrupted", error=type(error).__name__)
            await asyncio.sleep(TROUBLE_SECONDS)


async def _round(sessions: Sessions, sending: Sending, signals: Signals) -> None:
    async with signals.awaiting(OUTBOX_CHANNEL) as awaited:
        report = await _work(sessions, sending)
        if not report.attempted:
            await awaited.wait(await _seconds_to_wait(sessions, sending))
            await asyncio.sleep(SHORTEST_WAIT_SECONDS)  # commits in a burst wake once


async def _work(sessions: Sessions, sending: Sending) -> DeliveryReport:
    report = await deliver_due(sessions, sending)
    is_idle = report.paused is None and not report.attempted
    is_due = is_idle and await _is_comparison_due(sessions, sending.clock.now())
    if is_due or report.is_reconciliation_due:
        try:
            await reconcile(sessions, sending.hub, clock=sending.clock)
        except DomainError as refusal:
            _log.warning("reconciliation_failed", code=refusal.problem.code, detail=refusal.detail)
    return report


async def _is_comparison_due(sessions: Sessions, now: Instant) -> bool:
    async with sessions() as session:
        condition = await read_condition(session)
    last = condition.reconciled_at
    return condition.reconcile_wanted or last is None or now - last >= RECONCILE_EVERY


async def _seconds_to_wait(sessions: Sessions, sending: Sending) -> float:
    async with sessions() as session:
        condition = await read_condition(session)
        due = await next_due(session)
    now = sending.clock.now()
    if condition.probe_at is not None and due is not None:
        due = max(due, condition.probe_at)
    seconds = LONGEST_WAIT_SECONDS if due is None else (due - now).total_seconds()
    return min(max(seconds, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)
