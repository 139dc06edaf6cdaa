"""Vouch at the hub for what this copy has proven: one small signed request, never in the way.

A cosignature is made only when every entry under the checkpoint was proven and applied. Several
checkpoints in a second, or while the hub is away, come to one request: the latest wins.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.log_source import LogSource
from shared_platform.catalogue.next_checkpoint import refuse_two_pasts
from shared_platform.database.signals import Signals
from shared_platform.failpoint import failpoint
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import cosign_checkpoint, log_note
from shared_schema.instants import Clock
from shared_schema.log_following import LogPosition, Vouched, read_vouched
from shared_schema.problem import ProblemType
from shared_schema.proof_text import write_proof
from shared_schema.refusal import DomainError
from shared_schema.signing_key import SigningKey
from shared_schema.sync_refusals import ForkDetected
from subplatform.catalogue_mirror.forks import keep_fork
from subplatform.catalogue_mirror.recover import (
    RecoveringHub,
    Wanted,
    past_at,
    read_wanted,
    recover,
)
from subplatform.catalogue_mirror.tables import CosigningRow

MIRROR_CHANNEL: Final = "kaixu_mirror"  # wakes a pull that waits out a failure
COSIGN_CHANNEL: Final = "kaixu_cosign"  # within this process: there is something to vouch for
SHORTEST_PAUSE_SECONDS: Final = 1.0  # one request a second at most (protocol §5)
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0  # two of them are shorter than a hub's grace
_THE_ROW: Final = 1
_UNKNOWN: Final = ProblemType.NODE_UNKNOWN.code
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)
Sessions = async_sessionmaker[AsyncSession]
KeyInUse = Callable[[], SigningKey]
"""Gives the cosigner key the node has at this moment: keys are rotated while it runs."""


class WitnessedHub(RecoveringHub, Protocol):
    """Where cosignatures and lost entries go; `subplatform.hub_client.hub.Hub` is it."""

    async def cosign(self, note: bytes) -> Mapping[str, Any]:
        """Vouch for a checkpoint; the answer tells which entries the hub lacks."""
        ...

    async def show(self, note: bytes) -> None:
        """Show the hub a checkpoint of its own log, unsigned."""
        ...

    def log(self) -> LogSource:
        """The hub's public log."""
        ...


@dataclass(slots=True)
class Cosigning:
    """As whom this node vouches, and to whom.

    Attributes:
        is_asked: the hub wants to hear this node even if it has nothing new.
    """

    hub: WitnessedHub
    anchor: FederationAnchor
    node: str
    key: KeyInUse
    clock: Clock
    signals: Signals
    is_asked: bool = field(default=True)  # a node that starts says what it has

    def tell(self) -> None:
        """There may be something new to vouch for."""
        self.signals.wake(COSIGN_CHANNEL)

    def ask(self) -> None:
        """The hub wants to hear this node, or contradicts what it has said before."""
        self.is_asked = True
        self.tell()


async def cosign(sessions: Sessions, cosigning: Cosigning) -> Mapping[str, Any] | None:
    """Vouch for the newest proven checkpoint; the hub's answer, None if there was nothing to say.

    A contradiction by the hub is kept as evidence and raises the alarm before it is raised here.

    Raises:
        PeerRefusal: the hub refused; `log_fork`: it has another log.
        DomainError: no usable answer.
    """
    async with sessions() as session:
        position = await read_position(session)
        said = await session.get(CosigningRow, _THE_ROW)
    known, note = position.vouched, position.vouched.note
    is_new = said is None or known.size > said.size
    if note is None or not position.is_complete or not (is_new or cosigning.is_asked):
        return None
    cosigning.is_asked = False
    origin, now = cosigning.anchor.log_origin, cosigning.clock.now()
    bare = log_note(note, origin=origin)
    signed = cosign_checkpoint(
        bare, origin=origin, node=cosigning.node, key=cosigning.key(), at=now
    )
    try:
        answer = await cosigning.hub.cosign(signed)
    except DomainError as refusal:
        await _note_failure(sessions, cosigning, refusal, position=position)
        if _code(refusal) == _UNKNOWN:
            await _show(cosigning, bare)
        raise
    failpoint("pull.cosigned")
    async with sessions.begin() as session:
        columns = {"size": known.size, "cosigned_at": cosigning.clock.now(), "failure": None}
        await _store(session, columns)
    return answer


async def read_cosigning(session: AsyncSession) -> CosigningRow | None:
    """What this node has vouched for; None before the first try."""
    return await session.get(CosigningRow, _THE_ROW, populate_existing=True)


async def run_cosigning(sessions: Sessions, cosigning: Cosigning) -> None:
    """Vouch whenever there is something new or the hub asks, until cancelled."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        async with cosigning.signals.awaiting(COSIGN_CHANNEL) as told:
            if await _round(sessions, cosigning):
                pause = FIRST_PAUSE_SECONDS
                await told.wait(LONGEST_PAUSE_SECONDS)
                await asyncio.sleep(SHORTEST_PAUSE_SECONDS)
                continue
            cosigning.is_asked = True
            await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _round(sessions: Sessions, cosigning: Cosigning) -> bool:
    """One cosignature if one is due, and what the hub has lost; False when a pause is due."""
    try:
        answer = await cosign(sessions, cosigning)
        wanted = None if answer is None else read_wanted(answer)
        if wanted is not None:
            await give_back(sessions, cosigning, wanted)
            cosigning.signals.wake(MIRROR_CHANNEL)  # the hub's log may be whole again
    except DomainError as refusal:
        _log.warning("cosigning_failed", code=refusal.problem.code, detail=refusal.detail)
        return False
    except (SQLAlchemyError, OSError) as error:
        _log.warning("cosigning_interrupted", error=type(error).__name__)
        return False
    return True


async def give_back(sessions: Sessions, cosigning: Cosigning, wanted: Wanted) -> None:
    """Give what the hub has lost; if it has signed another log since, keep that as evidence.

    Raises:
        PeerRefusal: the hub refused; `log_fork`: it admits another log.
        DomainError: no usable answer.
    """
    try:
        await recover(sessions, cosigning.hub, cosigning.anchor, wanted=wanted)
    except PeerRefusal as refusal:
        if refusal.code != ProblemType.LOG_FORK.code:
            raise
        async with sessions() as session:
            position = await read_position(session)
        await _note_failure(sessions, cosigning, refusal, position=position)
        raise


async def _show(cosigning: Cosigning, note: bytes) -> None:
    """A hub that does not know this node may have lost its enrolment, and more: show it the log.

    The checkpoint is the hub's own signature, so it needs none of ours.
    """
    try:
        await cosigning.hub.show(note)
    except DomainError as refusal:  # the next cosignature tries again
        _log.warning("checkpoint_not_shown", code=refusal.problem.code, detail=refusal.detail)


def _code(refusal: DomainError) -> str:
    return refusal.code if isinstance(refusal, PeerRefusal) else refusal.problem.code


async def _note_failure(
    sessions: Sessions, cosigning: Cosigning, refusal: DomainError, *, position: LogPosition
) -> None:
    code = _code(refusal)
    async with sessions.begin() as session:
        await _store(session, {"failure": {"code": code, "detail": refusal.detail}})
    if code == ProblemType.LOG_FORK.code and isinstance(refusal, PeerRefusal):
        known, hub_note = position.vouched, (refusal.checkpoint or "").encode()
        proof = await _proof_of_other_past(sessions, cosigning, known, hub_note=hub_note)
        async with sessions.begin() as session:
            now = cosigning.clock.now()
            await keep_fork(session, known, hub_note, proof=proof, now=now)


async def _proof_of_other_past(
    sessions: Sessions, cosigning: Cosigning, known: Vouched, *, hub_note: bytes
) -> bytes | None:
    """The larger log's own proof that the other began otherwise; no transaction is open.

    The hub's if it gives one, this copy's where the hub's log is the smaller one.
    """
    async with sessions() as session:
        keys = await read_log_keys(session)
    try:
        offered = read_vouched(hub_note, cosigning.anchor, keys=keys)
        if offered.size < known.size:
            past = await past_at(sessions, cosigning.anchor, offered.size)
            return None if past is None else write_proof(past.proof).encode()
        await refuse_two_pasts(cosigning.hub.log(), known, offered)
    except ForkDetected as fork:
        return fork.proof
    except DomainError:  # the note proves nothing by itself, and is kept all the same
        return None
    return None


async def _store(session: AsyncSession, columns: Mapping[str, Any]) -> None:
    row = CosigningRow
    fresh = insert(row).values(id=_THE_ROW, **{"size": 0, **columns})
    await session.execute(fresh.on_conflict_do_update(index_elements=[row.id], set_=dict(columns)))
