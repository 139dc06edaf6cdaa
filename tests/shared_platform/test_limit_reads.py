"""Counted reads over HTTP: fields on every answer, refusals that say when, keys with more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

import http_sf
import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from main_platform.application import describe_hub_app
from shared_platform.transport.client_address import ClientAddresses
from shared_platform.transport.limit_reads import (
    KEY_PREFIX,
    WRONG_KEYS,
    LimitReads,
    PortalKey,
    PortalKeyInvalid,
    ReadLimits,
)
from shared_platform.transport.problem_answer import problem_answer
from shared_platform.transport.read_budgets import Budget, budget_of
from shared_schema.instants import parse_instant
from shared_schema.refusal import DomainError
from tests.main_platform.hub_interface import PUBLIC

SEARCH = "/api/v1/catalogue/search"
ONE = "/api/v1/catalogue/listings/019a0000-0000-7000-8000-000000000001"
TABLE = "/api/v1/catalogue/export.csv"
KEY = PortalKey(UUID(int=5), times=3)
GOOD = f"{KEY_PREFIX}good"
NOW = parse_instant("2026-11-22T08:00:00Z")
NOT_COUNTED = {
    "/.well-known/kaixu",
    "/.well-known/security.txt",
    "/about",
    "/api",
    "/robots.txt",
    "/verify",
}
ACCOUNTS = ("/recovery", "/sign-in", "/sign-out", "/welcome")
"""Pages of accounts, which have bounds of their own."""


async def answering(scope: Scope, _: Receive, send: Send) -> None:
    await Response("all")(scope, _, send)


def refuse(scope: Scope, refusal: DomainError) -> Response:
    return problem_answer(refusal, request_id=scope["path"], now=NOW)


@dataclass
class Keys:
    """One key, believed for as long as the test says."""

    looked_up: int = 0
    believes: bool = False
    noted: list[tuple[Budget, bool]] = field(default_factory=list)

    def remembered(self, token: str) -> PortalKey | None:
        return KEY if self.believes and token == GOOD else None

    async def find(self, token: str) -> PortalKey:
        self.looked_up += 1
        if token != GOOD:
            raise PortalKeyInvalid
        return KEY

    def note(self, key: PortalKey, budget: Budget, *, is_granted: bool) -> None:
        assert key == KEY
        self.noted.append((budget, is_granted))


@dataclass
class Reader:
    """Somebody who asks, at moments that the test chooses."""

    quotas: dict[Budget, int] = field(
        default_factory=lambda: {Budget.READ: 3, Budget.SEARCH: 2, Budget.EXPORT: 1}
    )
    keys: Keys = field(default_factory=Keys)
    now: float = 1_000.0

    def __post_init__(self) -> None:
        limits = ReadLimits(self.quotas, ClientAddresses())
        self.app = LimitReads(
            answering, limits, keys=self.keys, refuse=refuse, monotonic=lambda: self.now
        )

    async def get(
        self, path: str, *, peer: str = "203.0.113.9", method: str = "GET", **headers: str
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, headers=headers)

    async def statuses(self, path: str, count: int, **headers: str) -> list[int]:
        return [(await self.get(path, **headers)).status_code for _ in range(count)]


@pytest.fixture
def reader() -> Reader:
    return Reader()


def limit_of(answer: httpx.Response, name: str = "ratelimit") -> tuple[str, dict[str, object]]:
    """The field as RFC 9651 reads it: one member, a string with parameters."""
    members = cast(
        list[tuple[str, dict[str, object]]],
        http_sf.parse(answer.headers[name].encode(), tltype="list"),
    )
    assert len(members) == 1
    label, parameters = members[0]
    return str(label), dict(parameters)


async def test_every_counted_answer_says_what_is_left(reader: Reader) -> None:
    first = await reader.get(SEARCH)
    reader.now += 15
    second = await reader.get(SEARCH)

    assert limit_of(first, "ratelimit-policy") == ("search", {"q": 2, "w": 60})
    assert limit_of(first) == ("search", {"r": 1, "t": 60})
    assert limit_of(second) == ("search", {"r": 0, "t": 45})
    assert second.text == "all"


async def test_one_too_many_is_refused_with_the_seconds_to_wait_and_then_granted(
    reader: Reader,
) -> None:
    assert await reader.statuses(SEARCH, 3) == [200, 200, 429]
    reader.now += 59
    refused = await reader.get(SEARCH)

    body = refused.json()
    assert (refused.status_code, body["code"], body["retryable"]) == (429, "rate_limited", True)
    assert refused.headers["retry-after"] == str(body["retry_after_s"]) == "1"
    assert limit_of(refused) == ("search", {"r": 0, "t": 1})
    reader.now += 1
    assert await reader.statuses(SEARCH, 3) == [200, 200, 429]


async def test_cheap_reads_go_on_when_searches_and_exports_are_used_up(reader: Reader) -> None:
    assert await reader.statuses(SEARCH, 3) == [200, 200, 429]
    assert await reader.statuses(TABLE, 2) == [200, 429]

    assert await reader.statuses(ONE, 4) == [200, 200, 200, 429]


async def test_addresses_are_counted_apart_and_a_forwarded_one_is_not_believed(
    reader: Reader,
) -> None:
    headers = {"x-forwarded-for": "198.51.100.7"}
    await reader.statuses(SEARCH, 2)

    other = await reader.get(SEARCH, peer="203.0.113.10")
    forged = await reader.get(SEARCH, **headers)

    assert (other.status_code, forged.status_code) == (200, 429)


async def test_head_and_the_form_of_harvesters_are_counted_and_writes_are_not(
    reader: Reader,
) -> None:
    answers = [
        await reader.get(ONE, method="HEAD"),
        await reader.get("/oai", method="POST"),
        await reader.get("/oai"),
        await reader.get(ONE),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "ratelimit" not in (await reader.get(ONE, method="POST")).headers


@pytest.mark.parametrize(
    "path",
    [
        "/federation/v1/log/entries",
        "/federation/v1/inbox",
        "/healthz",
        "/metrics",
        "/static/kaixu.css",
        "/api/v1/reviews",
        "/.well-known/kaixu",
    ],
)
async def test_the_protocol_health_and_staff_are_not_counted(path: str, reader: Reader) -> None:
    assert await reader.statuses(path, 9) == [200] * 9


async def test_a_budget_of_nothing_is_no_limit() -> None:
    reader = Reader({Budget.SEARCH: 0})

    assert await reader.statuses(SEARCH, 9) == [200] * 9
    assert await reader.statuses(ONE, 9) == [200] * 9


async def test_a_key_has_its_own_larger_budget_from_any_address(reader: Reader) -> None:
    await reader.statuses(SEARCH, 2)
    bearer = {"authorization": f"Bearer {GOOD}"}

    answers = [
        await reader.get(SEARCH, peer=f"203.0.113.{number}", **bearer) for number in range(7)
    ]

    assert [answer.status_code for answer in answers] == [200] * 6 + [429]
    assert limit_of(answers[0], "ratelimit-policy") == ("search", {"q": 6, "w": 60})
    assert reader.keys.noted == [(Budget.SEARCH, True)] * 6 + [(Budget.SEARCH, False)]


async def test_a_wrong_key_is_told_so_and_counts_nothing(reader: Reader) -> None:
    refused = await reader.get(SEARCH, authorization="Bearer of-something")

    assert (refused.status_code, refused.json()["code"]) == (401, "portal_key_invalid")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert "Authorization" in refused.json()["remedy"]["en"]
    assert await reader.statuses(SEARCH, 3) == [200, 200, 429]
    assert reader.keys.noted == []


@pytest.mark.parametrize("value", ["Basic abc", "Bearer kaixu_of-an-account", "nothing"])
async def test_other_credentials_are_not_looked_at(value: str, reader: Reader) -> None:
    assert await reader.statuses(SEARCH, 3, authorization=value) == [200, 200, 429]
    assert reader.keys.looked_up == 0


async def test_keys_are_not_tried_without_end_and_a_believed_one_goes_on(reader: Reader) -> None:
    wrong = {"authorization": f"Bearer {KEY_PREFIX}wrong"}
    tried = await reader.statuses(SEARCH, WRONG_KEYS + 5, **wrong)

    assert tried == [401] * WRONG_KEYS + [429] * 5
    assert reader.keys.looked_up == WRONG_KEYS
    reader.keys.believes = True
    assert (await reader.get(SEARCH, authorization=f"Bearer {GOOD}")).status_code == 200
    assert (await reader.get(SEARCH)).status_code == 200


def test_every_public_route_is_counted_or_is_known_not_to_be() -> None:
    uncounted = {path for _, path in PUBLIC if budget_of(path) is None}

    apart = ("/federation/", "/static/", "/console/static/", *ACCOUNTS)
    others = {path for path in uncounted if path.startswith(apart)}
    assert uncounted - others == NOT_COUNTED


@pytest.mark.parametrize(
    ("path", "budget"),
    [
        ("/", Budget.SEARCH),
        ("/feeds/catalogue.atom", Budget.SEARCH),
        ("/api/v1/catalogue/facets", Budget.SEARCH),
        ("/api/v1/catalogue/bulk", Budget.READ),
        ("/api/v1/catalogue/bulk/catalogue-1-20261122.ndjson.gz", Budget.EXPORT),
        ("/api/v1/catalogue/export.xlsx", Budget.EXPORT),
        ("/api/v1/catalogue/changes", Budget.READ),
        ("/oai", Budget.READ),
        ("/listings/1", Budget.READ),
    ],
)
def test_the_budget_follows_the_cost(path: str, budget: Budget) -> None:
    assert budget_of(path) is budget


def test_the_api_document_names_limits_keys_and_refusals_of_every_counted_read() -> None:
    document = describe_hub_app().openapi()
    check: Callable[[str], bool] = lambda path: budget_of(path) is not None  # noqa: E731
    counted = {path: one["get"] for path, one in document["paths"].items() if check(path)}

    assert len(counted) > 10
    for path, operation in counted.items():
        assert {"401", "429"} <= set(operation["responses"]), path
        assert "RateLimit" in operation["responses"]["200"]["headers"], path
        assert "Retry-After" in operation["responses"]["429"]["headers"], path
        assert operation["security"] == [{}, {"portalKey": []}], path
    assert document["components"]["securitySchemes"]["portalKey"]["scheme"] == "bearer"
