"""Which key signs a node's requests, and what the hub notes when one has come."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from main_platform.nodes.key_lookup import find_node_key
from main_platform.nodes.tables import NodeContactRow
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_requests import KeyClaim, KeyStanding
from shared_schema.entry_parts import KeyUse
from tests.main_platform.hub_places import NOW, ANode, OpenHub, SetClock
from tests.main_platform.registrars import hub_of_registrars  # noqa: F401 - the fixture `hub`


async def test_a_pending_key_signs_nothing_but_enrolments(hub: OpenHub) -> None:
    node = ANode(hub)
    await node.enrol()

    with pytest.raises(PeerRefusal) as refusal:
        await node.client().get("/federation/v1/inbox")

    assert refusal.value.code == "node_unknown"


@pytest.mark.parametrize("use", ["cosigner", "recovery"])
async def test_only_the_statement_key_signs_requests(hub: OpenHub, use: KeyUse) -> None:
    node = ANode(hub)
    await node.join("wang.wei", "zhao.min")

    with pytest.raises(PeerRefusal) as refusal:
        await node.client(use).get("/federation/v1/inbox")

    assert refusal.value.code == "node_unknown"


async def test_an_expired_key_is_told_so(hub: OpenHub) -> None:
    node = ANode(hub)
    await node.join("wang.wei", "zhao.min")
    hub.clock.instant = NOW + timedelta(days=365)

    with pytest.raises(PeerRefusal) as refusal:
        await node.client().get("/federation/v1/inbox")

    assert refusal.value.code == "key_expired"


async def test_looking_for_a_key_writes_nothing_and_locks_nothing(hub: OpenHub) -> None:
    node = ANode(hub)
    await node.join("wang.wei", "zhao.min")
    claim = KeyClaim(node.key().key_id, b"")

    async with hub.database.sessions() as session:
        found = await find_node_key(session, claim, now=NOW)
        locked = await session.scalar(
            text(
                "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()"
                " AND mode IN ('RowShareLock', 'RowExclusiveLock')"
            )
        )

    assert found is not None
    assert (found.node_id, found.standing, locked) == ("gz-centre", KeyStanding.ACTIVE, 0)


async def test_a_forged_request_leaves_no_contact(hub: OpenHub) -> None:
    node = ANode(hub)
    await node.join("wang.wei", "zhao.min")
    forger = node.client()
    forger.key = ANode(hub, seed="x").key()

    with pytest.raises(PeerRefusal):
        await forger.get("/federation/v1/inbox")

    async with hub.database.sessions() as session:
        assert await session.scalar(select(NodeContactRow.seen_at)) is None


async def test_a_proven_request_notes_when_it_came_and_how_far_the_clock_is_off(
    hub: OpenHub,
) -> None:
    node = ANode(hub)
    await node.join("wang.wei", "zhao.min")

    ahead = node.client(clock=SetClock(NOW + timedelta(seconds=42)))
    await ahead.get("/federation/v1/inbox")

    shown = (await hub.ask("GET", "/api/v1/nodes/gz-centre", by="wang.wei")).json()
    assert (shown["last_seen_at"], shown["clock_offset_seconds"]) == ("2026-11-22T08:00:00Z", 42)


async def test_a_contact_is_written_every_ten_seconds_at_most(hub: OpenHub) -> None:
    node = ANode(hub)
    await node.join("wang.wei", "zhao.min")
    seen = []

    for seconds in (0, 9, 11):
        hub.clock.instant = NOW + timedelta(seconds=seconds)
        await node.client(clock=hub.clock).get("/federation/v1/inbox")
        async with hub.database.sessions() as session:
            seen.append(await session.scalar(select(NodeContactRow.seen_at)))

    assert seen == [NOW, NOW, NOW + timedelta(seconds=11)]


async def test_a_contact_that_is_being_written_is_not_waited_for(hub: OpenHub) -> None:
    node = ANode(hub)
    await node.join("wang.wei", "zhao.min")

    async with hub.database.sessions.begin() as other:
        await other.execute(select(NodeContactRow).with_for_update())
        answer = await asyncio.wait_for(node.client().get("/federation/v1/inbox"), timeout=2)

    assert answer.status == 200
