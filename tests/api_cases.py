"""Requests made by chance from an API document, and what each answer breaks of that document.

The cases are made by schemathesis with a fixed seed and sent by our own client, on the loop on
which the service and its database connections live.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from typing_extensions import override

Case = schemathesis.Case[Any]
MODES: Final = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
load_all_checks()
CHECKED: Final = cast(
    list[schemathesis.CheckFunction],
    CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        ]
    ),
)
_BY_DESIGN: Final = frozenset({501})  # oEmbed's answer to a format it lacks (oEmbed 1.0 §2.3.6)
# Any server may answer so to any request (RFC 9110 §15.5.15, RFC 6585 §5): its head is too long.
_OF_THE_HEAD: Final = frozenset({414, 431})
_RAW: Final = (
    "application/x-ndjson",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
_AT_ONCE: Final[Mapping[str, int]] = {"wait": 0}  # a long poll would hold the test, not break it
_FIRST_PARTY: Final = ("content-length", "host", "transfer-encoding", "authorization")


@schemathesis.serializer(*_RAW)
def raw(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Bodies that are read as they come: whatever was made, as bytes."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@dataclass(frozen=True)
class Broken:
    """An answer that is not as documented."""

    request: str
    status: int
    why: str

    @override
    def __str__(self) -> str:
        return f"{self.request} → {self.status}: {self.why}"


def operations(document: dict[str, Any]) -> Iterator[Any]:
    """Every operation of the document."""
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def cases_of(operation: Any, *, count: int) -> list[Case]:
    """At most `count` requests that fit the document and as many that do not; always the same."""
    made: list[Case] = []
    for mode in MODES:

        @settings(
            max_examples=count,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def gather(case: Case) -> None:
            made.append(case)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                gather()
            except Unsatisfiable:
                continue  # nothing of this operation can be wrong
    return made


async def broken_by(client: httpx.AsyncClient, operation: Any, *, count: int) -> list[Broken]:
    """Send the operation's cases; what the answers break."""
    found = []
    for case in cases_of(operation, count=count):
        answer = await _sent(client, case)
        if answer is not None:
            found += [
                Broken(f"{case.method} {answer.request.url}", answer.status_code, why)
                for why in _why(case, answer)
            ]
    return found


async def _sent(client: httpx.AsyncClient, case: Case) -> httpx.Response | None:
    if case.query:
        case.query |= {name: value for name, value in _AT_ONCE.items() if name in case.query}
    request = case.as_transport_kwargs(base_url=str(client.base_url))
    headers = {
        name: value
        for name, value in dict(request.get("headers") or {}).items()
        if name.lower() not in _FIRST_PARTY
    }
    cookies = "; ".join(f"{name}={value}" for name, value in (case.cookies or {}).items())
    try:
        return await client.request(
            request["method"],
            request["url"],
            params=request.get("params"),
            headers=headers | ({"cookie": cookies} if cookies else {}),
            **_body(request),
        )
    except (httpx.InvalidURL, UnicodeEncodeError):
        return None  # no client can send it


def _body(request: Mapping[str, Any]) -> dict[str, Any]:
    if request.get("json") is not None:
        return {"json": request["json"]}
    if request.get("files"):
        return {"files": request["files"]}
    content = request.get("data")
    if isinstance(content, (bytes, str)):
        return {"content": content}
    return {"data": content} if content is not None else {}


def _why(case: Case, answer: httpx.Response) -> list[str]:
    found: list[str] = []
    if answer.status_code in _OF_THE_HEAD:
        return found
    if answer.status_code >= 500 and answer.status_code not in _BY_DESIGN:
        found.append(f"server error {answer.text[:200]}")
    try:
        case.validate_response(answer, checks=CHECKED)
    except FailureGroup as group:
        found += [_line(one) for one in group.exceptions]
    except Failure as failure:
        found.append(_line(failure))
    return found


def _line(failure: BaseException) -> str:
    return " ".join(str(failure).split())[:400]
