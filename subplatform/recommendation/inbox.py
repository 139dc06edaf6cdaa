"""Apply the hub's messages in order, each once; what a newer version may understand is kept.

Messages are stored as they came. The largest sequence number is the cursor; a gap ends a page, and
what follows it is read again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.alarms.alarms import Finding, raise_alarm
from shared_platform.alarms.codes import AlarmCode
from shared_platform.audit.trail import Record, record
from shared_schema.instants import Instant
from shared_schema.log_following import Vouched
from shared_schema.problem import ProblemType
from subplatform.accounts.notices import tell
from subplatform.audit.acts import Act
from subplatform.catalogue_mirror.forks import keep_fork
from subplatform.declarations.drafts import lock_declaration, subject_of
from subplatform.declarations.errors import DeclarationNotFound
from subplatform.declarations.notice_of import notice_of
from subplatform.declarations.states import Action, State, may, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.recommendation.erasures import erase_own
from subplatform.recommendation.errors import MessagesMalformed
from subplatform.recommendation.tables import HubMessageRow

HUB: Final = "hub"
_INBOX_LOCK: Final = 0x6B61_6978_7504  # "kaixu", 4
_VERDICTS: Final = {"returned": Action.RETURN, "rejected": Action.REJECT}
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)
Outcome = Literal["applied", "noted", "unknown"]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True)

    seq: Annotated[int, Field(strict=True, ge=1, lt=10**18)]
    kind: Annotated[str, Field(min_length=1, max_length=100)]
    at: Annotated[str, Field(max_length=40)] = ""
    body: dict[str, JsonValue] = {}


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True)

    messages: Annotated[list[_Message], Field(max_length=10_000)]


_NOT_LOGGED: Final[dict[str, JsonValue]] = {
    "code": "not_logged",
    "zh": "已通过审核，但日志不能登记，请更正或原样重新报送",
    "en": "approved, but the log cannot take it: correct it, or send it again as it is",
}


class _Decision(BaseModel):
    """A decision on one statement of ours; other members are kept unread."""

    model_config = ConfigDict(frozen=True)

    verdict: str
    listing: UUID
    version: int
    statement_hash: str
    reasons: list[dict[str, JsonValue]] = []


class _Discarded(BaseModel):
    """An approved entry that the hub will never put into the log."""

    model_config = ConfigDict(frozen=True)

    listing: UUID
    version: int
    offer: bool
    statement_hash: str | None
    code: str
    text: str | None = None


class _Recorded(BaseModel):
    """A change of a listing that was never public: there will be no entry in the log."""

    model_config = ConfigDict(frozen=True)

    listing: UUID
    version: int
    op: str


class _Erased(BaseModel):
    """One statement the hub erased; `logged`: an entry of the log says so."""

    model_config = ConfigDict(frozen=True)

    statement_hash: str
    logged: bool


class _Erasure(BaseModel):
    """What two people of the hub decided about statements of ours."""

    model_config = ConfigDict(frozen=True)

    verdict: str
    listing: UUID
    statements: list[_Erased] = []


class _Equivocation(BaseModel):
    """Two statements under one number or version of ours."""

    model_config = ConfigDict(frozen=True)

    oseq: int
    listing: UUID
    version: int | None = None


class _Fork(BaseModel):
    """Two checkpoints under the log's key: ours, and the hub's newest."""

    model_config = ConfigDict(frozen=True)

    size: int
    root: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    checkpoint: str
    hub_checkpoint: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """What a page came to. `has_gap`: a message was missing, so what followed was left out.

    `is_asked`: the hub waits for a cosignature of this node and will not hold a poll until then.
    """

    cursor: int
    applied: int
    noted: int
    unknown: int
    has_gap: bool
    is_asked: bool = False


async def read_cursor(session: AsyncSession) -> int:
    """The number of the last message that is stored; 0 before the first."""
    row = HubMessageRow
    return await session.scalar(select(func.max(row.seq)).where(row.replaced_at.is_(None))) or 0


async def apply_messages(session: AsyncSession, page: Mapping[str, Any], *, now: Instant) -> Inbox:
    """Apply a page of `GET /inbox`; messages that were applied before change nothing.

    Lets one transaction at a time read the inbox, and locks the declarations concerned.

    Raises:
        MessagesMalformed: the page is not in the protocol's form.
    """
    try:
        messages = _Page.model_validate(page).messages
    except ValidationError as malformed:
        raise MessagesMalformed("消息页格式不符 / the inbox page is malformed") from malformed
    await session.execute(select(func.pg_advisory_xact_lock(_INBOX_LOCK)))
    cursor = await read_cursor(session)
    outcomes: list[Outcome] = []
    for message in sorted(messages, key=lambda one: one.seq):
        if message.seq <= cursor:
            continue
        if message.seq != cursor + 1:
            _log.warning("inbox_gap", expected=cursor + 1, found=message.seq)
            return _inbox(cursor, outcomes, has_gap=True)
        outcomes.append(await _apply(session, message, now=now))
        cursor = message.seq
    return _inbox(cursor, outcomes, has_gap=False)


def _inbox(cursor: int, outcomes: list[Outcome], *, has_gap: bool) -> Inbox:
    return Inbox(
        cursor,
        outcomes.count("applied"),
        outcomes.count("noted"),
        outcomes.count("unknown"),
        has_gap,
    )


async def _apply(session: AsyncSession, message: _Message, *, now: Instant) -> Outcome:
    apply_it = _KINDS.get(message.kind)
    outcome: Outcome = "unknown"
    if apply_it is not None:
        try:
            outcome = await apply_it(session, message.body, now)
        except ValidationError:  # this version does not understand the body
            _log.warning("message_not_understood", seq=message.seq, kind=message.kind)
    session.add(
        HubMessageRow(
            seq=message.seq,
            kind=message.kind,
            at=message.at,
            body=message.body,
            listing=_listing(message.body),
            outcome=outcome,
            received_at=now,
        )
    )
    return outcome


async def _decision(session: AsyncSession, body: Mapping[str, JsonValue], now: Instant) -> Outcome:
    """A returned offer is corrected here, a rejected one has ended; public is what the log says."""
    decision = _Decision.model_validate(body)
    row = await _find(session, decision.listing)
    action = _VERDICTS.get(decision.verdict)
    facts = {"verdict": decision.verdict, "version": decision.version}
    act = Record(Act.DECISION_RECEIVED, subject_of(decision.listing), HUB, facts)
    await record(session, act, now=now)
    if row is None or action is None or not _is_about_the_last_offer(row, decision):
        return "noted"
    if not may(State(row.state), action):
        return "noted"
    if action is Action.RETURN and row.state == State.RECOMMENDED and _is_for_the_key(decision):
        row.needs_signature, row.updated_at = True, now
        return "applied"
    if action is Action.REJECT and row.serial is not None and row.state == State.RECOMMENDED:
        action = Action.RETURN  # the version before stands; giving it up is the holder's to say
    row.state = next_state(State(row.state), action)
    row.return_reasons = [dict(reason) for reason in decision.reasons]
    row.updated_at = now
    await tell(session, notice_of(row, decision.verdict), now=now)
    return "applied"


async def _discarded(session: AsyncSession, body: Mapping[str, JsonValue], now: Instant) -> Outcome:
    """An offer that was approved and will not be public is corrected here, or sent as it is."""
    said = _Discarded.model_validate(body)
    _log.warning("entry_discarded", listing=str(said.listing), code=said.code)
    row = await _find(session, said.listing)
    if row is None or not said.offer or not may(State(row.state), Action.RETURN):
        return "noted"
    if (row.version, row.last_statement_hash) != (said.version, said.statement_hash):
        return "noted"
    row.state = next_state(State(row.state), Action.RETURN)
    row.return_reasons = [_NOT_LOGGED | {"rule": said.code, "text": said.text}]
    row.updated_at = now
    await tell(session, notice_of(row, "returned"), now=now)
    return "applied"


def _is_for_the_key(decision: _Decision) -> bool:
    """Whether nothing but the key is wrong: `sign_again` does the rest."""
    codes = {reason.get("code") for reason in decision.reasons}
    return codes == {ProblemType.KEY_REVOKED.code}


def _is_about_the_last_offer(row: DeclarationRow, decision: _Decision) -> bool:
    said = (row.version, row.last_statement_hash)
    return said == (decision.version, decision.statement_hash)


async def _recorded(session: AsyncSession, body: Mapping[str, JsonValue], now: Instant) -> Outcome:
    """A withdrawal of what was never public is complete: no entry of the log will say so."""
    recorded = _Recorded.model_validate(body)
    row = await _find(session, recorded.listing)
    if row is None or recorded.op != "withdraw" or not may(State(row.state), Action.WITHDRAW):
        return "noted"
    row.state = next_state(State(row.state), Action.WITHDRAW)
    row.updated_at = now
    await tell(session, notice_of(row, "withdrawn"), now=now)
    return "applied"


async def _equivocation(
    session: AsyncSession, body: Mapping[str, JsonValue], now: Instant
) -> Outcome:
    """The hub holds two statements under one number of ours: a copied key or a restored node."""
    said = _Equivocation.model_validate(body)
    detail = (
        f"主平台收到同一序号 {said.oseq} 的两份声明（{said.listing} 第 {said.version} 版）"
        f" / two statements under oseq {said.oseq} or one version of the listing"
    )
    await raise_alarm(session, Finding(AlarmCode.OSEQ_CONFLICT, detail), now=now)
    return "noted"


async def _log_fork(session: AsyncSession, body: Mapping[str, JsonValue], now: Instant) -> Outcome:
    """The hub holds a checkpoint of ours that its log does not continue."""
    said = _Fork.model_validate(body)
    known = Vouched(said.checkpoint.encode(), said.size, bytes.fromhex(said.root))
    await keep_fork(session, known, said.hub_checkpoint.encode(), now=now)
    return "noted"


async def _erasure(session: AsyncSession, body: Mapping[str, JsonValue], now: Instant) -> Outcome:
    """What was never published goes by this message; what was, by the entries of the log."""
    erasure = _Erasure.model_validate(body)
    hashes = [one.statement_hash for one in erasure.statements if not one.logged]
    if erasure.verdict != "erased" or not hashes:
        return "noted"
    return "applied" if await erase_own(session, erasure.listing, hashes, now=now) else "noted"


async def _key_event(
    session: AsyncSession,  # noqa: ARG001  as the others
    body: Mapping[str, JsonValue],
    now: Instant,  # noqa: ARG001
) -> Outcome:
    """The hub has added or revoked a key of ours: whoever did not ask for it must know."""
    _log.warning(
        "key_event", **{name: body.get(name) for name in ("key_id", "use", "reason", "by")}
    )
    return "noted"


async def _held(
    session: AsyncSession,  # noqa: ARG001  as the others
    body: Mapping[str, JsonValue],
    now: Instant,  # noqa: ARG001
) -> Outcome:
    """The hub's people look at it; what they decide comes as another message."""
    _log.warning("entry_held", listing=body.get("listing"), code=body.get("code"))
    return "noted"


async def _noted(
    session: AsyncSession,  # noqa: ARG001  as the others
    body: Mapping[str, JsonValue],  # noqa: ARG001
    now: Instant,  # noqa: ARG001
) -> Outcome:
    """Nothing to change: the log says the same, with proof."""
    return "noted"


_KINDS: Final[
    dict[str, Callable[[AsyncSession, Mapping[str, JsonValue], Instant], Awaitable[Outcome]]]
] = {
    "decision": _decision,
    "entry_held": _held,
    "entry_discarded": _discarded,
    "recorded": _recorded,
    "equivocation": _equivocation,
    "key_added": _key_event,
    "key_revoked": _key_event,
    "log_fork": _log_fork,
    "sequenced": _noted,
    "withdrawn": _noted,
    "erasure": _erasure,
    "conflict_decided": _noted,
}


async def _find(session: AsyncSession, listing: UUID) -> DeclarationRow | None:
    try:
        return await lock_declaration(session, listing)
    except DeclarationNotFound:  # as on a node that was restored from an older backup
        return None


def _listing(body: Mapping[str, JsonValue]) -> UUID | None:
    named = body.get("listing")
    try:
        return UUID(named) if isinstance(named, str) else None
    except ValueError:
        return None
