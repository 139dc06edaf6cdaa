"""Compare with what the hub has, and send again what it lost (protocol §9, hourly).

Only the bytes that were sent before are sent again. What the hub holds in this node's name and this
node did not say is reported, never overwritten: under a number of this node it is equivocation (two
copies of one node, or a stolen key), under an unknown number the node was restored from a backup.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import ARRAY, BigInteger, func, literal, select, update
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
_LAST: Final = 10**18
_STRETCH: Final = 5_000
_SHOWN: Final = 100  # statements named in the condition
_Number = Annotated[int, Field(strict=True, ge=0, lt=_LAST)]
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
class _Page:
    """Everything the hub has of this node from `first` to `last`; `states` has nothing else."""

    form: _IntakeForm
    first: int
    last: int


@dataclass(slots=True)
class Reconciled:
    """What the comparison found.

    Attributes:
        contiguous_through: the hub has every number up to this one.
        gaps: ranges that the hub lacks, as it says.
        highest: the largest number the hub has.
        requeued: how many statements are sent again.
        foreign: numbers under which the hub has what this node knows nothing of.
        conflicting: numbers under which the hub has another statement than this node.
    """

    contiguous_through: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    highest: int = 0
    requeued: int = 0
    foreign: list[int] = field(default_factory=list)
    conflicting: list[int] = field(default_factory=list)


async def reconcile(
    sessions: async_sessionmaker[AsyncSession], hub: Intake, *, clock: Clock
) -> Reconciled:
    """Ask the hub what it has of this node; queue again what it lacks, note what is not ours.

    Page by page, each in a transaction of its own, so that neither memory nor locks grow with the
    number of statements. An interrupted comparison has done no harm.

    Raises:
        PeerAnsweredBadly: the answer is in another form.
        DomainError: no usable answer.
    """
    asked_at = clock.now()
    found = Reconciled()
    async for page in _pages(hub):
        async with sessions.begin() as session:
            await _compare(session, page, found, before=asked_at)
    async with sessions.begin() as session:
        await skip_oseqs(session, through=found.highest)
        await _note(session, found, now=clock.now())
    return found


async def _pages(hub: Intake) -> AsyncIterator[_Page]:
    """All pages in order; together they cover every number there can be.

    Raises:
        PeerAnsweredBadly: a page in another form, or one that does not go forward.
    """
    after = 0
    for _ in range(MAX_PAGES):
        form = _read(await hub.reconcile(after=after))
        numbers = [state.oseq for state in form.states]
        last = _LAST if form.next is None else form.next
        if last <= after or sorted({*numbers}) != numbers or not _within(numbers, after, last):
            raise PeerAnsweredBadly("the intake's pages do not go forward")
        yield _Page(form, after + 1, last)
        if form.next is None:
            return
        after = form.next
    raise PeerAnsweredBadly("the intake has too many pages")


def _within(numbers: list[int], after: int, last: int) -> bool:
    return not numbers or (numbers[0] > after and numbers[-1] <= last)


def _read(answer: Mapping[str, Any]) -> _IntakeForm:
    try:
        return _IntakeForm.model_validate(answer)
    except ValidationError as malformed:
        raise PeerAnsweredBadly("the intake's state in another form") from malformed


async def _compare(
    session: AsyncSession, page: _Page, found: Reconciled, *, before: Instant
) -> None:
    """Compare one page with the same stretch of the outbox, and queue again what is missing."""
    if page.first == 1:
        found.contiguous_through = page.form.contiguous_through
        found.gaps = tuple((low, high) for low, high in page.form.gaps if low <= high)
        found.highest = max([found.contiguous_through, *(high for _, high in found.gaps)])
    there = {state.oseq: state.statement_hash for state in page.form.states}
    found.highest = max([found.highest, *there])
    unknown = dict(there)
    async for own in _stretches(session, page):
        for oseq in own.keys() & there.keys():
            if unknown.pop(oseq) not in {None, own[oseq]}:
                found.conflicting.append(oseq)
        lacking = [oseq for oseq in own if oseq not in there]
        found.requeued += await _requeue(session, lacking, before=before)
    found.conflicting.sort()
    found.foreign += sorted(unknown)


async def _stretches(session: AsyncSession, page: _Page) -> AsyncIterator[dict[int, str]]:
    """Hashes by number of what the page may be about, so many at once; the last page is long."""
    row = OutboxMessageRow
    after = page.first - 1
    own: dict[int, str] = {}
    while not own or len(own) == _STRETCH:
        found = await session.execute(
            select(row.oseq, row.statement_hash)
            .where(row.oseq > after, row.oseq <= page.last)
            .order_by(row.oseq)
            .limit(_STRETCH)
        )
        own = dict(found.all())
        if not own:
            return
        yield own
        after = max(own)


async def _requeue(session: AsyncSession, lacking: list[int], *, before: Instant) -> int:
    """Queue what was receipted before the question and is not there any more.

    A dead letter that is not there either may be taken back, whatever became of earlier attempts.
    """
    if not lacking:
        return 0
    row = OutboxMessageRow
    these = literal(lacking, ARRAY(BigInteger))
    lost = await session.execute(
        update(row)
        .where(
            row.oseq == func.any(these),
            row.state == DeliveryState.SENT,
            row.sent_at < before,
            row.erased_at.is_(None),
        )
        .values(
            state=TRANSITIONS[DeliveryState.SENT, DeliveryAction.REQUEUE],
            next_attempt_at=before,
            is_unanswered=True,
        )
        .returning(row.oseq)
    )
    await session.execute(
        update(row)
        .where(
            row.oseq == func.any(these),
            row.state == DeliveryState.DEAD,
            row.created_at < before,
        )
        .values(is_unanswered=False)
    )
    count = len(lost.all())
    if count:
        await signal(session, OUTBOX_CHANNEL)
    return count


async def _note(session: AsyncSession, found: Reconciled, *, now: Instant) -> None:
    row = await lock_condition(session)
    row.reconciled_at, row.reconcile_wanted = now, False
    row.contiguous_through = found.contiguous_through
    row.gap_count = len(found.gaps)
    row.foreign_statements = found.foreign[:_SHOWN]
    row.conflicting_statements = found.conflicting[:_SHOWN]
    if found.requeued:
        _log.warning("outbox_requeued", statements=found.requeued)
    if found.foreign:
        _log.error("foreign_statements_at_hub", oseqs=found.foreign[:_SHOWN])
    if found.conflicting:
        _log.error("other_statements_at_hub", oseqs=found.conflicting[:_SHOWN])
