"""The node vouches for its copy: only for what is proven, once, and never in the pull's way."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.alarms.alarms import open_alarms
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from shared_platform.transport.outbound import PeerUnreachable
from shared_platform.transport.peer_refusal import PeerRefusal, ProblemForm
from shared_schema.checkpoint import SignedCheckpoint, cosigner_key, open_checkpoint
from shared_schema.log_fork import ForkVerdict, judge_fork
from shared_schema.refusal import DomainError
from shared_schema.signing_key import SigningKey
from shared_schema.sync_refusals import ForkDetected, RollbackDetected
from subplatform.catalogue_mirror.cosign import Cosigning, cosign, run_cosigning
from subplatform.catalogue_mirror.forks import evidence_of, list_forks
from subplatform.catalogue_mirror.pull import Mirroring, pull
from tests.shared_platform.hub_log_peer import Federation, HubLog, Liar, a_number
from tests.subplatform.hub_peer import SetClock

Sessions = async_sessionmaker[AsyncSession]
KEY = SigningKey.from_seed(b"c" * 32)


@dataclass
class Listener:
    """A hub that takes cosignatures, or refuses them as it is told."""

    posted: list[bytes] = field(default_factory=list)
    refusals: list[DomainError] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    other: HubLog | None = None
    shown: list[bytes] = field(default_factory=list)

    def log(self) -> HubLog:
        assert self.other is not None
        return self.other

    async def cosign(self, note: bytes) -> Mapping[str, Any]:
        self.posted.append(note)
        self.came.set()
        if self.refusals:
            raise self.refusals.pop(0)
        return {"recovery_wanted": None}

    async def show(self, note: bytes) -> None:
        self.shown.append(note)

    async def recover(self, body: bytes) -> Mapping[str, Any]:
        raise AssertionError(f"nothing was wanted, {len(body)} bytes came")


@pytest.fixture
def federation() -> Federation:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    for serial in range(3):
        federation.offer(node, a_number(serial))
    return federation


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def cosigning(federation: Federation, listener: Listener) -> Cosigning:
    anchor = federation.hub.anchor
    return Cosigning(listener, anchor, "gz-exchange", lambda: KEY, SetClock(), Signals())


def opened(hub: HubLog, note: bytes) -> SignedCheckpoint:
    anchor = hub.anchor
    key = cosigner_key(anchor.log_origin, "gz-exchange", KEY.public)
    return open_checkpoint(
        note, origin=anchor.log_origin, log_key=anchor.log_key(), cosigners=[key]
    )


def mirroring(source: HubLog | Liar, hub: HubLog, cosigning: Cosigning) -> Mirroring:
    return Mirroring(source, hub.anchor, SetClock(), witness=cosigning)


async def test_a_level_copy_is_cosigned_once(
    node_sessions: Sessions, federation: Federation, listener: Listener, cosigning: Cosigning
) -> None:
    hub = federation.hub
    assert await cosign(node_sessions, cosigning) is None, "nothing is proven yet"
    await pull(node_sessions, mirroring(hub, hub, cosigning))

    await cosign(node_sessions, cosigning)
    again = await cosign(node_sessions, cosigning)

    assert again is None
    (note,) = listener.posted
    signed = opened(hub, note)
    assert (signed.checkpoint.size, signed.checkpoint.root) == (hub.size, hub.range.root())
    assert len(signed.cosigners(hub.anchor.log_key())) == 1


async def test_a_hub_that_asks_is_answered_although_nothing_is_new(
    node_sessions: Sessions, federation: Federation, listener: Listener, cosigning: Cosigning
) -> None:
    await pull(node_sessions, mirroring(federation.hub, federation.hub, cosigning))
    await cosign(node_sessions, cosigning)

    cosigning.ask()
    await cosign(node_sessions, cosigning)

    assert len(listener.posted) == 2


async def test_checkpoints_that_come_while_the_hub_is_away_are_one_request(
    node_sessions: Sessions, federation: Federation, listener: Listener, cosigning: Cosigning
) -> None:
    hub = federation.hub
    listener.refusals = [PeerUnreachable("no route")]
    await pull(node_sessions, mirroring(hub, hub, cosigning))
    with pytest.raises(PeerUnreachable):
        await cosign(node_sessions, cosigning)
    for serial in range(10, 13):
        federation.offer("gz-exchange", a_number(serial))
        await pull(node_sessions, mirroring(hub, hub, cosigning))

    await cosign(node_sessions, cosigning)

    sizes = [opened(hub, note).checkpoint.size for note in listener.posted]
    assert sizes == [hub.size - 3, hub.size]


async def test_the_loop_vouches_after_a_pull_and_outlives_refusals(
    node_committed: Database, federation: Federation, listener: Listener, cosigning: Cosigning
) -> None:
    hub, sessions = federation.hub, node_committed.sessions
    listener.refusals = [PeerUnreachable("no route")]
    loop = asyncio.create_task(run_cosigning(sessions, cosigning))
    try:
        async with asyncio.timeout(30):
            await pull(sessions, mirroring(hub, hub, cosigning))
            for _ in range(2):
                await listener.came.wait()
                listener.came.clear()
    finally:
        loop.cancel()
        await asyncio.wait([loop])

    assert len(listener.posted) == 2


async def test_a_hub_with_another_log_is_kept_as_evidence_and_alarms(
    node_sessions: Sessions, federation: Federation, listener: Listener, cosigning: Cosigning
) -> None:
    hub = federation.hub
    await pull(node_sessions, mirroring(hub, hub, cosigning))
    form = ProblemForm(code="log_fork", checkpoint="another log's note")
    listener.refusals = [PeerRefusal(form, status=409, retry_after_s=None) for _ in range(2)]

    for _ in range(2):
        cosigning.ask()
        with pytest.raises(PeerRefusal):
            await cosign(node_sessions, cosigning)

    await pull(node_sessions, mirroring(hub, hub, cosigning))
    async with node_sessions() as session:
        (kept,) = await list_forks(session)
        (alarm,) = await open_alarms(session)
    assert kept.hub_note == b"another log's note"
    assert opened(hub, kept.note).checkpoint.size == hub.size
    assert alarm.code == "log_fork", "a later good pull does not end it"


async def test_a_hub_that_refuses_a_cosignature_gives_the_proof_of_its_other_past_itself(
    node_sessions: Sessions, federation: Federation, listener: Listener, cosigning: Cosigning
) -> None:
    hub = federation.hub
    await pull(node_sessions, mirroring(hub, hub, cosigning))
    listener.other = other_log(hub, size=hub.size + 2)
    form = ProblemForm(code="log_fork", checkpoint=listener.other.note().decode())
    listener.refusals = [PeerRefusal(form, status=409, retry_after_s=None)]

    with pytest.raises(PeerRefusal):
        await cosign(node_sessions, cosigning)

    async with node_sessions() as session:
        (kept,) = await list_forks(session)
    assert judge_fork(evidence_of(kept), hub.anchor).verdict is ForkVerdict.TWO_PASTS


async def test_a_hub_that_does_not_know_the_node_is_shown_its_own_checkpoint(
    node_sessions: Sessions, federation: Federation, listener: Listener, cosigning: Cosigning
) -> None:
    hub = federation.hub
    await pull(node_sessions, mirroring(hub, hub, cosigning))
    listener.refusals = [
        PeerRefusal(ProblemForm(code=code), status=401, retry_after_s=None)
        for code in ("clock_skew", "node_unknown")
    ]

    for _ in range(2):
        cosigning.ask()
        with pytest.raises(PeerRefusal):
            await cosign(node_sessions, cosigning)

    assert listener.shown == [hub.note()]


def other_log(hub: HubLog, *, size: int) -> HubLog:
    """Another log under the hub's key."""
    other = Federation(seed=9)
    other.hub.signers = hub.signers
    node = other.enrol("gz-exchange")
    while other.hub.size < size:
        other.offer(node, a_number(other.hub.size + 50))
    return other.hub


async def test_a_fork_that_the_pull_meets_is_kept_with_both_notes(
    node_sessions: Sessions, federation: Federation, cosigning: Cosigning
) -> None:
    hub = federation.hub
    await pull(node_sessions, mirroring(hub, hub, cosigning))
    cosigning.is_asked = False
    other = other_log(hub, size=hub.size)

    with pytest.raises(ForkDetected):
        await pull(node_sessions, mirroring(other, hub, cosigning))

    async with node_sessions() as session:
        (kept,) = await list_forks(session)
    assert opened(hub, kept.hub_note).checkpoint.root == other.range.root()
    assert cosigning.is_asked, "the hub is told what this node holds"


async def test_a_hub_that_went_back_is_told_at_once(
    node_sessions: Sessions, federation: Federation, cosigning: Cosigning
) -> None:
    hub = federation.hub
    await pull(node_sessions, mirroring(hub, hub, cosigning))
    cosigning.is_asked = False
    before = Federation()
    before.hub.signers = hub.signers
    before.enrol("gz-exchange")

    with pytest.raises(RollbackDetected):
        await pull(node_sessions, mirroring(before.hub, hub, cosigning))

    assert cosigning.is_asked
