"""Two hubs with one key: a copied hub that went its own way is found out, and both sides keep it.

The copy answers at the hub's own address and signs with its own key, so nothing but the log's past
tells it from the hub.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from deploy.drill.services import Service, eventually
from shared_platform.database.embedded import EmbeddedServer
from shared_schema.reader.command import main as verify
from tests.federation.federation import (
    GUANGDONG,
    HUB,
    OPERATOR,
    REGISTRARS,
    a_hub_alone,
    confirm,
    hub_service,
    node_service,
)
from tests.federation.signing_node import SigningNode

pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True, slots=True)
class TwoHubs:
    """The hub, its copy from before the last entries, and a node that followed the hub."""

    hub: Service
    copy: Service
    node: Service


@pytest.fixture
async def two_hubs(
    tmp_path: Path,
    databases: Mapping[str, URL],
    database_server: EmbeddedServer,
    database_slot: int,
) -> AsyncIterator[TwoHubs]:
    hub, node = hub_service(tmp_path, databases[HUB]), node_service(tmp_path, databases[GUANGDONG])
    name = f"federation_{database_slot}_copy"
    copy = Service(_copied(hub, database_server.url(name)), hub.tokens)
    try:
        await a_hub_alone(hub)
        made = await node.run("init", "--operator", OPERATOR)
        node.tokens[OPERATOR] = made.answer["token"]
        anchor = str(hub.place.folder / "anchor.json")
        asked = await node.run("enrol", "--anchor", anchor, "--region", "44")
        await confirm(hub, asked.answer)
        await _holds(hub, 2)
        await hub.stop()
        await database_server.recreate_database(name, template=str(databases[HUB].database))
        shutil.copytree(hub.place.folder, copy.place.folder)
        yield TwoHubs(hub, copy, node)
    finally:
        await asyncio.gather(*(one.stop() for one in (hub, copy, node)))


def _copied(hub: Service, url: URL) -> Any:
    settings = dict(hub.place.settings)
    settings["DATABASE_URL"] = url.render_as_string(hide_password=False)
    return replace(hub.place, folder=hub.place.folder.with_name("copy"), settings=settings)


async def _holds(hub: Service, size: int) -> None:
    async def does() -> bool:
        note = (await hub.ask("GET", "/federation/v1/log/checkpoint")).text
        return int(note.splitlines()[1]) == size

    await eventually(f"{hub.place.folder.name} has signed {size} entries", does)


async def mirror(node: Service) -> dict[str, Any]:
    found: dict[str, Any] = await node.told("GET", "/api/v1/mirror", by=OPERATOR)
    return found


def judged(hub: Service, evidence: Path) -> tuple[int, dict[str, Any]]:
    """What `kaixu-verify` says of a file of evidence, with nothing but the anchor."""
    told = StringIO()
    with redirect_stderr(told):
        anchor = str(hub.place.folder / "anchor.json")
        status = verify(["--anchor", anchor, "--fork", str(evidence), "--json"])
    return status, json.loads(told.getvalue())


async def test_a_copied_hub_with_other_entries_is_found_out_by_both_sides(
    two_hubs: TwoHubs, tmp_path: Path
) -> None:
    hub, copy, node = two_hubs.hub, two_hubs.copy, two_hubs.node
    hub.start()
    node.start()
    await asyncio.gather(hub.ready(), node.ready())
    await SigningNode(hub, "gz-centre").join()
    await eventually("the node holds the hub's log", lambda: _has(node, size=3, lag_entries=0))
    root = (await mirror(node))["root"]
    await asyncio.gather(node.stop(), hub.stop())
    copy.start()
    await copy.ready()
    for name in ("sz-centre", "zh-centre"):
        await SigningNode(copy, name).join()
    await _holds(copy, 4)

    node.start()
    await node.ready()
    await eventually("the node keeps evidence with its proof", lambda: _is_proven(node), seconds=60)

    found = await mirror(node)
    assert (found["size"], found["root"]) == (3, root), "nothing of the other log is applied"
    assert "log_fork" in {one["code"] for one in found["alarms"]}
    (kept,) = (await node.told("GET", "/api/v1/mirror/forks", by=OPERATOR))["forks"]
    assert kept["has_proof"]
    await node.run("log", "fork", str(kept["id"]), "--out", str(tmp_path / "node.json"))
    await _the_copy_keeps_it_too(copy, tmp_path / "copy.json")
    for file in ("node.json", "copy.json"):
        status, told = judged(hub, tmp_path / file)
        assert (status, told["verdict"]) == (0, "two_pasts")
        assert told["first"] == {"size": 3, "root": root}
        assert told["second"]["size"] == 4


async def _is_proven(node: Service) -> bool:
    """The hub's own message may come first, without a proof."""
    forks = (await node.told("GET", "/api/v1/mirror/forks", by=OPERATOR))["forks"]
    return any(one["has_proof"] for one in forks)


async def _has(node: Service, **members: object) -> bool:
    found = await mirror(node)
    return all(found[name] == value for name, value in members.items())


async def _the_copy_keeps_it_too(copy: Service, evidence: Path) -> None:
    """It learned of the other log by the node's cosignature."""

    async def knows() -> int:
        found = await copy.told("GET", "/api/v1/log/standing", by=REGISTRARS[0])
        return int(found["forks"])

    await eventually("the copy was told by the node", knows, seconds=60)
    (fork,) = (await copy.told("GET", "/api/v1/log/forks", by=REGISTRARS[0]))["forks"]
    assert (fork["node"], fork["size"]) == (GUANGDONG, 3)
    raw = await copy.ask("GET", f"/api/v1/log/forks/{fork['id']}", by=REGISTRARS[0])
    evidence.write_bytes(raw.content)
