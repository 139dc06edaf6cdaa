"""A node that lost everything but its keys has everything again, and goes on working."""

import shutil
from pathlib import Path

import pytest

from deploy.drill.services import eventually
from shared_platform.database.embedded import EmbeddedServer
from tests.federation.desks import (
    Json,
    approve,
    change,
    check_and_recommend,
    decide,
    declaration_of,
    everywhere,
    offer,
    reaches,
    review_of,
    timeline,
    withdraw,
)
from tests.federation.federation import GUANGDONG, OPERATOR, Federation
from tests.subplatform.node_builders import a_number

pytestmark = pytest.mark.timeout(240)
SAME = ("listing", "state", "version", "declaration", "serial")


async def lose_everything_but_the_keys(
    federation: Federation, server: EmbeddedServer, safe: Path
) -> None:
    node = federation.guangdong
    await node.stop()
    shutil.copytree(node.place.folder / "keys", safe)
    shutil.rmtree(node.place.folder)
    node.place.folder.mkdir(mode=0o700)
    shutil.copytree(safe, node.place.folder / "keys")
    name = federation.databases[GUANGDONG].database
    assert name is not None
    await server.recreate_database(name)


async def live(federation: Federation) -> dict[str, str]:
    """Listings of node and hub in every state that outlives a day, by what became of them."""
    node, hub = federation.guangdong, federation.hub
    found = {
        "published": await offer(node, a_number(901)),
        "withdrawn": await offer(node, a_number(902)),
        "returned": await offer(node, a_number(903)),
        "rejected": await offer(node, a_number(904)),
        "corrected": await offer(node, a_number(905)),
        "waiting": await offer(node, a_number(906)),
    }
    for name in ("published", "withdrawn"):
        await approve(hub, found[name])
    for name in ("returned", "corrected"):
        reason = {"code": "amount_missing", "text": "请写明支付期限"}
        await decide(hub, await review_of(hub, found[name]), "return", **reason)
    reason = {"code": "false_material", "text": "材料不实"}
    await decide(hub, await review_of(hub, found["rejected"]), "reject", **reason)
    await reaches(node, found["corrected"], "correction")
    await change(node, found["corrected"], abstract="更正后的摘要")
    await check_and_recommend(node, found["corrected"])
    await approve(hub, found["corrected"])
    await reaches(node, found["withdrawn"], "published")
    await withdraw(node, found["withdrawn"])
    wanted = {
        "published": "published",
        "withdrawn": "withdrawn",
        "returned": "correction",
        "rejected": "refused",
        "corrected": "published",
    }
    for name, state in wanted.items():
        await reaches(node, found[name], state)
    await review_of(hub, found["waiting"])
    return found


async def shown(federation: Federation, listings: dict[str, str]) -> dict[str, Json]:
    """What each declaration says, where it stands, and why it came back where it did."""
    node = federation.guangdong
    found: dict[str, Json] = {}
    for name, listing in listings.items():
        one = await declaration_of(node, listing)
        found[name] = {key: one[key] for key in SAME}
        if name in {"returned", "rejected"}:
            found[name]["reasons"] = one["return_reasons"]
            assert one["return_reasons"] != []
    return found


async def proven(federation: Federation, listings: dict[str, str]) -> dict[str, list[Json]]:
    """Each statement with the receipts that the node can prove, once all proofs are there."""
    return {name: await receipts_of(federation, listings[name]) for name in listings}


async def receipts_of(federation: Federation, listing: str) -> list[Json]:
    members = ("oseq", "version", "op", "statement_hash", "delivery", "intake", "inclusion")

    async def look() -> list[Json] | None:
        lines = (await timeline(federation.guangdong, listing))["statements"]
        if any(line["serial"] is not None and line["inclusion"] == "missing" for line in lines):
            return None
        return [{key: line[key] for key in members} for line in lines]

    return await eventually(f"the proofs of {listing} are collected", look)


async def test_a_node_with_only_its_keys_has_everything_again_and_goes_on(
    federation: Federation, database_server: EmbeddedServer, tmp_path: Path
) -> None:
    node, hub = federation.guangdong, federation.hub
    listings = await live(federation)
    digest = await federation.agree()
    declared, receipts = await shown(federation, listings), await proven(federation, listings)
    await lose_everything_but_the_keys(federation, database_server, tmp_path / "keys")

    node.tokens[OPERATOR] = (await node.run("init", "--operator", OPERATOR)).answer["token"]
    anchor = str(hub.place.folder / "anchor.json")
    rebuilt = (await node.run("rebuild", "--anchor", anchor)).answer
    again = (await node.run("rebuild")).answer
    node.start()
    await node.ready()

    assert (rebuilt["declarations"], rebuilt["statements"]) == (6, 8)
    assert (again["declarations"], again["statements"]) == (0, 0)
    assert rebuilt["foreign_statements"] == again["foreign_statements"] == []
    assert await shown(federation, listings) == declared
    assert await proven(federation, listings) == receipts
    assert {line["intake"] for lines in receipts.values() for line in lines} == {"verified"}
    assert await federation.agree() == digest

    fresh = await offer(node, a_number(907))
    await approve(hub, fresh)
    await withdraw(node, listings["published"])
    await everywhere(federation, fresh, state="published")
    await everywhere(federation, listings["published"], state="withdrawn")
    (said,) = (await timeline(node, fresh))["statements"]
    assert said["oseq"] == rebuilt["highest_oseq"] + 1
    await federation.agree()
    await federation.proven()
