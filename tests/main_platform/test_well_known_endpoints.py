"""The map of addresses in `/.well-known/kaixu`, held against the routes that answer."""

import re

from fastapi.routing import APIRoute

from main_platform.application import describe_hub_app
from main_platform.catalogue.well_known import ENDPOINTS
from shared_platform.transport.api_examples import read_examples
from tests.main_platform.hub_interface import operations

FEDERATION = "/federation/v1/"
ROUTES: dict[str, APIRoute] = {
    one.path: one.route for one in operations(describe_hub_app()) if one.path.startswith(FEDERATION)
}
UNDER_A_COLLECTION = {"/enrolments/{enrolment}", "/erasures/{erasure}"}
"""Resources whose identifier the collection above them gave out."""


def pattern_of(path: str) -> re.Pattern[str]:
    """What a route answers: `{name:path}` reaches over slashes, `{name}` does not."""
    written = re.sub(r"\\\{\w+:path\\\}", ".+", re.escape(path))
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", written))


def routes_at(address: str) -> set[str]:
    """The routes that answer an address of the map; the fullest name where one is literal."""
    sample = re.sub(r"\{\w+\}", "7", address)
    return {path for path in ROUTES if pattern_of(path).fullmatch(sample)}


def test_every_address_of_the_map_is_answered() -> None:
    assert {name for name, address in ENDPOINTS.items() if not routes_at(address)} == set()


def test_every_federation_route_is_in_the_map() -> None:
    told = {path for address in ENDPOINTS.values() for path in routes_at(address)}

    assert len(ROUTES) > 20
    assert ROUTES.keys() - told == {FEDERATION.rstrip("/") + one for one in UNDER_A_COLLECTION}


def test_the_example_of_the_document_shows_the_whole_map() -> None:
    shown = read_examples("main_platform")["GET /.well-known/kaixu"]

    assert shown["value"]["endpoints"] == ENDPOINTS
