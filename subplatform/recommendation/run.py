"""The inbox loop of a process: a long poll at the hub, then the proofs that are still missing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.job_transaction import in_transaction
from shared_platform.database.signals import Signals
from shared_platform.failpoint import failpoint
from shared_schema.instants import Clock, Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from subplatform.outbox.condition import resume
from subplatform.recommendation.agreement import find_agreement, identity_at, set_aside
from subplatform.recommendation.inbox import Inbox, apply_messages, read_cursor
from subplatform.recommendation.proofs import collect_proofs
from subplatform.recommendation.sign_again import sign_again
from subplatform.recommendation.signing import Signer

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0  # two of them are shorter than a hub's grace
SHORTEST_PAUSE_SECONDS: Final = 0.05
OUTBOX_CHANNEL: Final = "kaixu_outbox"  # something was recommended: look at once
Sessions = async_sessionmaker[AsyncSession]
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class DecidingHub(Protocol):
    """What decisions and proofs come from; `subplatform.hub_client.hub.Hub` is it."""

    async def inbox(self, *, after: int, wait_seconds: int, last: str | None = None) -> Any:  # noqa: ANN401  untrusted JSON
        """Messages after `after`, held by the hub until there is one; whether it knows `last`."""
        ...

    async def inclusion_proof(self, serial: int, *, size: int) -> bytes:
        """The bare proof of one entry."""
        ...


@dataclass(frozen=True, slots=True)
class Following:
    """What this node follows at the hub, as whom, and how long one poll may wait.

    `signer` signs again what the hub returned for a revoked key; `on_asked` is called when the hub
    wants a cosignature of this node.
    """

    hub: DecidingHub
    node: str
    clock: Clock
    wait_seconds: float = 25
    signer: Signer | None = None
    on_asked: Callable[[], None] | None = None


async def run_inbox(sessions: Sessions, following: Following, signals: Signals) -> None:
    """Read the inbox and collect proofs until cancelled."""
    pause, waits = FIRST_PAUSE_SECONDS, 0
    while True:
        async with signals.awaiting(OUTBOX_CHANNEL) as awaited:
            asked = await _round(sessions, following, wait_seconds=waits)
            if asked is None:
                pause, waits = FIRST_PAUSE_SECONDS, int(following.wait_seconds)
                continue
            await awaited.wait(max(pause, asked))
            await asyncio.sleep(SHORTEST_PAUSE_SECONDS)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def read_inbox(sessions: Sessions, following: Following, *, wait_seconds: int = 0) -> Inbox:
    """One poll, applied. A hub that answers is a hub that can be delivered to.

    Raises:
        DomainError: no usable answer.
    """
    async with sessions() as session:
        after = await read_cursor(session)
        last = await identity_at(session, after)
    page = await following.hub.inbox(after=after, wait_seconds=wait_seconds, last=last)
    now = following.clock.now()
    if page.get("agrees", True) is not True:
        return await _read_again(sessions, following, cursor=after, now=now)
    failpoint("approve.notice_read")

    async def work(session: AsyncSession) -> Inbox:
        await resume(session, now=now, only=ProblemType.HUB_UNREACHABLE.code)
        inbox = await apply_messages(session, page, now=now)
        failpoint("approve.notice_stored")
        return inbox

    inbox = await in_transaction(sessions, work)
    signer = following.signer
    if signer is not None:
        await in_transaction(sessions, lambda session: sign_again(session, signer=signer, now=now))
    if page.get("cosignature_wanted") is not True or following.on_asked is None:
        return inbox
    following.on_asked()
    return replace(inbox, is_asked=True)


async def _read_again(
    sessions: Sessions, following: Following, *, cursor: int, now: Instant
) -> Inbox:
    """The hub was restored: go back to the last message that both have, and read on from there."""
    agreed = await find_agreement(sessions, following.hub, cursor=cursor)

    async def work(session: AsyncSession) -> None:
        await set_aside(session, after=agreed, now=now)

    await in_transaction(sessions, work)
    return await read_inbox(sessions, following)


async def _round(sessions: Sessions, following: Following, *, wait_seconds: int) -> int | None:
    """One poll and the proofs; when that failed the seconds to wait (0: as usual), else None."""
    try:
        inbox = await read_inbox(sessions, following, wait_seconds=wait_seconds)
        await collect_proofs(
            sessions,
            lambda serial, size: following.hub.inclusion_proof(serial, size=size),
            node=following.node,
            now=following.clock.now(),
        )
    except DomainError as refusal:
        _log.warning("inbox_failed", code=refusal.problem.code, detail=refusal.detail)
        return refusal.retry_after_s or 0
    except (SQLAlchemyError, OSError) as error:
        _log.warning("inbox_interrupted", error=type(error).__name__)
        return 0
    return 0 if inbox.has_gap or inbox.is_asked else None
