"""What a release promised stays: paths, methods, members, values; and nothing more is demanded."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from deploy.write_openapi import RELEASED, SERVICES, document
from tests.openapi_growth import Growth

Change = Callable[[dict[str, Any]], object]

OLD: dict[str, Any] = {
    "paths": {
        "/reviews": {
            "get": {
                "parameters": [{"in": "query", "name": "state", "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {"$ref": "#/components/schemas/Review"},
                                }
                            }
                        }
                    },
                    "401": {"content": {"application/problem+json": {"schema": {}}}},
                },
            },
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/ReviewIn"}}
                    }
                },
                "responses": {"201": {"description": "made"}},
            },
        }
    },
    "components": {
        "schemas": {
            "Review": {
                "type": "object",
                "required": ["id", "state"],
                "properties": {
                    "id": {"type": "string"},
                    "state": {"enum": ["waiting", "claimed"], "type": "string"},
                    "by": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    "parent": {"$ref": "#/components/schemas/Review"},
                },
            },
            "ReviewIn": {
                "type": "object",
                "required": ["listing"],
                "properties": {"listing": {"type": "string"}, "note": {"type": "string"}},
            },
        }
    },
}


def review(changed: dict[str, Any]) -> Any:
    return changed["components"]["schemas"]["Review"]


def wanted(changed: dict[str, Any]) -> Any:
    return changed["components"]["schemas"]["ReviewIn"]


def listing(changed: dict[str, Any]) -> Any:
    return changed["paths"]["/reviews"]["get"]


BREAKING: dict[str, tuple[Change, str]] = {
    "a path": (lambda new: new["paths"].pop("/reviews"), "GET /reviews is gone"),
    "a method": (lambda new: new["paths"]["/reviews"].pop("post"), "POST /reviews is gone"),
    "a parameter": (lambda new: listing(new)["parameters"].clear(), "parameter state is gone"),
    "a status": (lambda new: listing(new)["responses"].pop("401"), "401 is gone"),
    "a media type": (
        lambda new: listing(new)["responses"]["200"]["content"].clear(),
        "application/json is gone",
    ),
    "a member": (lambda new: review(new)["properties"].pop("by"), "[]/by is gone"),
    "a value": (
        lambda new: review(new)["properties"]["state"]["enum"].remove("claimed"),
        "value claimed is gone",
    ),
    "a type": (
        lambda new: review(new)["properties"]["id"].update(type="integer"),
        "[]/id is integer, was string",
    ),
    "a variant": (
        lambda new: review(new)["properties"]["by"]["anyOf"].pop(),
        "has lost a variant",
    ),
    "a promise that it is there": (
        lambda new: review(new)["required"].remove("state"),
        "[]/state is not always there",
    ),
    "a request's member": (
        lambda new: wanted(new)["properties"].pop("note"),
        "body/note is gone",
    ),
    "a new demand": (lambda new: wanted(new)["required"].append("note"), "note became required"),
    "a new parameter that is demanded": (
        lambda new: listing(new)["parameters"].append(
            {"in": "query", "name": "year", "required": True}
        ),
        "parameter year became required",
    ),
    "a body that is demanded": (
        lambda new: listing(new).update(requestBody={"required": True, "content": {}}),
        "body became required",
    ),
    "a body": (
        lambda new: new["paths"]["/reviews"]["post"].pop("requestBody"),
        "body is gone",
    ),
}

HARMLESS: dict[str, Change] = {
    "nothing": lambda new: new,
    "a path": lambda new: new["paths"].update({"/more": {"get": {"responses": {}}}}),
    "a member": lambda new: review(new)["properties"].update(more={"type": "string"}),
    "a value": lambda new: review(new)["properties"]["state"]["enum"].append("approved"),
    "a request's member": lambda new: wanted(new)["properties"].update(more={"type": "string"}),
    "less demanded": lambda new: wanted(new)["required"].clear(),
    "more promised": lambda new: review(new)["required"].append("by"),
    "a parameter": lambda new: listing(new)["parameters"].append({"in": "query", "name": "more"}),
}


@pytest.mark.parametrize("service", SERVICES)
def test_openapi_only_grows(service: str) -> None:
    released = json.loads((RELEASED / f"{service}.json").read_text("utf-8"))

    assert Growth(released, document(service)).broken() == []


@pytest.mark.parametrize(("change", "expected"), BREAKING.values(), ids=BREAKING)
def test_what_breaks_a_caller_is_found(change: Change, expected: str) -> None:
    new = copy.deepcopy(OLD)
    change(new)

    broken = Growth(OLD, new).broken()

    assert [one for one in broken if expected in one]


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_only_adds_is_let_be(change: Change) -> None:
    new = copy.deepcopy(OLD)
    change(new)

    assert Growth(OLD, new).broken() == []


def test_a_real_document_that_lost_something_is_found() -> None:
    released = document("main_platform")
    shrunk = copy.deepcopy(released)
    del shrunk["components"]["schemas"]["NodeOut"]["properties"]["keys"]
    del shrunk["paths"]["/federation/v1/inbox"]

    broken = Growth(released, shrunk).broken()

    assert "GET /federation/v1/inbox is gone" in broken
    assert "GET /api/v1/nodes 200[]/keys is gone" in broken
