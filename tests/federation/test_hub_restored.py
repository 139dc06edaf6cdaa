"""A hub restored from an old copy: it signs nothing new until its nodes gave back what it lost."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.drill.services import Service, eventually
from shared_platform.database.embedded import EmbeddedServer
from tests.federation.federation import EXAMINERS, HUB, REGISTRARS, Federation
from tests.federation.ledger import (
    Ledger,
    a_ledger,
    approve_all,
    everything_public,
    prepare_list,
    recommend_all,
    serials_are_dense,
)

pytestmark = pytest.mark.timeout(400)


async def everybody_has_cosigned(federation: Federation) -> int:
    """Wait until the hub knows that both nodes hold the whole log; its size."""

    async def have() -> int:
        found = await standing(federation.hub)
        sizes = {one["size"] for one in found["nodes"]}
        return int(found["size"]) if sizes == {found["signed_size"]} else 0

    return int(await eventually("both nodes have cosigned the whole log", have, seconds=60))


async def checkpoint_root(federation: Federation) -> tuple[int, str]:
    note = (await federation.hub.ask("GET", "/federation/v1/log/checkpoint")).text.splitlines()
    return int(note[1]), note[2]


@dataclass(frozen=True, slots=True)
class Backups:
    """Copies of the stopped hub's database, as an operator keeps them."""

    federation: Federation
    server: EmbeddedServer
    name: str

    async def take(self) -> None:
        """Stop the hub, copy its database, start it again."""
        hub = self.federation.hub
        await hub.stop()
        await self.server.recreate_database(self.name, template=self._own)
        hub.start()
        await hub.ready()

    async def put_back(self) -> None:
        """Put the copy in the place of the stopped hub's database, and say so."""
        await self.server.recreate_database(self._own, template=self.name)
        await self.federation.hub.run("log", "restored")

    @property
    def _own(self) -> str:
        return str(self.federation.databases[HUB].database)


@pytest.fixture
def backups(federation: Federation, database_server: EmbeddedServer, database_slot: int) -> Backups:
    return Backups(federation, database_server, f"federation_{database_slot}_backup")


async def publish(federation: Federation, ledger: Ledger, folder: Path) -> None:
    """Everything in the ledger is public, held and cosigned by both nodes."""
    place = len(list(folder.iterdir()))
    await prepare_list(federation.guangdong, ledger.write_list(folder / f"list-{place}.csv"))
    count = await recommend_all(federation.guangdong)
    await approve_all(federation, count)
    await federation.level()
    await everybody_has_cosigned(federation)


async def test_a_restored_hub_signs_nothing_until_its_nodes_gave_back_what_it_lost(
    federation: Federation, backups: Backups, tmp_path: Path
) -> None:
    hub, lost = federation.hub, a_ledger(12, year=2016)
    await publish(federation, a_ledger(3, year=2015), tmp_path)
    await backups.take()
    await publish(federation, lost, tmp_path)
    signed, digest = await checkpoint_root(federation), await federation.agree()

    await asyncio.gather(*(one.stop() for one in federation.services))
    await backups.put_back()
    hub.start()
    await hub.ready()
    await eventually("the hub waits for both nodes", lambda: waits_for(hub, 2))
    size, _ = await checkpoint_root(federation)
    assert size == signed[0] - 12, "the backup's own checkpoint, and nothing new"
    for one in federation.nodes.values():
        one.start()

    async def is_whole() -> bool:
        return await checkpoint_root(federation) == signed

    await eventually("the same root is signed again", is_whole, seconds=90)
    assert await federation.agree() == digest
    lost.compare(await everything_public(hub), where="the healed hub")
    await publish(federation, a_ledger(2, year=2017), tmp_path)
    await goes_on(federation, size=signed[0] + 2)


async def waits_for(hub: Service, nodes: int) -> bool:
    found = await standing(hub)
    return bool(found["is_restored"]) and len(found["unheard"]) == nodes


async def goes_on(federation: Federation, *, size: int) -> None:
    """The healed hub works as if nothing had happened: nothing twice, nothing open."""
    await serials_are_dense(federation.hub)
    await federation.proven()
    assert await federation.log_size() == size
    counts = await federation.hub.told("GET", "/api/v1/reviews/counts", by=EXAMINERS[0])
    assert {one["state"]: one["count"] for one in counts} == {"sequenced": 17}
    found = await standing(federation.hub)
    assert (found["is_restored"], found["forks"], found["recovery_wanted"]) == (False, 0, None)


async def standing(hub: Service) -> dict[str, Any]:
    found: dict[str, Any] = await hub.told("GET", "/api/v1/log/standing", by=REGISTRARS[0])
    return found
