"""A node answers as its API document says, whatever is asked: `--api-cases 200` asks more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared_platform.bulk_download.here import bulk_keeper_of
from shared_platform.database.engine import Database
from shared_platform.search.here import keeper_of
from subplatform.application import describe_node_app
from tests.api_cases import broken_by, operations
from tests.shared_platform.catalogue_copies import follow
from tests.shared_platform.hub_log_peer import Federation, a_number
from tests.subplatform.open_nodes import OpenNode, an_open_node

OPERATIONS = list(operations(describe_node_app().openapi()))


@pytest.fixture
async def node(node_committed: Database, tmp_path: Path) -> AsyncIterator[OpenNode]:
    federation = Federation()
    federation.enrol("gz-centre")
    for number in range(5):
        federation.offer("gz-centre", a_number(number))
    async with an_open_node(node_committed, tmp_path) as opened:
        await follow(node_committed, federation.hub)
        service = opened.context.service
        await keeper_of(service).bring_level()
        await bulk_keeper_of(service).look()
        yield opened


@pytest.mark.timeout(7_200)
async def test_every_answer_of_a_node_is_as_the_document_says(
    node: OpenNode, api_cases: int
) -> None:
    """The catalogue by nobody, everything else by somebody with every role."""
    broken = []
    async with node.client() as nobody, node.client(signed_in=True) as staff:
        for operation in OPERATIONS:
            needs = operation.definition.raw.get("security", [{}])
            client = nobody if {} in needs else staff
            broken += await broken_by(client, operation, count=api_cases)

    assert not broken, "\n".join(sorted({str(one) for one in broken}))
