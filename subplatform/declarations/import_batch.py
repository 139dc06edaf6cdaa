"""Store one batch of an import: a handful of statements, however many rows.

A row of the list meets its patent's live declaration, if there is one:

- equal content, or what the last import brought: unchanged, in whatever state;
- other content, nothing sent, nobody edited by hand: the declaration takes it;
- anything else: the row is refused and names the declaration. Nothing is overwritten silently;
- of another organisation than the import is for: refused, and nothing of it is told.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.finding import Finding
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.register_facts import RegisterFacts
from subplatform.declarations.content import content_columns
from subplatform.declarations.drafts import lock_creation
from subplatform.declarations.importing.report import Outcome
from subplatform.declarations.importing.row_problem import DraftRow, RowProblem, RowRefusal
from subplatform.declarations.judging import Circumstances, circumstances
from subplatform.declarations.states import Action, State, may, next_state
from subplatform.declarations.tables import DECLARATIONS, IS_LIVE
from subplatform.patent_register.snapshots import keep_snapshots

_KEY: Final = "key"


@dataclass(frozen=True, slots=True)
class BatchOrigin:
    """Which import brings the rows; `run` None: nothing is written. `number_column` as printed."""

    run: UUID | None
    file_name: str
    profile: str
    number_column: str
    organisation: UUID | None = None

    def source(self, row: int) -> dict[str, Any]:
        """Where a declaration came from."""
        return {"kind": "import", "file": self.file_name, "profile": self.profile, "row": row}


@dataclass(frozen=True, slots=True)
class StoredRow:
    """What became of one row: a draft with its findings, or a refusal."""

    read: DraftRow | RowRefusal
    outcome: Outcome
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Live:
    """The patent's live declaration, as far as an import asks."""

    listing: UUID
    state: State
    content_hash: str
    imported_hash: str | None
    report_demanded: bool
    row_version: int
    organisation: UUID | None

    def is_foreign(self, origin: BatchOrigin) -> bool:
        """Whether it belongs to others than those whom the import is for."""
        return origin.organisation is not None and origin.organisation != self.organisation


@dataclass(slots=True)
class _Plan:
    """What the batch will write."""

    stored: list[StoredRow] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)


async def store_batch(
    session: AsyncSession,
    batch: Sequence[DraftRow | RowRefusal],
    *,
    origin: BatchOrigin,
    facts: Mapping[str, RegisterFacts],
    now: Instant,
    ids: IdSource,
) -> list[StoredRow]:
    """Add, change or leave alone; the result has one member for each row, in their order.

    Locks the creation of declarations, then those that the rows meet. A patent stands at most once
    in `batch` (`read_drafts` sees to it).
    """
    numbers = numbers_of(batch)
    if origin.run is not None:
        await lock_creation(session)
    live = await _live(session, numbers, locked=origin.run is not None)
    around = await circumstances(session, numbers, facts=facts, now=now)
    listings = {n: live[n].listing if n in live else ids.new_id() for n in numbers}
    plan = await asyncio.to_thread(
        _plan, batch, origin, listings=listings, live=live, around=around
    )
    if origin.run is not None:
        await _write(session, plan)
        await keep_snapshots(session, facts, now=now)
    return plan.stored


def numbers_of(batch: Iterable[DraftRow | RowRefusal]) -> list[str]:
    """The application numbers of the drafts, sorted."""
    return sorted(
        read.declaration.patent.application_number for read in batch if isinstance(read, DraftRow)
    )


async def _live(session: AsyncSession, numbers: list[str], *, locked: bool) -> dict[str, _Live]:
    columns = DECLARATIONS.c
    wanted = (
        select(
            columns.application_number,
            columns.listing,
            columns.state,
            columns.content_hash,
            columns.imported_hash,
            columns.report_demanded,
            columns.row_version,
            columns.organisation_id,
        )
        .where(columns.application_number.in_(numbers), text(IS_LIVE))
        .order_by(columns.listing)
    )
    found = await session.execute(wanted.with_for_update() if locked else wanted)
    return {number: _Live(listing, State(state), *rest) for number, listing, state, *rest in found}


def _plan(
    batch: Sequence[DraftRow | RowRefusal],
    origin: BatchOrigin,
    *,
    listings: Mapping[str, UUID],
    live: Mapping[str, _Live],
    around: Circumstances,
) -> _Plan:
    plan = _Plan()
    for read in batch:
        if isinstance(read, RowRefusal):
            plan.stored.append(StoredRow(read, Outcome.REFUSED))
            continue
        number = read.declaration.patent.application_number
        _place(plan, read, origin, listing=listings[number], met=live.get(number), around=around)
    return plan


def _place(
    plan: _Plan,
    read: DraftRow,
    origin: BatchOrigin,
    *,
    listing: UUID,
    met: _Live | None,
    around: Circumstances,
) -> None:
    content = content_columns(read.declaration)
    is_foreign = met is not None and met.is_foreign(origin)
    outcome = Outcome.REFUSED if is_foreign else _outcome(met, content["content_hash"])
    if met is not None and outcome is Outcome.REFUSED:
        problem = (
            _declared_by_others(origin.number_column, content)
            if is_foreign
            else _refused(met, origin.number_column, content)
        )
        refusal = RowRefusal(read.row, (problem,), content["application_number"])
        plan.stored.append(StoredRow(refusal, outcome))
        return
    demanded = met.report_demanded if met is not None else False
    verdict = around.judge(read.declaration, listing, report_demanded=demanded)
    plan.stored.append(StoredRow(read, outcome, verdict.findings))
    if outcome is Outcome.UNCHANGED:
        return
    columns = content | verdict.columns()
    columns |= {
        "imported_hash": content["content_hash"],
        "import_id": origin.run,
        "source": origin.source(read.row),
        "updated_at": around.now,
    }
    if met is None:
        whose = {"organisation_id": origin.organisation}
        plan.added.append(columns | {"listing": listing, "created_at": around.now} | whose | _NEW)
    else:
        state = next_state(met.state, Action.REPLACE).value
        changed = {"state": state, "row_version": met.row_version + 1, _KEY: listing}
        plan.changed.append(columns | changed)


_NEW: Final[dict[str, Any]] = {
    "state": State.DRAFT.value,
    "version": 0,
    "extension": {},
    "report_demanded": False,
    "return_reasons": [],
    "row_version": 1,
}


def _outcome(met: _Live | None, brought: str) -> Outcome:
    if met is None:
        return Outcome.NEW
    if brought in {met.content_hash, met.imported_hash}:
        return Outcome.UNCHANGED
    is_untouched = met.imported_hash == met.content_hash
    return Outcome.UPDATED if is_untouched and may(met.state, Action.REPLACE) else Outcome.REFUSED


def _refused(met: _Live, column: str, content: Mapping[str, Any]) -> RowProblem:
    number = content["application_number"]
    if may(met.state, Action.REPLACE):
        code = "import.edited_here"
        message = (
            f"声明 {met.listing} 已在本平台手工修改，内容与本行不同"
            f" / declaration {met.listing} was edited here and differs from this row"
        )
        hint = (
            "在声明中改，或删除声明后再导入 / edit the declaration, or delete it and import again"
        )
    elif met.state is State.VERIFYING:
        code = "import.in_verification"
        message = (
            f"声明 {met.listing} 正在核验，内容与本行不同"
            f" / declaration {met.listing} is being verified and differs from this row"
        )
        hint = "核验结束后再导入 / import again after the verification"
    else:
        code = "import.already_sent"
        message = (
            f"声明 {met.listing} 已报送（{met.state.value}），条款不能修改"
            f" / declaration {met.listing} was sent ({met.state.value}); its terms cannot change"
        )
        hint = "先撤回，再重新声明 / withdraw it, then declare anew"
    return RowProblem(column, number, code, None, message, hint)


def _declared_by_others(column: str, content: Mapping[str, Any]) -> RowProblem:
    number = content["application_number"]
    message = (
        "该专利在本平台已由其他单位声明"
        " / the patent is declared at this node already, by another organisation"
    )
    hint = "请联系本平台经办人 / ask the operators of this node"
    return RowProblem(column, number, "import.other_organisation", None, message, hint)


async def _write(session: AsyncSession, plan: _Plan) -> None:
    if plan.added:
        await session.execute(insert(DECLARATIONS), plan.added)
    if plan.changed:
        names = [name for name in plan.changed[0] if name != _KEY]
        columns: dict[str, Any] = {name: bindparam(name) for name in names}
        await session.execute(
            update(DECLARATIONS).where(DECLARATIONS.c.listing == bindparam(_KEY)).values(columns),
            plan.changed,
        )
