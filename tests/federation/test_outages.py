"""Outages: whoever is away or killed, nothing is lost and nothing comes twice.

Each test writes a ledger first, lets things break, and compares what everybody holds with it.
"""

from pathlib import Path

import pytest

from deploy.drill.services import Service, eventually
from tests.federation.federation import BEIJING, GUANGDONG, OPERATOR, Federation
from tests.federation.ledger import (
    Ledger,
    a_ledger,
    approve_all,
    as_node,
    everything_public,
    prepare_list,
    received,
    recommend_all,
    serials_are_dense,
)

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(autouse=True)
async def all_run(federation: Federation) -> None:
    """Whoever an earlier test left stopped runs again."""
    stopped = [one for one in federation.services if not one.is_running]
    for one in stopped:
        one.start()
    for one in stopped:
        await one.ready()


async def delivered(node: Service, *, seconds: float) -> None:
    """Wait until nothing is left in the node's outbox."""

    async def is_empty() -> bool:
        found = await outbox(node)
        assert not found.get("dead")
        return not found.get("waiting") and not found.get("leased")

    await eventually("the outbox is empty", is_empty, seconds=seconds)


async def outbox(node: Service) -> dict[str, int]:
    """How many statements stand how in the node's outbox."""
    found = await node.told("GET", "/api/v1/deliveries/standing", by=OPERATOR)
    counts: dict[str, int] = found["counts"]
    return counts


async def hold_exactly(federation: Federation, ledger: Ledger) -> None:
    """The ledger's patents once each at hub and nodes, in equal copies of a dense log."""
    await federation.agree()
    for service in federation.services:
        ledger.compare(await everything_public(service), where=service.place.name)
    await serials_are_dense(federation.hub)


async def test_what_is_recommended_while_the_hub_is_away_is_delivered_when_it_is_back(
    federation: Federation, tmp_path: Path
) -> None:
    ledger = a_ledger(40, year=2011)
    node, hub = federation.guangdong, federation.hub
    await prepare_list(node, ledger.write_list(tmp_path / "list.csv"))
    sent_before = (await outbox(node)).get("sent", 0)
    await hub.stop()

    assert await recommend_all(node) == 40

    async def has_tried() -> bool:
        found = await node.told("GET", "/api/v1/deliveries/standing", by=OPERATOR)
        return (found["paused"] or {}).get("code") == "hub_unreachable"

    await eventually("the node has tried in vain", has_tried)
    assert (await outbox(node)).get("sent", 0) == sent_before
    hub.start()
    await hub.ready()
    await delivered(node, seconds=100)
    await approve_all(federation, 40)

    state = await received(as_node(federation, GUANGDONG))
    assert state["gaps"] == []
    await hold_exactly(federation, ledger)


async def test_what_is_published_while_a_node_is_away_is_there_when_it_is_back(
    federation: Federation, tmp_path: Path
) -> None:
    ledger = a_ledger(40, year=2012)
    await federation.beijing.stop()
    await prepare_list(federation.guangdong, ledger.write_list(tmp_path / "list.csv"))
    await recommend_all(federation.guangdong)
    await approve_all(federation, 40)
    await federation.level(GUANGDONG)

    federation.beijing.start()
    await federation.beijing.ready()

    await hold_exactly(federation, ledger)


async def test_a_hub_killed_while_300_statements_come_in_loses_none_and_doubles_none(
    federation: Federation, tmp_path: Path
) -> None:
    ledger = a_ledger(300, year=2013)
    node, hub = federation.guangdong, federation.hub
    at_hub = as_node(federation, GUANGDONG)
    before = int((await received(at_hub))["contiguous_through"])
    await prepare_list(node, ledger.write_list(tmp_path / "list.csv"))
    await hub.stop()
    await recommend_all(node)

    reached = before
    for _ in range(2):
        hub.start()
        await hub.ready()

        async def takes_in(so_far: int = reached) -> int | None:
            through = int((await received(at_hub))["contiguous_through"])
            return through if through > so_far else None

        reached = await eventually("statements come in", takes_in, seconds=100)
        await hub.kill()
    hub.start()
    await hub.ready()
    await delivered(node, seconds=150)

    state = await received(at_hub)
    assert (state["contiguous_through"], state["gaps"]) == (before + 300, [])
    await approve_all(federation, 300)
    await hold_exactly(federation, ledger)
    await federation.proven()


async def test_a_node_killed_while_it_pulls_ends_with_the_same_copy(
    federation: Federation, tmp_path: Path
) -> None:
    ledger = a_ledger(300, year=2014)
    node = federation.beijing
    await prepare_list(federation.guangdong, ledger.write_list(tmp_path / "list.csv"))
    await recommend_all(federation.guangdong)
    await node.stop()
    await approve_all(federation, 300)
    await federation.level(GUANGDONG)

    for _ in range(3):
        node.start()
        await node.ready()
        await node.kill()  # it pulls as soon as it is ready
    node.start()
    await node.ready()

    await federation.level(BEIJING)
    await hold_exactly(federation, ledger)
    await federation.proven()
