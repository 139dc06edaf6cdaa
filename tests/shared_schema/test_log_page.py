"""The delta page: what is written is read, and nothing else is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.log_page import (
    MAX_PAGE_BYTES,
    PageEntry,
    PageInvalid,
    read_page,
    write_page,
)

BODIES = st.none() | st.binary(min_size=1, max_size=40)


@given(
    first=st.integers(0, 10**12),
    parts=st.lists(st.tuples(st.binary(min_size=1, max_size=40), BODIES), max_size=8),
)
def test_a_page_is_read_back(first: int, parts: list[tuple[bytes, bytes | None]]) -> None:
    entries = [PageEntry(first + at, leaf, body) for at, (leaf, body) in enumerate(parts)]

    page = read_page(write_page(first, entries, tree_size=10**13), first=first, limit=8)

    assert page.entries == tuple(entries)
    assert (page.first, page.next, page.tree_size) == (first, first + len(parts), 10**13)


def test_a_page_stops_before_its_bound_but_never_empty() -> None:
    large = [PageEntry(serial, b"x", b"y" * 1_000_000) for serial in range(9)]

    page = read_page(write_page(0, large, tree_size=9), first=0, limit=9)

    assert page.next == 6
    alone = PageEntry(0, b"x", b"y" * 1_000_000)
    assert read_page(write_page(0, [alone], tree_size=4), first=0, limit=9).next == 1


def test_a_page_has_a_thousand_entries_at_most() -> None:
    many = [PageEntry(serial, b"x") for serial in range(1_200)]

    assert read_page(write_page(0, many, tree_size=9_999), first=0, limit=1_000).next == 1_000


GOOD = {
    "from": 5,
    "next": 6,
    "tree_size": 9,
    "entries": [{"serial": 5, "entry": "eA==", "object": None}],
}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"from": 4}, "page.first"),
        ({"next": 7}, "page.next"),
        ({"tree_size": 5}, "page.tree_size"),
        ({"next": 5, "entries": []}, None),
        ({"tree_size": -1}, "page.malformed"),
        ({"tree_size": True}, "page.malformed"),
        ({"tree_size": 2**63}, "page.malformed"),
        ({"entries": {}}, "page.malformed"),
        ({"entries": [7]}, "page.serial"),
        ({"entries": [{"serial": 6, "entry": "eA=="}]}, "page.serial"),
        ({"entries": [{"serial": 5, "entry": "eA"}]}, "page.malformed"),
        ({"entries": [{"serial": 5, "entry": ""}]}, "page.malformed"),
        ({"entries": [{"serial": 5, "entry": None}]}, "page.malformed"),
        ({"entries": [{"serial": 5, "entry": "eA==", "object": 7}]}, "page.malformed"),
        ({"entries": [{"serial": 5, "entry": "eA==", "object": "!"}]}, "page.malformed"),
        ({"surplus": 1}, None),
    ],
    ids=str,
)
def test_a_malformed_page_is_refused_by_its_code(
    change: dict[str, object], code: str | None
) -> None:
    raw = json.dumps(GOOD | change).encode()

    if code is None:
        assert read_page(raw, first=5, limit=3).first == 5
        return
    with pytest.raises(PageInvalid) as refused:
        read_page(raw, first=5, limit=3)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "page.json"),
        (b"[]", "page.malformed"),
        (b"\xff", "page.json"),
        (b" " * (2 * MAX_PAGE_BYTES + 1), "page.too_large"),
        (b"[" * 100_000, "page.json"),
    ],
    ids=["empty", "a list", "not UTF-8", "endless", "deep"],
)
def test_bytes_that_are_no_page_are_refused(raw: bytes, code: str) -> None:
    with pytest.raises(PageInvalid) as refused:
        read_page(raw, first=0, limit=3)
    assert refused.value.code == code


@given(raw=st.binary(max_size=200))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    with pytest.raises(PageInvalid):
        read_page(raw, first=0, limit=3)
