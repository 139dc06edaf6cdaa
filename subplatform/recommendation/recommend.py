"""Recommend verified declarations to the hub: sign each as the next version of its listing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_schema.instants import Instant, legal_day
from shared_schema.refusal import FieldError
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import subject_of
from subplatform.declarations.states import Action, State, may, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.recommendation.errors import NotRecommendable
from subplatform.recommendation.signing import Said, Signer, state_next

PAGE: Final = 2_000  # declarations in one transaction
PILOT_PROFILES: Final = frozenset({"pilot-gd-2022"})
"""Profiles under which somebody may answer for rules that no register reading could check."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which declarations: those named, or all verified ones after `after`.

    With `accepts_unchecked` the person answers for the rules that nobody could check (pilot only).
    """

    listings: tuple[UUID, ...] | None = None
    accepts_unchecked: bool = False
    after: UUID | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Recommended:
    """One signed offer on its way."""

    listing: UUID
    application_number: str
    oseq: int
    version: int
    statement_hash: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What was signed, what was not and why; `next` goes on with all verified ones, or None."""

    recommended: tuple[Recommended, ...]
    refused: tuple[FieldError, ...]
    next: UUID | None


async def recommend(
    session: AsyncSession, wanted: Wanted, *, signer: Signer, by: str, now: Instant
) -> Recommendation:
    """Sign and queue what may go; each declaration stands or falls alone.

    Locks the declarations and the node's statement counter. What blocks one of many is told in
    `refused`; naming only such ones is refused as a whole.

    Raises:
        NotRecommendable: declarations were named, and none of them may go.
    """
    rows = await _lock(session, wanted)
    today = legal_day(now)
    obstacles = {row.listing: _obstacle(row, wanted, today) for row in rows}
    going = [row for row in rows if obstacles[row.listing] is None]
    refused = [found for found in obstacles.values() if found is not None]
    refused += _unknown(wanted, rows)
    if wanted.listings is not None and refused and not going:
        raise NotRecommendable("没有可推荐的声明 / nothing may be recommended", refused)
    sent = await _send(session, going, signer=signer, by=by, now=now)
    is_full = wanted.listings is None and len(rows) == wanted.limit
    return Recommendation(tuple(sent), tuple(refused), rows[-1].listing if is_full else None)


async def _lock(session: AsyncSession, wanted: Wanted) -> Sequence[DeclarationRow]:
    """The declarations in the order of their ids, locked."""
    query = select(DeclarationRow).order_by(DeclarationRow.listing)
    if wanted.listings is not None:
        query = query.where(DeclarationRow.listing.in_(wanted.listings))
    else:
        query = query.where(DeclarationRow.state == State.VERIFIED).limit(wanted.limit)
        if wanted.after is not None:
            query = query.where(DeclarationRow.listing > wanted.after)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(locked)).scalars().all()


def _obstacle(row: DeclarationRow, wanted: Wanted, today: date) -> FieldError | None:
    """The first reason why this declaration may not go."""
    if not may(State(row.state), Action.RECOMMEND):
        message = f"状态为 {row.state}，须先核验通过 / {row.state}: it must be verified first"
        return _refused(row.listing, "state", message)
    if row.is_blocked:
        codes = "、".join(row.finding_codes)
        message = f"有未更正的问题：{codes} / findings forbid it: {codes}"
        return _refused(row.listing, "blocked", message)
    if row.period_end < today:
        message = f"许可期限已于 {row.period_end} 届满 / the period ended on {row.period_end}"
        return _refused(row.listing, "ended", message)
    if row.unchecked_rules and not _is_answered_for(row, wanted):
        codes = "、".join(row.unchecked_rules)
        message = (
            f"未核查：{codes}；请配置登记簿文件，试点规则集下也可由操作员负责（--accept-unchecked）"
            f" / not checked: {codes}; set a register file, or answer for them in the pilot"
        )
        return _refused(row.listing, "unchecked", message)
    return None


def _is_answered_for(row: DeclarationRow, wanted: Wanted) -> bool:
    return wanted.accepts_unchecked and row.profile in PILOT_PROFILES


def _unknown(wanted: Wanted, rows: Sequence[DeclarationRow]) -> list[FieldError]:
    known = {row.listing for row in rows}
    message = "没有这个声明 / there is no such declaration"
    return [
        _refused(listing, "not_found", message)
        for listing in dict.fromkeys(wanted.listings or ())
        if listing not in known
    ]


def _refused(listing: UUID, code: str, message: str) -> FieldError:
    return FieldError(f"/listings/{listing}", f"recommendation.{code}", message)


async def _send(
    session: AsyncSession,
    rows: Sequence[DeclarationRow],
    *,
    signer: Signer,
    by: str,
    now: Instant,
) -> list[Recommended]:
    if not rows:
        return []
    offers = [(row, Said("offer", body=row.body)) for row in rows]
    signed = await state_next(session, offers, signer=signer, now=now)
    acts: list[Record] = []
    for row, one in zip(rows, signed, strict=True):
        row.state = next_state(State(row.state), Action.RECOMMEND)
        row.return_reasons = []
        facts = {
            "oseq": one.statement.oseq,
            "version": one.statement.version,
            "statement_hash": one.payload_hash,
            "accepted_unchecked": row.unchecked_rules,
        }
        acts.append(Record(Act.DECLARATIONS_RECOMMENDED, subject_of(row.listing), by, facts))
    await record(session, *acts, now=now)
    return [
        Recommended(
            row.listing,
            row.application_number,
            one.statement.oseq,
            one.statement.version,
            one.payload_hash,
        )
        for row, one in zip(rows, signed, strict=True)
    ]
