"""Compare what was sent with the register, and stop what must not be accepted (plan, part 2(2)).

A published listing with a cause is suspended at once; its holder is asked to withdraw it where the
cause is for good. A recommended one, which nobody can accept yet, is withdrawn. Suspended listings
are looked at again; when no cause is left, `resume.py` may resume them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_platform.database.job_transaction import in_transaction
from shared_schema.declaration import Declaration
from shared_schema.instants import Instant, format_instant, legal_day
from shared_schema.register_facts import RegisterFacts
from subplatform.accounts.notices import tell
from subplatform.audit.acts import Act
from subplatform.declarations.desk import Desk, Progress
from subplatform.declarations.drafts import subject_of
from subplatform.declarations.notice_of import notice_of
from subplatform.declarations.states import Action, State, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.patent_register.snapshots import keep_snapshots
from subplatform.verification.causes import FOR_GOOD, Cause, CauseCode, causes
from subplatform.verification.ports import SignChange, StandingChange

PAGE: Final = 500
SENT: Final = (State.RECOMMENDED, State.PUBLISHED, State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Stopped:
    """A listing that was suspended or withdrawn, with the codes of its causes."""

    listing: UUID
    application_number: str
    codes: tuple[str, ...]


@dataclass(slots=True)
class RecheckSummary:
    """What a recheck found. `unknown`: patents of which the register said nothing."""

    checked: int = 0
    unknown: int = 0
    suspended: list[Stopped] = field(default_factory=list)
    withdrawn: list[Stopped] = field(default_factory=list)
    still_suspended: list[Stopped] = field(default_factory=list)
    resumable: list[UUID] = field(default_factory=list)


async def recheck_sent(
    desk: Desk, *, sign: SignChange, by: str, on_progress: Progress | None = None
) -> RecheckSummary:
    """Look at every recommended, published and suspended listing.

    Raises:
        RegisterFileRefused: the node's register file is wrong; pages before it stay.
    """
    summary = RecheckSummary()
    after: UUID | None = None
    while page := await _page(desk, after):
        facts = await desk.register.facts([number for _, number in page])
        wanted = [listing for listing, _ in page]
        recheck = _Recheck(sign, by, desk.clock.now(), facts)
        found = await in_transaction(desk.sessions, partial(recheck.page, wanted=wanted))
        _add(summary, found)
        after = wanted[-1]
        if on_progress is not None:
            on_progress(summary.checked, None)
    return summary


async def _page(desk: Desk, after: UUID | None) -> list[tuple[UUID, str]]:
    wanted = select(DeclarationRow.listing, DeclarationRow.application_number).where(
        DeclarationRow.state.in_(SENT)
    )
    if after is not None:
        wanted = wanted.where(DeclarationRow.listing > after)
    async with desk.sessions() as session:
        found = await session.execute(wanted.order_by(DeclarationRow.listing).limit(PAGE))
    return [(row.listing, row.application_number) for row in found]


def _add(summary: RecheckSummary, page: RecheckSummary) -> None:
    summary.checked += page.checked
    summary.unknown += page.unknown
    summary.suspended += page.suspended
    summary.withdrawn += page.withdrawn
    summary.still_suspended += page.still_suspended
    summary.resumable += page.resumable


@dataclass(frozen=True, slots=True)
class _Recheck:
    """The circumstances of one page."""

    sign: SignChange
    by: str
    now: Instant
    facts: Mapping[str, RegisterFacts]

    async def page(self, session: AsyncSession, *, wanted: Sequence[UUID]) -> RecheckSummary:
        """Look at one page under lock; a fresh summary, since the transaction may be repeated."""
        found = RecheckSummary()
        rows = await session.scalars(
            select(DeclarationRow)
            .where(DeclarationRow.listing.in_(wanted), DeclarationRow.state.in_(SENT))
            .order_by(DeclarationRow.listing)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        for row, present in await asyncio.to_thread(self._look, rows.all()):
            found.checked += 1
            if present is None:
                found.unknown += 1
                continue
            facts = self.facts[row.application_number]
            row.status_as_of, row.status_source = facts.as_of, facts.source
            await self._act(session, row, present=present, found=found)
        await keep_snapshots(session, self.facts, now=self.now)
        return found

    def _look(
        self, rows: Sequence[DeclarationRow]
    ) -> list[tuple[DeclarationRow, tuple[Cause, ...] | None]]:
        today = legal_day(self.now)
        looked: list[tuple[DeclarationRow, tuple[Cause, ...] | None]] = []
        for row in rows:
            facts = self.facts.get(row.application_number)
            declaration = Declaration.model_validate(row.body)
            looked.append((row, causes(declaration, facts, today=today) if facts else None))
        return looked

    async def _act(
        self,
        session: AsyncSession,
        row: DeclarationRow,
        *,
        present: tuple[Cause, ...],
        found: RecheckSummary,
    ) -> None:
        stopped = Stopped(row.listing, row.application_number, tuple(c.code for c in present))
        if row.state == State.SUSPENDED:
            self._note(row, present)
            if present:
                found.still_suspended.append(stopped)
            else:
                found.resumable.append(row.listing)
        elif present and row.state == State.PUBLISHED:
            self._note(row, present)
            await self._stop(session, row, present, action=Action.SUSPEND)
            found.suspended.append(stopped)
        elif present:
            await self._stop(session, row, present, action=Action.REQUEST_WITHDRAWAL)
            found.withdrawn.append(stopped)

    def _note(self, row: DeclarationRow, present: tuple[Cause, ...]) -> None:
        """Write down the causes of today; the day of the suspension stays."""
        before: dict[str, Any] = row.suspension or {"since": format_instant(self.now)}
        asked = before.get("withdrawal_asked", False) or any(c.code in FOR_GOOD for c in present)
        row.suspension = before | {
            "codes": [cause.code.value for cause in present],
            "withdrawal_asked": asked,
        }

    async def _stop(
        self,
        session: AsyncSession,
        row: DeclarationRow,
        present: tuple[Cause, ...],
        *,
        action: Action,
    ) -> None:
        row.state = next_state(State(row.state), action)
        row.updated_at = self.now
        first = _gravest(present)
        operation: Any = "suspend" if action is Action.SUSPEND else "withdraw"
        change = StandingChange(row.listing, operation, first.code.value, first.text)
        await self.sign(session, change, by=self.by, now=self.now)
        act = Act.LISTING_SUSPENDED if action is Action.SUSPEND else Act.LISTING_WITHDRAWN
        codes = [cause.code.value for cause in present]
        stop = Record(act, subject_of(row.listing), self.by, {"causes": codes})
        await record(session, stop, now=self.now)
        kind = "suspended" if action is Action.SUSPEND else "withdrawn"
        await tell(session, notice_of(row, kind), now=self.now)


def _gravest(present: tuple[Cause, ...]) -> Cause:
    order = list(CauseCode)
    return min(present, key=lambda cause: order.index(cause.code))
