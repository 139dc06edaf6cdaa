"""The committed API documents: what the code says, with examples and refusals throughout."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from deploy.write_openapi import FOLDER, SERVICES, document, printed
from main_platform.application import describe_hub_app
from shared_platform.transport.api_examples import read_examples
from subplatform.application import describe_node_app
from tests.openapi_growth import METHODS

NEVER_REFUSES = {"GET /.well-known/kaixu", "GET /catalogue.jsonld"}
DOCUMENTS = {service: document(service) for service in SERVICES}


def operations(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in found["paths"].items():
        for method in sorted(METHODS & methods.keys()):
            yield f"{method.upper()} {path}", methods[method]


def has_example(found: dict[str, Any], contents: dict[str, Any]) -> bool:
    return any(
        "example" in content or "examples" in content or _schema_has(found, content["schema"])
        for content in contents.values()
    )


def _schema_has(found: dict[str, Any], schema: dict[str, Any]) -> bool:
    if "$ref" in schema:
        schema = found["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return "examples" in schema or ("items" in schema and _schema_has(found, schema["items"]))


def without_example(found: dict[str, Any]) -> list[str]:
    """Operations with a body to send but no example of it, or with no example at all."""
    missing = []
    for name, operation in operations(found):
        body = operation.get("requestBody", {}).get("content")
        answers = [
            response.get("content", {})
            for status, response in operation["responses"].items()
            if status.startswith("2")
        ]
        is_empty = not any(answers)  # 204: there is nothing to show
        shown = is_empty or any(has_example(found, content) for content in answers)
        if body is not None and not has_example(found, body):
            missing.append(f"{name} request")
        elif body is None and not shown:
            missing.append(name)
    return missing


def without_refusals(found: dict[str, Any]) -> list[str]:
    return [
        name
        for name, operation in operations(found)
        if name not in NEVER_REFUSES
        and not any(
            "application/problem+json" in response.get("content", {})
            for response in operation["responses"].values()
        )
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_the_committed_document_is_what_the_code_says(service: str) -> None:
    committed = (FOLDER / f"{service}.json").read_text("utf-8")

    assert committed == printed(service), "run: make openapi"


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_is_openapi_3_1_with_summaries(service: str) -> None:
    found = DOCUMENTS[service]

    assert found["openapi"].startswith("3.1.")
    assert [name for name, operation in operations(found) if not operation.get("summary")] == []
    assert [name for name, one in operations(found) if not one.get("description")] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_names_its_refusals(service: str) -> None:
    assert without_refusals(DOCUMENTS[service]) == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_an_example(service: str) -> None:
    assert without_example(DOCUMENTS[service]) == []


def test_an_operation_without_example_and_refusal_is_found() -> None:
    yes = {"description": "yes", "content": {"application/json": {"schema": {"type": "object"}}}}
    bare = {"paths": {"/x": {"get": {"responses": {"200": yes}}}}}

    assert (without_example(bare), without_refusals(bare)) == (["GET /x"], ["GET /x"])


@pytest.mark.parametrize("service", SERVICES)
def test_no_body_takes_members_it_does_not_name(service: str) -> None:
    """S-03: nobody sets what a form does not ask for. Signed statements have their own reader."""
    document = DOCUMENTS[service]
    loose = [
        name
        for name, operation in operations(document)
        if " /api/" in name
        for body in operation.get("requestBody", {}).get("content", {}).values()
        if (schema := resolved(document, body["schema"])).get("type") == "object"
        and schema.get("additionalProperties") is not False
    ]

    assert loose == []


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference names."""
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def test_operation_ids_are_unique() -> None:
    for found in DOCUMENTS.values():
        names = [operation["operationId"] for _, operation in operations(found)]
        assert len(names) == len(set(names))


def test_every_signed_operation_says_so() -> None:
    found = dict(operations(DOCUMENTS["main_platform"]))

    assert found["GET /federation/v1/inbox"]["security"] == [{"nodeSignature": []}]
    assert "security" not in found["GET /federation/v1/log/checkpoint"]
    assert found["GET /api/v1/nodes"]["security"] == [{"HTTPBearer": []}]


@pytest.mark.parametrize(
    ("service", "app"),
    [("main_platform", describe_hub_app()), ("subplatform", describe_node_app())],
    ids=["main_platform", "subplatform"],
)
def test_each_example_belongs_to_an_operation_and_fits_its_answer(
    service: str, app: FastAPI
) -> None:
    models = {
        f"{method} {context.path_format}": context.original_route.response_model
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in context.methods or ()
    }
    known = dict(operations(DOCUMENTS[service]))

    for name, example in read_examples(service).items():
        documented = name if name in known else None
        assert documented is not None, f"{name} is no operation"
        model = models.get(name)
        if model is not None:
            TypeAdapter(model).validate_python(example["value"])
