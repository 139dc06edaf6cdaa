"""Who may call what at a node: every route names its caller, every route × role as declared."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from shared_platform.database.signals import listening
from shared_platform.service import ServiceContext
from shared_platform.transport.outbound import Outbound
from shared_schema.identities import SeededIds
from subplatform.accounts.permissions import NODE_POLICY, Permission
from subplatform.application import build_node_app, describe_node_app
from subplatform.context import CHANNELS, NodeContext, keys_folder, register_of
from subplatform.hub_client.node_keys import KeyRing, make_keys
from subplatform.settings import NodeSettings
from tests.access_matrix import People, hire_each, moved_from_elsewhere, wrong_cells
from tests.main_platform.hub_interface import PUBLIC, operations
from tests.subplatform.node_builders import NOW, StoppedClock

BASE = "https://node.test"
OPERATIONS = list(operations(describe_node_app()))
NAMED = [one for one in OPERATIONS if one.caller in {*Permission, "signed_in"}]
ONLY_AT_NODES = {
    ("GET", "/api/v1/mirror/status"),
    ("GET", "/register"),
    ("POST", "/register"),
}


@pytest.fixture
async def people(node_committed: Database, tmp_path: Path) -> AsyncIterator[People]:
    """The node's whole application, and somebody of each role."""
    settings = NodeSettings(data_dir=tmp_path, public_base_url=BASE)
    make_keys(keys_folder(settings))
    ids, clock = SeededIds(3), StoppedClock()
    async with listening(node_committed.url, CHANNELS) as signals:
        service = ServiceContext(
            settings=settings, database=node_committed, clock=clock, ids=ids, signals=signals
        )
        keys, outbound = KeyRing(keys_folder(settings)), Outbound()
        node = NodeContext(settings, service, keys, outbound, register_of(settings), hub=None)
        people = People(build_node_app(node), BASE)
        await hire_each(node_committed.sessions, NODE_POLICY, people, ids=ids, now=NOW)
        yield people
        await outbound.aclose()


def test_every_route_names_its_caller_or_is_public_at_the_hub_too() -> None:
    nameless = {one.name for one in OPERATIONS if one.caller is None}

    assert nameless - PUBLIC - ONLY_AT_NODES == set()
    assert nameless & {one.name for one in OPERATIONS if one.caller is not None} == set()
    assert {one.caller for one in OPERATIONS if one.caller} <= {
        *Permission,
        "signed_in",
        "half_signed_in",
    }


def test_there_are_pages_and_routes_of_every_permission() -> None:
    assert any(one.is_page for one in NAMED)
    assert {one.caller for one in NAMED} >= set(Permission)


@pytest.mark.timeout(240)  # some hundred routes, each asked by every role
async def test_every_route_lets_exactly_the_declared_roles_pass(people: People) -> None:
    assert await wrong_cells(NAMED, NODE_POLICY, people.ask) == {}
    assert await moved_from_elsewhere(NAMED, NODE_POLICY, people) == {}
