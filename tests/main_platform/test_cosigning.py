"""Nodes vouch for the log: what counts, what is served, and what a contradiction sets off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from main_platform.catalogue.errors import NodesNotHeard, SequencerPaused
from main_platform.cosigning.guard import NodeHearing, mark_restored
from main_platform.monitoring.conditions import unheard_findings
from main_platform.nodes.cosigned import is_asked
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_schema.checkpoint import cosigner_key, open_checkpoint
from tests.main_platform.cosigning_nodes import (
    ELSEWHERE,
    TEXT,
    checkpoint,
    claim,
    cosigned,
    cosigned_sizes,
    grow,
    log_size,
    post,
    vouch,
)
from tests.main_platform.hub_places import NOW, ANode, OpenHub, an_open_hub, until


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        for name in ("wang.wei", "zhao.min"):
            await opened.hire(name, "node_registrar")
        await opened.hire("audit", "auditor")
        for name in ("gz-centre", "sz-centre"):
            await ANode(opened, name).join("wang.wei", "zhao.min")
        await opened.context.sequencer.drain()
        yield opened


SHOWN = "/federation/v1/log/shown"


@pytest.fixture
def node(hub: OpenHub) -> ANode:
    return ANode(hub, "gz-centre")


@asynccontextmanager
async def running(hub: OpenHub) -> AsyncIterator[None]:
    task = asyncio.create_task(hub.context.sequencer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def becomes_paused(hub: OpenHub) -> str:
    await until(lambda: hub.context.sequencer.paused is not None, seconds=20)
    return hub.context.sequencer.paused or ""


async def goes_on(hub: OpenHub) -> None:
    await until(lambda: hub.context.sequencer.paused is None, seconds=20)


async def test_a_checkpoint_is_served_with_the_cosignatures_of_its_size(hub: OpenHub) -> None:
    nodes = [ANode(hub, "gz-centre"), ANode(hub, "sz-centre")]
    for node in nodes:
        assert await vouch(node) == {"recovery_wanted": None}
    anchor = hub.context.log_key.anchor
    keys = [cosigner_key(anchor.log_origin, node.id, node.key("cosigner").public) for node in nodes]
    await hub.context.sequencer.drain()
    hub.context.service.signals.wake("kaixu_log")  # otherwise within a second

    served = await checkpoint(hub)
    opened = open_checkpoint(
        served, origin=anchor.log_origin, log_key=anchor.log_key(), cosigners=keys
    )
    await grow(hub)
    after = await checkpoint(hub)

    assert opened.cosigners(anchor.log_key()) == tuple(key.name for key in keys)
    assert await cosigned_sizes(hub) == {"gz-centre": 3, "sz-centre": 3}
    assert after.count("—".encode()) == 1, "the new size has no cosignature yet"


async def test_what_a_node_has_cosigned_never_goes_back(hub: OpenHub, node: ANode) -> None:
    old = await checkpoint(hub)
    await grow(hub)
    await vouch(node)

    await vouch(node, old)

    assert await cosigned_sizes(hub) == {"gz-centre": 4}
    shown = (await hub.ask("GET", "/api/v1/nodes/gz-centre", by="wang.wei")).json()
    assert shown["cosigned_size"] == 4


async def test_an_older_size_is_compared_with_the_tree_as_it_was(hub: OpenHub, node: ANode) -> None:
    notes = [await checkpoint(hub)]
    for _ in range(5):
        await grow(hub, 3)
        notes.append(await checkpoint(hub))

    for note in notes:
        assert await vouch(node, note) == {"recovery_wanted": None}


@pytest.mark.parametrize("use", ["statement", "recovery"])
async def test_only_a_cosigner_key_of_the_node_counts(hub: OpenHub, node: ANode, use: str) -> None:
    wrong = cosigned(node, await checkpoint(hub), key=node.key(use))  # type: ignore[arg-type]

    with pytest.raises(PeerRefusal) as refused:
        await post(node, wrong)

    assert [one.code for one in refused.value.errors] == ["cosignature.missing"]
    assert await cosigned_sizes(hub) == {}


async def test_a_revoked_cosigner_key_counts_no_more(hub: OpenHub, node: ANode) -> None:
    key = node.key("cosigner").key_id
    proposed = await hub.ask(
        "POST", f"/api/v1/keys/{key}/revocation", {"reason": "key_compromise"}, by="wang.wei"
    )
    path = f"/api/v1/key-revocations/{proposed.json()['revocation']}/confirmation"
    revoked = await hub.ask("POST", path, by="zhao.min")
    assert revoked.status_code == 200

    with pytest.raises(PeerRefusal):
        await vouch(node)


async def test_a_note_that_the_log_has_not_signed_is_no_evidence(hub: OpenHub, node: ANode) -> None:
    forged = cosigned(node, claim(hub, 2)).replace(b"\n2\n", b"\n1\n")

    with pytest.raises(PeerRefusal) as refused:
        await post(node, forged)

    assert refused.value.code == "schema_invalid"
    answer = await hub.ask("GET", "/api/v1/log/forks", by="audit")
    assert answer.json() == {"forks": [], "next": None}


async def test_another_root_under_the_logs_key_is_kept_and_both_sides_are_told(
    hub: OpenHub, node: ANode
) -> None:
    other = claim(hub, 2)
    for _ in range(2):
        with pytest.raises(PeerRefusal) as refused:
            await vouch(node, other)
        assert refused.value.code == "log_fork"
        assert refused.value.checkpoint == (await checkpoint(hub)).decode()

    (fork,) = (await hub.ask("GET", "/api/v1/log/forks", by="audit")).json()["forks"]
    inbox = await node.client().get("/federation/v1/inbox")

    assert (fork["node"], fork["size"], fork["root"]) == ("gz-centre", 2, ELSEWHERE.hex())
    assert fork["checkpoint"].encode().startswith(other)
    assert fork["hub_root"] != fork["root"]
    assert inbox.body.count(b'"log_fork"') == 1
    standing = (await hub.ask("GET", "/api/v1/log/standing", by="audit")).json()
    assert standing["forks"] == 1
    with pytest.raises(DBAPIError):
        async with hub.database.sessions.begin() as session:
            await session.execute(text("DELETE FROM fork_evidence"))


async def test_a_larger_log_pauses_an_idle_sequencer_at_once_and_is_asked_back(
    hub: OpenHub, node: ANode
) -> None:
    async with running(hub), asyncio.timeout(30):
        answer = await vouch(node, claim(hub, 9))
        await until(lambda: "9" in (hub.context.sequencer.paused or ""), seconds=20)

    assert answer == {"recovery_wanted": {"from": 3, "to": 9}}
    own = (await node.client().get("/federation/v1/nodes/self")).body
    assert b'"recovery_wanted":{"from":3,"to":9}' in own
    with pytest.raises(SequencerPaused):
        await grow(hub)
    assert await log_size(hub) == 3


async def show(hub: OpenHub, note: bytes) -> tuple[int, dict[str, Any]]:
    """Somebody without any key shows a checkpoint."""
    async with hub.client() as client:
        answer = await client.post(SHOWN, content=note, headers={"content-type": TEXT})
    return answer.status_code, answer.json()


async def test_a_larger_checkpoint_pauses_the_log_whoever_shows_it(hub: OpenHub) -> None:
    async with running(hub), asyncio.timeout(30):
        shown = await show(hub, claim(hub, 9))
        smaller = await show(hub, claim(hub, 7))
        await until(lambda: "9" in (hub.context.sequencer.paused or ""), seconds=20)

    assert shown == smaller == (200, {"size": 3, "is_lost": True})
    assert await hub_scalar(hub, "SELECT array_agg(size) FROM shown_checkpoint") == [9]
    standing = (await hub.ask("GET", "/api/v1/log/standing", by="audit")).json()
    assert (standing["shown_size"], standing["recovery_wanted"]) == (9, {"from": 3, "to": 9})
    with pytest.raises(SequencerPaused):
        await grow(hub)


async def test_staff_can_waive_what_was_shown(hub: OpenHub) -> None:
    await show(hub, claim(hub, 9))
    body = {"reason": "节点硬盘损毁"}

    waived = await hub.ask("POST", "/api/v1/log/shown/waiver", body, by="wang.wei")
    twice = await hub.ask("POST", "/api/v1/log/shown/waiver", body, by="wang.wei")

    assert (waived.json()["shown_size"], waived.json()["recovery_wanted"]) == (0, None)
    assert twice.status_code == 409
    assert await grow(hub) == 4


async def test_what_the_log_continues_or_its_key_has_not_signed_pauses_nothing(
    hub: OpenHub,
) -> None:
    own = await checkpoint(hub)
    forged = claim(hub, 9).replace(b"\n9\n", b"\n8\n")

    known = await show(hub, own)
    refused = await show(hub, forged)
    other = await show(hub, claim(hub, 2))

    assert known == (200, {"size": 3, "is_lost": False})
    assert (refused[0], refused[1]["code"]) == (422, "schema_invalid")
    assert (other[0], other[1]["code"]) == (409, "log_fork")
    assert await hub_scalar(hub, "SELECT count(*) FROM shown_checkpoint") == 0
    assert await grow(hub) == 4


async def hub_scalar(hub: OpenHub, sql: str) -> Any:
    async with hub.database.sessions() as session:
        return await session.scalar(text(sql))


async def test_staff_can_waive_a_node_whose_entries_are_lost_for_good(
    hub: OpenHub, node: ANode
) -> None:
    await vouch(node, claim(hub, 9))
    body = {"reason": "节点硬盘损毁"}

    waived = await hub.ask("POST", "/api/v1/log/waivers/gz-centre", body, by="wang.wei")
    twice = await hub.ask("POST", "/api/v1/log/waivers/gz-centre", body, by="wang.wei")

    assert waived.json()["recovery_wanted"] is None
    assert twice.status_code == 409
    assert await grow(hub) == 4
    trail = await hub.ask("GET", "/api/v1/audit?kind=node&subject=gz-centre", by="audit")
    assert "node_waived" in trail.text


async def test_a_started_sequencer_waits_for_nodes_that_have_cosigned_before(
    hub: OpenHub, node: ANode
) -> None:
    await vouch(node)
    hub.context.sequencer.consequences.hearing.grace_seconds = 600  # type: ignore[attr-defined]

    async with running(hub), asyncio.timeout(30):
        why = await becomes_paused(hub)
        asked = await node.client().get("/federation/v1/inbox", params={"wait": 20})
        await vouch(node)
        await goes_on(hub)

    assert "gz-centre" in why
    assert "sz-centre" not in why, "it has never cosigned"
    assert b'"cosignature_wanted":true' in asked.body
    async with hub.database.sessions() as session:
        assert not await is_asked(session, "gz-centre")


async def missing_after_the_grace(hub: OpenHub) -> list[str]:
    hearing = NodeHearing(hub.database.sessions, hub.clock, grace_seconds=0)
    await hearing.begin()
    return await still_missing(hub, hearing)


async def still_missing(hub: OpenHub, hearing: NodeHearing) -> list[str]:
    async with hub.database.sessions.begin() as session:
        return list(await hearing.missing(session))


async def test_after_the_grace_period_half_of_the_nodes_suffice(hub: OpenHub, node: ANode) -> None:
    await vouch(node)
    await vouch(ANode(hub, "sz-centre"))
    hearing = NodeHearing(hub.database.sessions, hub.clock, grace_seconds=0)
    await hearing.begin()

    before = await still_missing(hub, hearing)
    await vouch(node)
    after = await still_missing(hub, hearing)

    assert before == ["gz-centre", "sz-centre"], "the grace is over, and nobody was heard"
    assert after == []


async def test_a_restore_that_nobody_declared_signs_nothing_while_the_nodes_back_off(
    hub: OpenHub, node: ANode
) -> None:
    await vouch(node)
    signed = await checkpoint(hub)
    hub.context.sequencer.consequences.hearing.grace_seconds = 0  # type: ignore[attr-defined]

    async with running(hub), asyncio.timeout(60):
        await becomes_paused(hub)
        with pytest.raises(NodesNotHeard):
            await grow(hub)  # staff withdraw something, and the grace has long been over
        answer = await vouch(node, claim(hub, 9))  # the node comes back from its pause
        await until(lambda: "9" in (hub.context.sequencer.paused or ""), seconds=20)
        with pytest.raises(SequencerPaused):
            await hub.context.sequencer.drain()

    assert answer == {"recovery_wanted": {"from": 3, "to": 9}}
    assert await checkpoint(hub) == signed


async def test_a_log_that_nobody_has_cosigned_waits_for_nobody(hub: OpenHub) -> None:
    assert await missing_after_the_grace(hub) == []


async def test_silence_after_a_start_is_an_alarm_and_staff_may_end_it(
    hub: OpenHub, node: ANode
) -> None:
    await vouch(node)
    hearing = NodeHearing(hub.database.sessions, hub.clock, grace_seconds=0)
    await hearing.begin()
    body = {"reason": "节点已停用"}

    soon, late = await unheard_alarms(hub, seconds=5), await unheard_alarms(hub, seconds=90)
    missing = await still_missing(hub, hearing)
    await hub.ask("POST", "/api/v1/log/waivers/gz-centre", body, by="wang.wei")

    assert (soon, late, missing) == ([], ["gz-centre"], ["gz-centre"])
    assert await still_missing(hub, hearing) == []
    assert await unheard_alarms(hub, seconds=90) == []


async def unheard_alarms(hub: OpenHub, *, seconds: int) -> list[str]:
    """The nodes an alarm stands for that many seconds from now."""
    async with hub.database.sessions() as session:
        found = await unheard_findings(session, hub.clock.now() + timedelta(seconds=seconds))
    return [one.subject for one in found]


async def test_after_a_restore_every_active_node_is_awaited_however_long(
    hub: OpenHub, node: ANode
) -> None:
    await vouch(node)
    async with hub.database.sessions.begin() as session:
        await mark_restored(session, by="console", now=NOW)
    hub.context.sequencer.consequences.hearing.grace_seconds = 0  # type: ignore[attr-defined]

    async with running(hub), asyncio.timeout(30):
        first = await becomes_paused(hub)
        await vouch(node)
        with pytest.raises(NodesNotHeard):
            await grow(hub)
        waived = await hub.ask(
            "POST", "/api/v1/log/waivers/sz-centre", {"reason": "已退网"}, by="wang.wei"
        )
        await goes_on(hub)
        await until(lambda: hub.context.sequencer.signed_size == 4, seconds=20)

    assert "gz-centre" in first
    assert "sz-centre" in first
    assert waived.json()["unheard"] == []
    standing = (await hub.ask("GET", "/api/v1/log/standing", by="audit")).json()
    assert standing["is_restored"] is False
    assert standing["signed_size"] == 4, "what was queued meanwhile is in the log"
    assert standing["unheard"] == []
