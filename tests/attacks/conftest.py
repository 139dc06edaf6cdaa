"""Places of the attack tests: hubs that are shared by the tests of one file."""

from collections.abc import AsyncIterator

import pytest

from shared_platform.database.engine import Database
from tests.attacks.attacked_hub import AttackedHub, an_attacked_hub
from tests.conftest import truncate_all
from tests.federation.signing_node import SigningNode
from tests.shared_schema.signed_requests import NODE, NOW, OTHER_NODE
from tests.subplatform.node_builders import NOW as IN_2023


@pytest.fixture(scope="module")
async def attacked_hub(
    _hub_committed: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AttackedHub]:
    """A hub at the instant of the signed requests, with both of their nodes."""
    folder = tmp_path_factory.mktemp("hub")
    async with an_attacked_hub(_hub_committed, folder, now=NOW) as hub:
        await hub.admit("node-one", NODE)
        await hub.admit("node-two", OTHER_NODE)
        yield hub
    await truncate_all(_hub_committed)


@pytest.fixture(scope="module")
async def hostile_hub(
    _hub_committed: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AttackedHub]:
    """A hub at an instant when the published lists were alive."""
    folder = tmp_path_factory.mktemp("hub")
    async with an_attacked_hub(_hub_committed, folder, now=IN_2023) as hub:
        yield hub
    await truncate_all(_hub_committed)


@pytest.fixture(scope="module")
async def hostile_node(hostile_hub: AttackedHub) -> SigningNode:
    """An enrolled node of `hostile_hub` that sends what tests tell it to."""
    return await hostile_hub.admit("node-one", NODE)
