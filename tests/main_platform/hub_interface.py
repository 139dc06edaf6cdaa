"""The hub's routes as data: who each one asks for, read from the application itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from main_platform.nodes.key_lookup import (
    find_changing_key,
    find_enrolling_key,
    node_poll,
    node_request,
)
from shared_platform.sign_in.caller import signed_in

PUBLIC: Final = frozenset(
    {
        ("GET", "/"),
        ("GET", "/listings/{listing}"),
        ("GET", "/static/skin.css"),
        ("GET", "/static/logo"),
        ("GET", "/static/{name}"),
        ("GET", "/console/static/{name}"),
        ("GET", "/holders"),
        ("GET", "/facets/{facet}"),
        ("GET", "/api/v1/catalogue/facets/{facet}"),
        ("GET", "/nodes"),
        ("GET", "/nodes/{node}"),
        ("GET", "/boards"),
        ("GET", "/boards/{board}"),
        ("GET", "/facets/{facet}"),
        ("GET", "/statistics"),
        ("GET", "/issues"),
        ("GET", "/issues/{number}"),
        ("GET", "/feeds/issues.atom"),
        ("GET", "/api/v1/issues"),
        ("GET", "/api/v1/issues/{number}"),
        ("GET", "/api/v1/issues/{number}/files/{name}"),
        ("GET", "/api/v1/issues/{number}/errata"),
        ("GET", "/about"),
        ("GET", "/verify"),
        ("GET", "/api"),
        ("GET", "/embed"),
        ("GET", "/embed/catalogue"),
        ("GET", "/embed/listings/{listing}"),
        ("GET", "/embed/component"),
        ("GET", "/embed/kaixu-catalogue-{version}.js"),
        ("GET", "/embed/badge.svg"),
        ("GET", "/oembed"),
        ("GET", "/api/v1/catalogue/cards"),
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("POST", "/sign-out"),
        ("GET", "/welcome"),
        ("POST", "/welcome"),
        ("GET", "/recovery"),
        ("POST", "/recovery"),
        ("GET", "/sign-in/provider"),
        ("GET", "/sign-in/provider/return"),
        ("GET", "/.well-known/kaixu"),
        ("GET", "/federation/v1/log/checkpoint"),
        ("GET", "/federation/v1/log/handovers"),
        ("GET", "/federation/v1/log/tile/{place:path}"),
        ("GET", "/federation/v1/log/entries"),
        ("GET", "/federation/v1/snapshots/latest"),
        ("GET", "/federation/v1/snapshots/{size}/{name}"),
        ("GET", "/federation/v1/objects/sha256/{digest}"),
        ("GET", "/federation/v1/proofs/entries/{serial}"),
        ("GET", "/federation/v1/proofs/consistency"),
        ("GET", "/api/v1/catalogue/search"),
        ("GET", "/api/v1/catalogue/facets"),
        ("GET", "/api/v1/catalogue/facets/{facet}"),
        ("GET", "/api/v1/catalogue/changes"),
        ("GET", "/api/v1/catalogue/bulk"),
        ("GET", "/api/v1/catalogue/bulk/{name}"),
        ("GET", "/api/v1/catalogue/export.csv"),
        ("GET", "/api/v1/catalogue/export.xlsx"),
        ("GET", "/feeds/catalogue.atom"),
        ("GET", "/feeds/catalogue.json"),
        ("GET", "/catalogue.jsonld"),
        ("GET", "/listings/{listing}.jsonld"),
        ("GET", "/sitemap.xml"),
        ("GET", "/sitemap-{page}.xml"),
        ("GET", "/robots.txt"),
        ("GET", "/.well-known/security.txt"),
        ("GET", "/oai"),
        ("POST", "/oai"),
        ("POST", "/federation/v1/log/shown"),
        ("GET", "/oai/public-listing.xsd"),
        ("GET", "/api/v1/catalogue/listings"),
        ("GET", "/api/v1/catalogue/listings/{listing}"),
    }
)
"""Every route that anybody may call. A route that is not here must name its caller."""

ENROLLING: Final = frozenset(
    {
        ("POST", "/federation/v1/enrolments"),
        ("GET", "/federation/v1/enrolments/{enrolment}"),
    }
)
"""The routes for keys that no log entry knows yet."""

NODE_CALLERS: Final = ("node", "enrolling", "changing")
"""Who signs requests: a node by its statement key, by a key to come, or to change its keys."""

_PERMISSIONS: Final = ("caller_with_", "page_caller_with_")
_WITHIN: Final = ("caller_within_", "page_caller_within_")
_PAGE: Final = "page_caller"
_HALF: Final = frozenset({"proving_caller", "enrolling_caller"})
_SAMPLES: Final = {
    "place": "0/000",
    "digest": "ab" * 32,
    "serial": "0",
    "size": "1",
    "oseq": "1",
    "node": "gz-centre",
    "key_id": "k" * 43,
    "name": "nobody",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, and the caller its signature names: None for nobody at all.

    A caller is a permission of staff, `signed_in` for any of them, or one of `NODE_CALLERS`. Pages
    name a visitor instead, by a session: `is_page`; one without its second factor is
    `half_signed_in`. `is_regional`: roles bound to a region pass as well, as far as they reach.
    """

    method: str
    path: str
    caller: str | None
    route: APIRoute
    dependant: Dependant
    is_page: bool
    is_regional: bool

    @property
    def name(self) -> tuple[str, str]:
        return self.method, self.path

    @property
    def reads_json(self) -> bool:
        return bool(self.dependant.body_params)

    def url(self) -> str:
        """The path with plausible values, of things that do not exist."""
        return re.sub(r"\{(\w+)(:path)?\}", lambda found: _sample(found[1]), self.path)


def operations(app: FastAPI) -> Iterator[Operation]:
    """Every operation of the application's own routes."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            continue
        dependant: Dependant = context.dependant
        caller = _caller(dependant)
        for method in sorted(context.methods or ()):
            yield Operation(
                method,
                str(context.path),
                caller,
                route,
                dependant,
                is_page=_is_page(dependant),
                is_regional=_is_regional(dependant),
            )


def _caller(dependant: Dependant) -> str | None:
    """The narrowest caller among all that the route depends on."""
    found = set(_callers(dependant))
    permissions = sorted(
        name for name in found if name not in {"signed_in", "half_signed_in", *NODE_CALLERS}
    )
    assert len(permissions) <= 1, f"{dependant.path} asks for {permissions}"
    for name in (*permissions, *NODE_CALLERS, "signed_in", "half_signed_in"):
        if name in found:
            return name
    return None


def _callers(dependant: Dependant) -> Iterator[str]:
    call = dependant.call
    name = getattr(call, "__name__", "")
    if name.startswith((*_PERMISSIONS, *_WITHIN)):
        yield re.sub("^(page_)?caller_with(in)?_", "", name)
    elif name in {_PAGE, f"brief_{_PAGE}"} or call is signed_in:
        yield "signed_in"
    elif name in _HALF:
        yield "half_signed_in"
    elif call in {node_request, node_poll}:
        yield "node"
    elif _closes_over(call, find_enrolling_key):
        yield "enrolling"
    elif _closes_over(call, find_changing_key):
        yield "changing"
    for inner in dependant.dependencies:
        yield from _callers(inner)


def _is_page(dependant: Dependant) -> bool:
    name = getattr(dependant.call, "__name__", "")
    return (
        _PAGE in name or name in _HALF or any(_is_page(inner) for inner in dependant.dependencies)
    )


def _is_regional(dependant: Dependant) -> bool:
    name = getattr(dependant.call, "__name__", "")
    return name.startswith(_WITHIN) or any(_is_regional(one) for one in dependant.dependencies)


def _closes_over(call: object, value: object) -> bool:
    cells = getattr(call, "__closure__", None) or ()
    return any(cell.cell_contents is value for cell in cells)


def _sample(name: str) -> str:
    return _SAMPLES.get(name, str(UUID(int=7)))
