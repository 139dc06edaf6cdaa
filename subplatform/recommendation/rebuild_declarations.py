"""Declarations made anew from own statements, the hub's messages and the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.tables import catalogue_listing
from shared_schema.catalogue_state import ListingState
from shared_schema.declaration import Declaration
from shared_schema.instants import Instant, format_instant, legal_day
from shared_schema.statement import SignedStatement, declaration_of, read_statement
from subplatform.declarations.content import content_columns
from subplatform.declarations.drafts import lock_creation
from subplatform.declarations.judging import circumstances
from subplatform.declarations.states import ENDED, State
from subplatform.declarations.tables import DECLARATIONS, IS_LIVE
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.tables import OutboxMessageRow
from subplatform.patent_register.snapshots import kept_facts
from subplatform.recommendation.inbox import HUB
from subplatform.recommendation.tables import HubMessageRow

REBUILT: Final = "rebuilt"
_LISTED: Final = {ListingState.PUBLISHED: State.PUBLISHED, ListingState.SUSPENDED: State.SUSPENDED}
_VERDICTS: Final = {"returned": State.CORRECTION, "rejected": State.REFUSED}


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many listings were looked at, and what became of them.

    `without_content`: every offer was erased; the statements are there, a declaration is not.
    `declared_anew`: another live declaration of the same patent is here already.
    """

    seen: int = 0
    made: int = 0
    without_content: int = 0
    declared_anew: int = 0

    def plus(self, other: "Rebuilt") -> "Rebuilt":
        """Both together."""
        return Rebuilt(
            self.seen + other.seen,
            self.made + other.made,
            self.without_content + other.without_content,
            self.declared_anew + other.declared_anew,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides a declaration's state.

    `verdict` and `recorded` are the hub's messages about the last statement, `listed` the state of
    the listing in the catalogue where its entry is not older than that statement.
    """

    op: str
    verdict: str | None = None
    recorded: bool = False
    listed: ListingState | None = None
    withdrawn: bool = False
    ended: bool = False


def state_of(standing: Standing) -> State:
    """The state in which a declaration stands, as the lifecycle would have led there."""
    if standing.withdrawn or (standing.op == "withdraw" and standing.recorded):
        return State.WITHDRAWN
    if standing.op == "withdraw":
        return State.WITHDRAWAL_REQUESTED
    state = _offered(standing)
    is_public = state in {State.PUBLISHED, State.SUSPENDED}
    return State.EXPIRED if is_public and standing.ended else state


def _offered(standing: Standing) -> State:
    if standing.listed is not None:
        return _LISTED[standing.listed]
    if standing.op == "suspend":
        return State.SUSPENDED
    if standing.op == "resume":
        return State.PUBLISHED
    return _VERDICTS.get(standing.verdict or "", State.RECOMMENDED)


async def rebuild_declarations(
    session: AsyncSession, *, after: UUID, limit: int, now: Instant
) -> tuple[Rebuilt, UUID | None]:
    """Make the declarations of the next `limit` listings; where to go on, None at the end.

    Locks the creation of declarations. One that is there already is left as it is.
    """
    await lock_creation(session)
    outbox = OutboxMessageRow
    page = (
        select(outbox.listing)
        .where(outbox.listing > after)
        .group_by(outbox.listing)
        .order_by(outbox.listing)
        .limit(limit)
    )
    listings = list((await session.scalars(page)).all())
    if not listings:
        return Rebuilt(), None
    found = select(DECLARATIONS.c.listing).where(DECLARATIONS.c.listing.in_(listings))
    here = set((await session.scalars(found)).all())
    wanted = [listing for listing in listings if listing not in here]
    made = await _make(session, wanted, now=now) if wanted else Rebuilt()
    return made.plus(Rebuilt(seen=len(listings))), listings[-1]


async def _make(session: AsyncSession, listings: Sequence[UUID], *, now: Instant) -> Rebuilt:
    chains = await _chains(session, listings)
    messages = await _messages(session, listings)
    listed = await _listed(session, listings)
    offers = {listing: offer for listing in chains if (offer := _last_offer(chains[listing]))}
    numbers = [offer.patent.application_number for offer in offers.values()]
    facts = await kept_facts(session, numbers)
    around = await circumstances(session, numbers, facts=facts, now=now)
    live = await _live_numbers(session, numbers)
    made = anew = 0
    for listing, offer in offers.items():
        columns = _columns(
            chains[listing], offer, messages.get(listing, []), listed=listed.get(listing), now=now
        )
        number = offer.patent.application_number
        if State(columns["state"]) not in ENDED:
            if number in live:
                anew += 1
                continue
            live.add(number)
        columns |= content_columns(offer) | around.judge(offer, listing).columns()
        await session.execute(insert(DECLARATIONS).values(listing=listing, **columns))
        made += 1
    return Rebuilt(made=made, without_content=len(chains) - len(offers), declared_anew=anew)


async def _chains(
    session: AsyncSession, listings: Sequence[UUID]
) -> dict[UUID, list[OutboxMessageRow]]:
    outbox = OutboxMessageRow
    found = await session.scalars(
        select(outbox)
        .where(outbox.listing.in_(listings), outbox.state == DeliveryState.SENT)
        .order_by(outbox.listing, outbox.version)
    )
    chains: dict[UUID, list[OutboxMessageRow]] = {}
    for row in found:
        chains.setdefault(row.listing, []).append(row)
    return chains


async def _messages(
    session: AsyncSession, listings: Sequence[UUID]
) -> dict[UUID, list[HubMessageRow]]:
    found = await session.scalars(
        select(HubMessageRow)
        .where(HubMessageRow.listing.in_(listings), HubMessageRow.replaced_at.is_(None))
        .order_by(HubMessageRow.seq)
    )
    messages: dict[UUID, list[HubMessageRow]] = {}
    for row in found:
        if row.listing is not None:
            messages.setdefault(row.listing, []).append(row)
    return messages


async def _listed(
    session: AsyncSession, listings: Sequence[UUID]
) -> Mapping[UUID, Row[*tuple[Any, ...]]]:
    columns = catalogue_listing.c
    found = await session.execute(
        select(
            columns.listing, columns.state, columns.version, columns.serial, columns.reason_code
        ).where(columns.listing.in_(listings))
    )
    return {row.listing: row for row in found}


async def _live_numbers(session: AsyncSession, numbers: Sequence[str]) -> set[str]:
    columns = DECLARATIONS.c
    found = select(columns.application_number).where(
        columns.application_number.in_(numbers), text(IS_LIVE)
    )
    return set((await session.scalars(found)).all())


def _last_offer(chain: Sequence[OutboxMessageRow]) -> Declaration | None:
    """The content of the newest offer that was not erased."""
    for row in reversed(chain):
        if row.op == "offer" and row.envelope:
            return declaration_of(read_statement(row.envelope).statement)
    return None


def _columns(
    chain: Sequence[OutboxMessageRow],
    offer: Declaration,
    messages: Sequence[HubMessageRow],
    *,
    listed: Row[*tuple[Any, ...]] | None,
    now: Instant,
) -> dict[str, Any]:
    last = chain[-1]
    decisions = [
        one.body
        for one in messages
        if one.kind == "decision" and one.body.get("statement_hash") == last.statement_hash
    ]
    decision = decisions[-1] if decisions else {}
    is_current = listed is not None and listed.version >= last.version
    standing = Standing(
        op=last.op,
        verdict=decision.get("verdict"),
        recorded=any(
            one.kind == "recorded" and one.body.get("op") == "withdraw" for one in messages
        ),
        listed=_public(listed) if is_current else None,
        withdrawn=listed is not None and listed.state == ListingState.WITHDRAWN,
        ended=offer.period.end < legal_day(now),
    )
    state = state_of(standing)
    is_judged = state in {State.CORRECTION, State.REFUSED}
    return {
        "state": state,
        "version": last.version,
        "last_oseq": last.oseq,
        "last_statement_hash": last.statement_hash,
        "serial": None if listed is None else listed.serial,
        "extension": {},
        "source": {"kind": REBUILT},
        "report_demanded": False,
        "return_reasons": decision.get("reasons", []) if is_judged else [],
        "suspension": _suspension(last, listed, now) if state is State.SUSPENDED else None,
        "row_version": 1,
        "created_at": chain[0].created_at,
        "updated_at": now,
    }


def _public(listed: Row[*tuple[Any, ...]] | None) -> ListingState | None:
    state = None if listed is None else ListingState(listed.state)
    return None if state is ListingState.WITHDRAWN else state


def _suspension(
    last: OutboxMessageRow, listed: Row[*tuple[Any, ...]] | None, now: Instant
) -> dict[str, Any]:
    """By hand where this node said so: it stays suspended until a person resumes it."""
    since = {"since": format_instant(now), "withdrawal_asked": False}
    signed: SignedStatement | None = read_statement(last.envelope) if last.envelope else None
    reason = signed.statement.reason if signed is not None and last.op == "suspend" else None
    if reason is None:
        code = (listed.reason_code if listed is not None else None) or HUB
        return since | {"codes": [code], "by": HUB}
    return since | {"codes": [], "by_hand": {"code": reason.code, "text": reason.text or ""}}
