"""Check declarations in bulk: register readings, rules, findings; then verified or correction.

Running it again over the same facts moves nothing. The register is asked between transactions;
content and state are read under lock afterwards, so an edit meanwhile is judged, not lost.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, func, not_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_platform.database.job_transaction import in_transaction
from shared_schema.declaration import Declaration
from shared_schema.instants import Instant
from shared_schema.register_facts import RegisterFacts
from subplatform.accounts.notices import tell
from subplatform.audit.acts import Act
from subplatform.declarations.desk import Desk, Progress
from subplatform.declarations.drafts import subject_of
from subplatform.declarations.judging import Circumstances, Verdict, circumstances
from subplatform.declarations.notice_of import notice_of
from subplatform.declarations.states import CHECKABLE, WITH_THE_HOLDER, Action, State, next_state
from subplatform.declarations.tables import DECLARATIONS, DeclarationRow
from subplatform.patent_register.snapshots import keep_snapshots

PAGE: Final = 500
_KEY: Final = "key"
_COLUMNS: Final = DECLARATIONS.c
_COMPARED: Final = (
    "findings",
    "finding_codes",
    "is_blocked",
    "unchecked_rules",
    "status_as_of",
    "status_source",
)


@dataclass(slots=True)
class CheckSummary:
    """What a check found.

    Attributes:
        checked: Declarations judged.
        verified: Of those, without an error.
        correction: Of those, with one.
        moved: Declarations whose state changed.
        unknown_patents: Patents of which the register said nothing.
        findings: Declarations by rule and severity.
        unchecked: Declarations by rule that nobody could check.
    """

    checked: int = 0
    verified: int = 0
    correction: int = 0
    moved: int = 0
    unknown_patents: int = 0
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)

    def add(self, judged: "Sequence[_Judged]") -> None:
        """Count one page."""
        for one in judged:
            self.checked += 1
            self.correction += one.verdict.is_blocked
            self.verified += not one.verdict.is_blocked
            self.moved += one.is_moved
            self.unknown_patents += one.verdict.register is None
            self.findings.update({(f.code, f.severity.value) for f in one.verdict.findings})
            self.unchecked.update(one.verdict.unchecked)


@dataclass(frozen=True, slots=True)
class _Judged:
    row: Row[Any]
    verdict: Verdict

    @property
    def state(self) -> State:
        action = Action.OBJECT if self.verdict.is_blocked else Action.PASS
        return next_state(State(self.row.state), action)

    @property
    def is_moved(self) -> bool:
        return State(self.row.state) is not self.state

    def columns(self) -> dict[str, Any] | None:
        """What to store; None where all but the time of the check stands there already."""
        columns = self.verdict.columns()
        mapping = self.row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
        if not self.is_moved and all(mapping[name] == columns[name] for name in _COMPARED):
            return None
        return columns | {"state": self.state.value, _KEY: self.row.listing}


async def check_drafts(
    desk: Desk,
    listings: Sequence[UUID] | None = None,
    *,
    by: str,
    on_progress: Progress | None = None,
) -> CheckSummary:
    """Check those declarations, or all, that were not sent yet; others are left alone.

    So are those that a verifier wants corrected, since no rule answers for what a person asked, and
    those that an organisation has not handed in: what it writes is its own until then.

    Raises:
        RegisterFileRefused: the node's register file is wrong; pages before it stay.
        ProfileUnknown: a declaration names a profile of another version.
    """
    summary = CheckSummary()
    total = await _count(desk, listings) if on_progress else None
    after: UUID | None = None
    while page := await _page(desk, listings, after):
        facts = await desk.register.facts([number for _, number in page])
        wanted = [listing for listing, _ in page]
        work = partial(_check_page, wanted=wanted, facts=facts, now=desk.clock.now(), by=by)
        summary.add(await in_transaction(desk.sessions, work))
        after = wanted[-1]
        if on_progress is not None:
            on_progress(summary.checked, total)
    return summary


async def _count(desk: Desk, listings: Sequence[UUID] | None) -> int:
    async with desk.sessions() as session:
        wanted = select(func.count()).where(*_selected(listings))
        return await session.scalar(wanted) or 0


async def _page(
    desk: Desk, listings: Sequence[UUID] | None, after: UUID | None
) -> list[tuple[UUID, str]]:
    wanted = select(_COLUMNS.listing, _COLUMNS.application_number).where(*_selected(listings))
    if after is not None:
        wanted = wanted.where(_COLUMNS.listing > after)
    async with desk.sessions() as session:
        found = await session.execute(wanted.order_by(_COLUMNS.listing).limit(PAGE))
    return [(row.listing, row.application_number) for row in found]


def _selected(listings: Sequence[UUID] | None) -> list[Any]:
    with_its_holder = _COLUMNS.organisation_id.is_not(None) & _COLUMNS.state.in_(WITH_THE_HOLDER)
    chosen = [
        _COLUMNS.state.in_(CHECKABLE),
        _COLUMNS.correction_due.is_(None),
        not_(with_its_holder),
    ]
    return chosen if listings is None else [*chosen, _COLUMNS.listing.in_(listings)]


async def _check_page(
    session: AsyncSession,
    *,
    wanted: Sequence[UUID],
    facts: Mapping[str, RegisterFacts],
    now: Instant,
    by: str,
) -> list[_Judged]:
    """Judge one page under lock and store what changed, in six statements at most."""
    names = ("listing", "application_number", "state", "body", "report_demanded", *_COMPARED)
    found = await session.execute(
        select(*(_COLUMNS[name] for name in names))
        .where(*_selected(wanted))
        .order_by(_COLUMNS.listing)
        .with_for_update()
    )
    rows = found.all()
    numbers = [row.application_number for row in rows]
    around = await circumstances(session, numbers, facts=facts, now=now)
    judged = await asyncio.to_thread(_judge, rows, around)
    await _store(session, judged, now=now)
    await keep_snapshots(session, facts, now=now)
    moves = [
        Record(
            Act.DECLARATIONS_CHECKED,
            subject_of(one.row.listing),
            by,
            {"from": one.row.state, "to": one.state.value},
        )
        for one in judged
        if one.is_moved
    ]
    await record(session, *moves, now=now)
    await _tell_of_corrections(session, judged, now=now)
    return judged


async def _tell_of_corrections(
    session: AsyncSession, judged: Sequence[_Judged], *, now: Instant
) -> None:
    """Tell organisations whose submitted declarations the rules gave back."""
    handed_in = {State.SUBMITTED, State.VERIFYING}
    given_back = [
        one.row.listing
        for one in judged
        if one.state is State.CORRECTION and State(one.row.state) in handed_in
    ]
    if given_back:
        theirs = DeclarationRow.listing.in_(given_back) & DeclarationRow.organisation_id.is_not(
            None
        )
        rows = await session.scalars(select(DeclarationRow).where(theirs))
        await tell(session, *(notice_of(row, "correction") for row in rows), now=now)


def _judge(rows: Sequence[Row[Any]], around: Circumstances) -> list[_Judged]:
    judged = []
    for row in rows:
        declaration = Declaration.model_validate(row.body)
        verdict = around.judge(declaration, row.listing, report_demanded=row.report_demanded)
        judged.append(_Judged(row, verdict))
    return judged


async def _store(session: AsyncSession, judged: Sequence[_Judged], *, now: Instant) -> None:
    changed, same = [], []
    for one in judged:
        columns = one.columns()
        if columns is None:
            same.append(one.row.listing)
        else:
            changed.append(columns)
    if same:
        await session.execute(
            update(DECLARATIONS).where(_COLUMNS.listing.in_(same)).values(checked_at=now)
        )
    if changed:
        values: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != _KEY}
        await session.execute(
            update(DECLARATIONS).where(_COLUMNS.listing == bindparam(_KEY)).values(values), changed
        )
