"""The node's copy of the catalogue: pulled, alarmed, reported, proven; declarations follow it."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from typing_extensions import override

from shared_platform.alarms.alarms import list_alarms
from shared_platform.catalogue.tables import (
    catalogue_cursor,
    catalogue_listing,
    log_entry,
    statement_object,
)
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from shared_platform.transport.outbound import PeerUnreachable
from shared_schema.anchor import FederationAnchor
from shared_schema.log_page import PageEntry
from shared_schema.signed_note import VerifierKey, format_vkey
from shared_schema.sync_refusals import ForkDetected, RollbackDetected
from subplatform.catalogue_mirror.pull import Mirroring, complete, pull
from subplatform.catalogue_mirror.run import run_mirror
from subplatform.catalogue_mirror.status import read_status
from subplatform.catalogue_mirror.verify import MirrorProof, verify_mirror
from subplatform.recommendation.confirm import confirm_published
from tests.shared_platform.hub_log_peer import (
    ORIGIN,
    Federation,
    HubLog,
    Liar,
    a_number,
)
from tests.subplatform.hub_peer import LOG_KEY, SetClock

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def federation() -> Federation:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    for serial in range(5):
        federation.offer(node, a_number(serial))
    return federation


def mirroring(
    hub: HubLog, source: Liar | None = None, *, clock: SetClock | None = None
) -> Mirroring:
    return Mirroring(source or hub, hub.anchor, clock or SetClock(), (confirm_published,))


def withheld(page: list[PageEntry]) -> list[PageEntry]:
    return [PageEntry(each.serial, each.leaf) for each in page]


class Silent(Liar):
    @override
    async def checkpoint(self) -> bytes:
        raise PeerUnreachable("no route")


async def test_a_pull_brings_the_copy_level_and_says_so(
    node_sessions: Sessions, federation: Federation
) -> None:
    clock = SetClock()
    report = await pull(node_sessions, mirroring(federation.hub, clock=clock))
    clock.advance(40)

    async with node_sessions() as session:
        status = await read_status(session, now=clock.now())

    assert report.size == federation.hub.size == status.size == status.hub_size
    assert (status.lag_entries, status.lag_seconds) == (0, 40)
    assert status.root == federation.hub.range.root().hex()
    assert (status.failure, list(status.alarms), status.quarantined) == (None, [], 0)


async def test_a_node_that_never_pulled_has_no_lag_to_tell(node_sessions: Sessions) -> None:
    async with node_sessions() as session:
        status = await read_status(session, now=SetClock().now())

    assert (status.size, status.hub_size, status.lag_seconds) == (0, 0, None)


async def test_a_poll_waits_at_the_end_of_the_copy(
    node_sessions: Sessions, federation: Federation
) -> None:
    following = mirroring(federation.hub)
    await pull(node_sessions, following)

    await pull(node_sessions, following, wait_seconds=25)

    assert f"entries {federation.hub.size} 25" in federation.hub.asked


async def test_silence_is_noted_and_ends_with_the_next_answer(
    node_sessions: Sessions, federation: Federation
) -> None:
    clock = SetClock()
    silent = mirroring(federation.hub, Silent(federation.hub), clock=clock)
    for _ in range(2):
        with pytest.raises(PeerUnreachable):
            await pull(node_sessions, silent)
        clock.advance(60)
    async with node_sessions() as session:
        failing = await read_status(session, now=clock.now())
    await pull(node_sessions, mirroring(federation.hub, clock=clock))
    async with node_sessions() as session:
        well = await read_status(session, now=clock.now())

    assert failing.failure == {"code": "hub_unreachable", "detail": "no route"}
    assert failing.failing_since == clock.now() - timedelta(seconds=120)
    assert not failing.alarms
    assert (well.failure, well.failing_since) == (None, None)


async def test_a_rollback_raises_one_alarm_until_the_log_is_whole_again(
    node_sessions: Sessions, federation: Federation
) -> None:
    following = mirroring(federation.hub)
    await pull(node_sessions, following)
    older = Federation()
    older.enrol("gz-exchange")
    behind = Mirroring(older.hub, federation.hub.anchor, following.clock)

    for _ in range(2):
        with pytest.raises(RollbackDetected):
            await pull(node_sessions, behind)
    async with node_sessions() as session:
        (alarm,) = (await read_status(session, now=following.clock.now())).alarms
    await pull(node_sessions, following)

    assert (alarm.code, alarm.times) == ("log_rollback", 2)
    async with node_sessions() as session:
        status = await read_status(session, now=following.clock.now())
        (past,) = await list_alarms(session)
    assert not status.alarms
    assert past.ended_at is not None


async def test_a_fork_raises_its_alarm(node_sessions: Sessions, federation: Federation) -> None:
    following = mirroring(federation.hub)
    await pull(node_sessions, following)
    other = Federation()
    for serial in range(6):
        other.enrol(f"node-{serial}")
    assert other.hub.size == federation.hub.size

    with pytest.raises(ForkDetected):
        await pull(node_sessions, Mirroring(other.hub, federation.hub.anchor, following.clock))

    async with node_sessions() as session:
        status = await read_status(session, now=following.clock.now())
    assert [alarm.code for alarm in status.alarms] == ["log_fork"]
    assert status.size == federation.hub.size


async def test_missing_statements_are_an_alarm_until_they_are_found(
    node_sessions: Sessions, federation: Federation
) -> None:
    source = Liar(federation.hub, page=withheld)
    following = mirroring(federation.hub, source)
    await pull(node_sessions, following)
    async with node_sessions() as session:
        before = await read_status(session, now=following.clock.now())

    source.page = list
    found = await complete(node_sessions, following)

    async with node_sessions() as session:
        after = await read_status(session, now=following.clock.now())
    assert [alarm.code for alarm in before.alarms] == ["quarantine"]
    assert before.quarantined == found == 5
    assert (list(after.alarms), after.quarantined) == ([], 0)


async def verified(sessions: Sessions, anchor: FederationAnchor) -> MirrorProof:
    async with sessions() as session:
        proof = await verify_mirror(session, anchor)
        await session.rollback()
        return proof


async def test_an_honest_copy_is_proven_from_its_rows(
    node_sessions: Sessions, federation: Federation
) -> None:
    await pull(node_sessions, mirroring(federation.hub))

    first = await verified(node_sessions, federation.hub.anchor)
    second = await verified(node_sessions, federation.hub.anchor)

    assert first == second
    assert first.problems == ()
    assert first.root == federation.hub.range.root().hex()


async def test_an_empty_copy_has_nothing_to_prove(node_sessions: Sessions) -> None:
    proof = await verified(node_sessions, Federation().hub.anchor)

    assert (proof.size, proof.problems) == (0, ())


TAMPERING = {
    "a listing made up": (
        update(catalogue_listing).values(title="另一个名称"),
        {"mirror.projection"},
    ),
    "an entry changed": (
        update(log_entry).where(log_entry.c.serial == 2).values(leaf=b"{}"),
        {"mirror.root", "mirror.projection"},
    ),
    "an entry removed": (
        delete(log_entry).where(log_entry.c.serial == 3),
        {"mirror.gap", "mirror.root"},
    ),
    "a statement replaced": (
        update(statement_object).values(envelope=b"{}"),
        {"mirror.projection"},
    ),
    "a checkpoint forged": (
        update(catalogue_cursor).values(checkpoint=b"forged\n"),
        {"mirror.checkpoint"},
    ),
    "a checkpoint removed": (
        update(catalogue_cursor).values(checkpoint=None),
        {"mirror.unsigned"},
    ),
    "the signed size misquoted": (
        update(catalogue_cursor).values(checkpoint_size=catalogue_cursor.c.size + 1),
        {"mirror.checkpoint"},
    ),
}


@pytest.mark.parametrize("name", list(TAMPERING))
async def test_a_copy_that_was_tampered_with_is_found_out(
    node_sessions: Sessions, federation: Federation, name: str
) -> None:
    change, codes = TAMPERING[name]
    await pull(node_sessions, mirroring(federation.hub))
    async with node_sessions.begin() as session:  # as only the database's owner can
        await session.execute(text("ALTER TABLE log_entry DISABLE TRIGGER append_only"))
        await session.execute(change)

    proof = await verified(node_sessions, federation.hub.anchor)

    assert {code for code, _ in proof.problems} == codes


async def test_another_logs_key_proves_nothing(
    node_sessions: Sessions, federation: Federation
) -> None:
    await pull(node_sessions, mirroring(federation.hub))
    stranger = federation.hub.anchor.model_copy(
        update={"log_vkey": format_vkey(VerifierKey(ORIGIN, LOG_KEY.public))}
    )

    proof = await verified(node_sessions, stranger)

    assert [code for code, _ in proof.problems] == ["mirror.checkpoint"]


async def test_the_loop_pulls_until_it_is_cancelled(
    node_committed: Database, federation: Federation
) -> None:
    told = asyncio.Event()

    async def tell(session: AsyncSession, now: object) -> None:
        assert session is not None
        assert now is not None
        told.set()

    class Patient(Liar):
        """Fails once, then holds polls for ever, as a quiet log does."""

        failed = False

        @override
        async def checkpoint(self) -> bytes:
            if not self.failed:
                self.failed = True
                raise PeerUnreachable("first")
            return await self.hub.checkpoint()

        @override
        async def entries(self, first: int, *, limit: int, wait_seconds: int = 0) -> bytes:
            if wait_seconds:
                await asyncio.Event().wait()
            return await self.hub.entries(first, limit=limit)

    clock, signals = SetClock(), Signals()
    following = Mirroring(Patient(federation.hub), federation.hub.anchor, clock, (tell,))
    loop = asyncio.create_task(run_mirror(node_committed.sessions, following, signals))
    async with asyncio.timeout(20):
        await told.wait()
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop

    async with node_committed.sessions() as session:
        status = await read_status(session, now=clock.now())
    assert status.size == federation.hub.size
