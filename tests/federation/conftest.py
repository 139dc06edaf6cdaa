"""Places of the federation tests: empty databases for three services on the shared server."""

from collections.abc import AsyncIterator, Mapping

import pytest
from sqlalchemy import URL

from deploy.drill.services import Service
from shared_platform.database.embedded import EmbeddedServer
from tests.federation.federation import (
    BEIJING,
    GUANGDONG,
    HUB,
    Federation,
    a_federation,
    a_hub_alone,
    hub_service,
)
from tests.federation.signing_node import SigningNode


@pytest.fixture(scope="module")
async def databases(database_server: EmbeddedServer, database_slot: int) -> Mapping[str, URL]:
    """An empty database for the hub and each node; they make their tables themselves."""
    found: dict[str, URL] = {}
    for place, name in enumerate((HUB, GUANGDONG, BEIJING)):
        database = f"federation_{database_slot}_{place}"
        await database_server.recreate_database(database)
        found[name] = database_server.url(database)
    return found


@pytest.fixture(scope="module")
async def federation(
    tmp_path_factory: pytest.TempPathFactory, databases: Mapping[str, URL]
) -> AsyncIterator[Federation]:
    """A hub and two enrolled nodes, running; shared by the tests of one file.

    Each test brings patents of its own.
    """
    async with a_federation(tmp_path_factory.mktemp("federation"), databases) as running:
        yield running


@pytest.fixture(scope="module")
async def hub(
    tmp_path_factory: pytest.TempPathFactory, databases: Mapping[str, URL]
) -> AsyncIterator[Service]:
    """A hub alone, running; whatever its tests send it, it must not have failed once."""
    service = hub_service(tmp_path_factory.mktemp("hub"), databases[HUB])
    try:
        await a_hub_alone(service)
        yield service
    finally:
        await service.stop()
    assert service.failures() == []


@pytest.fixture(scope="module")
async def sender(hub: Service) -> SigningNode:
    """An enrolled node of Guangdong that signs what tests tell it to."""
    node = SigningNode(hub, "gz-centre")
    await node.join()
    return node
