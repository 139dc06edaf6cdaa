"""Refusals in the OpenAPI document: which a route may answer, each with an example."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field

from shared_platform.transport.problem_answer import PROBLEM_MEDIA_TYPE
from shared_schema.instants import parse_instant
from shared_schema.refusal import DomainError, problem_body

REFERENCE: Final = "#/components/schemas/{model}"
_EXAMPLE_INSTANCE: Final = "/requests/019a0000-0000-7000-8000-000000000000"
_EXAMPLE_TIME: Final = parse_instant("2026-11-22T08:00:00Z")


class ProblemFieldError(BaseModel):
    """One thing wrong with the request."""

    pointer: str = Field(description="JSON pointer (RFC 6901), or place and name as `query:limit`")
    code: str
    message: str = Field(description="Chinese, then English")
    source: str | None = Field(default=None, description="the rule's legal or technical source")


class ProblemRemedy(BaseModel):
    """What to do about it."""

    zh: str
    en: str


class Problem(BaseModel):
    """`application/problem+json` (RFC 9457). Only `code` is API; texts may change."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = Field(description="this occurrence; quote it to the operator")
    code: str
    remedy: ProblemRemedy
    retryable: bool = Field(description="whether the same request can succeed later")
    retry_after_s: int | None = None
    server_time: str
    errors: list[ProblemFieldError]


def problems(*refusals: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may refuse so: one entry per status, examples by code."""
    documented: dict[int | str, dict[str, Any]] = {}
    for refusal in refusals:
        row = refusal.problem.value
        content = _response(documented, row.status)
        content["examples"][refusal.problem.code] = {
            "summary": f"{row.title_zh} / {row.title_en}",
            "value": problem_body(refusal(), instance=_EXAMPLE_INSTANCE, now=_EXAMPLE_TIME),
        }
    for entry in documented.values():
        examples = entry["content"][PROBLEM_MEDIA_TYPE]["examples"]
        entry["description"] = "; ".join(shown["summary"] for shown in examples.values())
    return documented


def document_problems(app: FastAPI) -> None:
    """Put the problem schema into the application's OpenAPI document.

    FastAPI documents its own 422 body, which this product never sends; it is replaced.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
                servers=app.servers,
            )
            _complete(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _response(documented: dict[int | str, dict[str, Any]], status: int) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model="Problem")}
    fresh = {"content": {PROBLEM_MEDIA_TYPE: {"schema": schema, "examples": {}}}}
    content: dict[str, Any] = documented.setdefault(status, fresh)["content"]
    entry: dict[str, Any] = content[PROBLEM_MEDIA_TYPE]
    return entry


def _complete(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(mode="serialization", ref_template=REFERENCE)
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in document.get("paths", {}).values():
        for operation in path.values():
            _replace_validation_body(operation)


def _replace_validation_body(operation: object) -> None:
    if not isinstance(operation, dict):
        return
    entry = operation.get("responses", {}).get("422", {})
    shown: Mapping[str, Any] = entry.get("content", {}).get("application/json", {})
    if str(shown.get("schema", {}).get("$ref", "")).endswith("/HTTPValidationError"):
        schema = {"$ref": REFERENCE.format(model="Problem")}
        entry["content"] = {PROBLEM_MEDIA_TYPE: {"schema": schema}}
