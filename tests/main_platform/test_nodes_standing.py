"""Suspend, resume, retire, revoke: every state with every action, and what a node notices of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from main_platform.nodes.states import (
    NODE_TRANSITIONS,
    NodeAction,
    NodeState,
    NodeStateConflict,
    next_node_state,
)
from main_platform.nodes.tables import NodeRow
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from tests.main_platform.hub_places import ANode, OpenHub, an_open_hub, entry_kinds

EVERY_PAIR = [(state, action) for state in NodeState for action in NodeAction]
INBOX = "/federation/v1/inbox"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        await opened.hire("wang.wei", "node_registrar")
        await opened.hire("zhao.min", "node_registrar")
        await ANode(opened).join("wang.wei", "zhao.min")
        yield opened


async def change(
    hub: OpenHub, action: str, *, node: str = "gz-centre", reason: str = "key_compromise"
) -> httpx.Response:
    body = {"action": action, "reason": reason}
    return await hub.ask("POST", f"/api/v1/nodes/{node}/standing", body, by="wang.wei")


@pytest.mark.parametrize(("state", "action"), EVERY_PAIR)
def test_every_state_with_every_action_follows_the_table(
    state: NodeState, action: NodeAction
) -> None:
    if (state, action) in NODE_TRANSITIONS:
        assert next_node_state(state, action) is NODE_TRANSITIONS[state, action]
        return
    with pytest.raises(NodeStateConflict, match=f"{state.value} cannot {action.value}"):
        next_node_state(state, action)


def test_a_retired_node_stays_retired() -> None:
    assert not [pair for pair in NODE_TRANSITIONS if pair[0] is NodeState.RETIRED]


@pytest.mark.parametrize("state", NodeState)
@pytest.mark.parametrize("action", [NodeAction.SUSPEND, NodeAction.RESUME, NodeAction.RETIRE])
async def test_the_api_follows_the_table_too(
    hub: OpenHub, state: NodeState, action: NodeAction
) -> None:
    async with hub.database.sessions.begin() as session:
        await session.execute(update(NodeRow).values(state=state))

    answer = await change(hub, action)

    after = NODE_TRANSITIONS.get((state, action))
    assert answer.status_code == (200 if after else 409)
    shown = await hub.ask("GET", "/api/v1/nodes/gz-centre", by="wang.wei")
    assert shown.json()["state"] == (after or state)


async def test_a_suspended_node_is_refused_until_it_is_resumed(hub: OpenHub) -> None:
    node = ANode(hub)
    await change(hub, "suspend")

    with pytest.raises(PeerRefusal) as refusal:
        await node.client().get(INBOX)
    await change(hub, "resume", reason="resolved")
    answer = await node.client().get(INBOX)

    assert refusal.value.code == "node_suspended"
    assert answer.status == 200


async def test_each_change_is_an_entry_of_the_log(hub: OpenHub) -> None:
    for action in ("suspend", "resume", "retire"):
        await change(hub, action)

    assert (await entry_kinds(hub))[2:] == ["node_suspended", "node_resumed", "node_retired"]


async def test_two_suspensions_at_once_are_one(hub: OpenHub) -> None:
    both = await asyncio.gather(change(hub, "suspend"), change(hub, "suspend"))

    assert sorted(one.status_code for one in both) == [200, 409]
    assert (await entry_kinds(hub))[2:] == ["node_suspended"]


async def test_a_node_is_never_activated_by_hand(hub: OpenHub) -> None:
    answer = await change(hub, "activate")

    assert (answer.status_code, answer.json()["code"]) == (409, "state_conflict")


@pytest.mark.parametrize(
    ("node", "body", "code"),
    [
        ("nobody", {"action": "suspend", "reason": "lapse"}, "not_found"),
        ("gz-centre", {"action": "explode", "reason": "lapse"}, "schema_invalid"),
        ("gz-centre", {"action": "suspend", "reason": "No Code"}, "schema_invalid"),
        ("gz-centre", {"action": "suspend"}, "schema_invalid"),
        ("gz-centre", {"action": "suspend", "reason": "lapse", "state": "x"}, "schema_invalid"),
    ],
    ids=["nobody", "no action", "no code", "no reason", "one member more"],
)
async def test_a_change_that_makes_no_sense_is_refused(
    hub: OpenHub, node: str, body: dict[str, str], code: str
) -> None:
    answer = await hub.ask("POST", f"/api/v1/nodes/{node}/standing", body, by="wang.wei")

    assert answer.json()["code"] == code


async def test_staff_see_all_nodes_with_their_keys(hub: OpenHub) -> None:
    found = (await hub.ask("GET", "/api/v1/nodes", by="zhao.min")).json()

    assert [(one["node"], len(one["keys"])) for one in found] == [("gz-centre", 3)]


async def test_a_node_nobody_knows_is_not_found(hub: OpenHub) -> None:
    answer = await hub.ask("GET", "/api/v1/nodes/nobody", by="zhao.min")

    assert answer.json()["code"] == "not_found"
