"""Searching over HTTP at the hub: what is published is found, misspelt filters are refused."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from shared_platform.database.engine import Database
from shared_platform.search.here import keeper_of
from shared_platform.search.segmentation import normalise, runs
from tests.main_platform.hub_places import OpenHub, an_open_hub
from tests.shared_platform.hub_log_peer import a_number

SEARCH = "/api/v1/catalogue/search"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        await opened.context.sequencer.drain()
        yield opened


async def answer(hub: OpenHub, path: str) -> tuple[int, dict[str, Any]]:
    found = await hub.ask("GET", path)
    return found.status_code, found.json()


async def test_while_the_index_is_made_a_search_says_when_to_come_back_and_browsing_goes_on(
    hub: OpenHub,
) -> None:
    status, problem = await answer(hub, SEARCH)
    browsed, page = await answer(hub, f"/api/v1/catalogue/listings?number={a_number(1)}")

    assert (status, problem["code"], problem["retryable"]) == (503, "maintenance", True)
    assert problem["retry_after_s"] > 0
    assert (browsed, page["items"]) == (200, [])


async def test_an_empty_catalogue_is_an_empty_result(hub: OpenHub) -> None:
    await keeper_of(hub.context.service).bring_level()

    status, found = await answer(hub, f"{SEARCH}?q=装置")

    assert (status, found["items"], found["total"], found["unknown"]) == (200, [], 0, ["装置"])


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("fee_mod=free", "query:fee_mod", "extra_forbidden"),
        ("fee_mode=gratis", "query:fee_mode.0", "filter.unknown_value"),
        ("scope=9999", "query:scope.0", "filter.unknown_value"),
        ("sort=price", "query:sort", "enum"),
        ("limit=1000", "query:limit", "less_than_equal"),
        ("cursor=AAAA", "query:cursor", "cursor.invalid"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(
    hub: OpenHub, query: str, pointer: str, code: str
) -> None:
    await keeper_of(hub.context.service).bring_level()

    status, problem = await answer(hub, f"{SEARCH}?{query}")

    assert status == 422
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(pointer, code)]


HOSTILE = (
    'title:"装置" AND (NOT x) OR *:* ~2^5 [1 TO 9] /.*/ {!func} \\',
    "\x01装\x7f置\u200b\u202e\ufffd",
    " ".join("abcdefghijklmnopqrstuvwxyz0123456789") * 2,
    " ".join(chr(0x4E00 + at) for at in range(100)),
    "装置" * 100,
    "1" * 200,
    "a.b-c+d/" * 25,
    "' OR 1=1; --",
    "𠮷𠀋😀",
    "Ⅷ㎡ﬁ" * 40,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_whatever_is_typed_is_words_and_never_a_language(hub: OpenHub, text: str) -> None:
    await keeper_of(hub.context.service).bring_level()

    status, found = await answer(hub, f"{SEARCH}?q={quote(text)}")

    assert (status, found["total"]) == (200, 0)
    assert set(found["unknown"]) <= set(runs(normalise(text)))


@pytest.mark.parametrize("text", ["装" * 201, "ab " * 300, "1" * 3_900])
async def test_longer_than_anybody_types_is_refused_before_it_is_searched(
    hub: OpenHub, text: str
) -> None:
    status, problem = await answer(hub, f"{SEARCH}?q={quote(text)}")

    assert (status, problem["code"]) == (422, "schema_invalid")
    assert [one["pointer"] for one in problem["errors"]] == ["query:q"]


async def test_ten_kilobytes_are_refused_by_their_length(hub: OpenHub) -> None:
    status, problem = await answer(hub, f"{SEARCH}?q={quote('装' * 1_200)}")

    assert (status, problem["code"]) == (414, "uri_too_long")
