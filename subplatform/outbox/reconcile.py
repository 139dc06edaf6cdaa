"""Compare with what the hub has, and send again what it lost (protocol §9, hourly).

Only the bytes that were sent before are sent again. What the hub holds in this node's name and this
node did not say is reported: a stolen key, or a node that was restored from a backup.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.signals import signal
from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_schema.instants import Clock, Instant
from subplatform.outbox.condition import lock_condition
from subplatform.outbox.counter import skip_oseqs
from subplatform.outbox.enqueue import OUTBOX_CHANNEL
from subplatform.outbox.ports import Intake
from subplatform.outbox.states import TRANSITIONS, DeliveryAction, DeliveryState
from subplatform.outbox.tables import OutboxMessageRow

MAX_PAGES: Final = 10_000
_SHOWN: Final = 100  # foreign statements named in the condition
_Number = Annotated[int, Field(strict=True, ge=0, lt=10**18)]
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class _StateForm(BaseModel):
    model_config = ConfigDict(frozen=True)

    oseq: _Number
    statement_hash: str | None = Field(default=None, max_length=200)


class _IntakeForm(BaseModel):
    """The hub's answer; `gaps` are inclusive ranges below the highest number it has."""

    model_config = ConfigDict(frozen=True)

    contiguous_through: _Number
    gaps: Annotated[list[tuple[_Number, _Number]], Field(max_length=100_000)] = []
    states: Annotated[list[_StateForm], Field(max_length=100_000)] = []
    next: _Number | None = None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What the comparison found. `requeued` and `foreign` are counts of statements."""

    contiguous_through: int
    gaps: tuple[tuple[int, int], ...]
    highest: int
    requeued: int
    foreign: tuple[int, ...]


async def reconcile(
    sessions: async_sessionmaker[AsyncSession], hub: Intake, *, clock: Clock
) -> Reconciled:
    """Ask the hub what it has of this node; queue again what it lacks, note what is foreign.

    Raises:
        PeerAnsweredBadly: the answer is in another form.
        DomainError: no usable answer.
    """
    asked_at = clock.now()
    first, states = await _ask(hub)
    highest = max((state.oseq for state in states), default=first.contiguous_through)
    gaps = tuple((low, high) for low, high in first.gaps if low <= high)
    async with sessions.begin() as session:
        foreign = await _foreign(session, states)
        requeued = await _requeue(session, gaps, highest=highest, before=asked_at)
        await skip_oseqs(session, through=highest)
        found = Reconciled(first.contiguous_through, gaps, highest, requeued, foreign)
        await _note(session, found, now=clock.now())
    return found


async def _ask(hub: Intake) -> tuple[_IntakeForm, list[_StateForm]]:
    """All pages: the first one's summary, and the states of all.

    Raises:
        PeerAnsweredBadly: a page in another form, or one that does not go forward.
    """
    first = page = _read(await hub.reconcile(after=0))
    states = list(page.states)
    after = 0
    for _ in range(MAX_PAGES):
        if page.next is None:
            return first, states
        if page.next <= after:
            raise PeerAnsweredBadly("the intake's pages do not go forward")
        after = page.next
        page = _read(await hub.reconcile(after=after))
        states += page.states
    raise PeerAnsweredBadly("the intake has too many pages")


def _read(answer: Mapping[str, Any]) -> _IntakeForm:
    try:
        return _IntakeForm.model_validate(answer)
    except ValidationError as malformed:
        raise PeerAnsweredBadly("the intake's state in another form") from malformed


async def _foreign(session: AsyncSession, states: list[_StateForm]) -> tuple[int, ...]:
    """The numbers under which the hub holds what this node never said."""
    own = await session.execute(select(OutboxMessageRow.oseq, OutboxMessageRow.statement_hash))
    said = dict(own.all())
    return tuple(
        state.oseq
        for state in states
        if state.oseq not in said
        or (state.statement_hash is not None and state.statement_hash != said[state.oseq])
    )


async def _requeue(
    session: AsyncSession,
    gaps: tuple[tuple[int, int], ...],
    *,
    highest: int,
    before: Instant,
) -> int:
    """Queue what was receipted before the question and is not there any more.

    A dead letter that is not there either may be taken back, whatever became of earlier attempts.
    """
    row = OutboxMessageRow
    lacks: ColumnElement[bool] = or_(
        row.oseq > highest, *(and_(row.oseq >= low, row.oseq <= high) for low, high in gaps)
    )
    lost = await session.execute(
        update(row)
        .where(row.state == DeliveryState.SENT, row.sent_at < before, lacks)
        .values(
            state=TRANSITIONS[DeliveryState.SENT, DeliveryAction.REQUEUE],
            next_attempt_at=before,
            is_unanswered=True,
        )
        .returning(row.oseq)
    )
    await session.execute(
        update(row)
        .where(row.state == DeliveryState.DEAD, row.created_at < before, lacks)
        .values(is_unanswered=False)
    )
    count = len(lost.all())
    if count:
        await signal(session, OUTBOX_CHANNEL)
    return count


async def _note(session: AsyncSession, found: Reconciled, *, now: Instant) -> None:
    row = await lock_condition(session)
    row.reconciled_at = now
    row.contiguous_through = found.contiguous_through
    row.gap_count = len(found.gaps)
    row.foreign_statements = list(found.foreign[:_SHOWN])
    if found.requeued:
        _log.warning("outbox_requeued", statements=found.requeued)
    if found.foreign:
        _log.error("foreign_statements_at_hub", oseqs=list(found.foreign[:_SHOWN]))
