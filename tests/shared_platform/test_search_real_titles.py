"""Known items: published titles, numbers and names are found however they are typed.

Skipped where the published lists are absent: they are not part of the repository. Figures over all
of them are in docs/performance.md.
"""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

import opencc
import pytest
import tantivy

from shared_platform.search.documents import IndexedListing, document_of
from shared_platform.search.fields import LISTING, schema
from shared_platform.search.index import Generation, IndexFolder, IndexReader, Reached
from shared_platform.search.search import Searching
from shared_platform.search.search_query import SearchQuery, ask_text, together
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import parse_application_number, print_patent_number
from shared_schema.strict_base64 import encode_base64

LISTS: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "published_listings"
TODAY: Final = date(2026, 3, 1)
SAMPLE: Final = 300
TOP: Final = 3
TRADITIONAL: Final = opencc.OpenCC("s2t")
WIDE: Final = {at: at + 0xFEE0 for at in range(0x21, 0x7F)}

pytestmark = pytest.mark.skipif(not LISTS.is_dir(), reason="the published lists are not here")


@dataclass(frozen=True)
class Item:
    """A published listing and its place in the index."""

    serial: int
    number: str
    title: str
    holder: str

    @property
    def listing(self) -> UUID:
        return UUID(int=self.serial)

    def row(self) -> IndexedListing:
        body = {
            "patent": {"application_number": self.number, "title": self.title or None},
            "holders": [{"name": self.holder, "kind": "enterprise"}],
            "fee": {"payment": {"mode": "free"}},
            "territory": {"include": ["CN"]},
        }
        payload = encode_base64(json.dumps({"body": body}).encode())
        envelope = json.dumps({"payload": payload}).encode()
        return IndexedListing(
            self.listing, "gz", self.number, "published", self.serial, None, envelope
        )


@dataclass(frozen=True)
class Shelf:
    """All items in one index."""

    items: Sequence[Item]
    searching: Searching

    def holds(self, item: Item, typed: str) -> bool:
        """Whether the item is among everything found, on whatever page."""
        searcher = self.searching.opened()
        itself = tantivy.Query.term_query(schema(), LISTING, str(item.listing), "basic")
        found = together(ask_text(searcher, typed), [(tantivy.Occur.Must, itself)])
        return bool(searcher.search(found, 1).hits)

    def first(self, typed: str) -> list[Item]:
        found = self.searching.find(SearchQuery(typed), cursor=None, limit=TOP, today=TODAY)
        return [self.items[serial] for serial in found.serials]

    def sample(self, count: int, wanted: Callable[[Item], object]) -> list[Item]:
        fitting = [item for item in self.items if wanted(item)]
        return Random(5).sample(fitting, min(count, len(fitting)))


def rows() -> Iterator[dict[str, str]]:
    for path in sorted(LISTS.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from csv.DictReader(lines)


def published() -> dict[str, tuple[str, str]]:
    """Title and holder, where the list has them, by each number that can be read."""
    found: dict[str, tuple[str, str]] = {}
    for row in rows():
        with suppress(IdentifierRefused):
            number = parse_application_number(row["patent_id"])
            named = (row.get("patent_name") or "").strip(), (row["patent_owner"] or "").strip()
            found.setdefault(number, named)
    return found


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    items = [Item(at, number, *named) for at, (number, named) in enumerate(published().items())]
    folder = IndexFolder(tmp_path_factory.mktemp("titles"))
    generation = Generation(folder.fresh())
    writer = generation.writer()
    for item in items:
        writer.add_document(document_of(item.row()))
    writer.commit()
    writer.wait_merging_threads()
    generation.note(Reached(len(items), 0, ""))
    folder.adopt(generation.folder)
    return Shelf(items, Searching(IndexReader(folder)))


def numbers_as_typed(number: str) -> list[str]:
    printed = print_patent_number(number)
    dotted = f"{number[:-1]}.{number[-1]}"
    return [
        number,
        printed,
        dotted,
        f"CN{dotted}",
        f"zl{number}".lower(),
        f" {printed} ".translate(WIDE),
        number[:10],
    ]


def names_as_typed(name: str) -> list[str]:
    return [
        name,
        name.translate(WIDE),
        TRADITIONAL.convert(name),
        name.replace("（", "(").replace("）", ")"),
    ]


def test_every_number_finds_its_listing_however_it_is_typed(shelf: Shelf) -> None:
    missed = [
        typed
        for item in shelf.sample(SAMPLE, lambda item: item.number)
        for typed in numbers_as_typed(item.number)
        if not shelf.holds(item, typed)
    ]

    assert not missed


def test_every_piece_of_a_title_finds_it(shelf: Shelf) -> None:
    chance = Random(11)
    missed = []
    for item in shelf.sample(3 * SAMPLE, lambda item: len(item.title) > 1):
        first = chance.randrange(len(item.title) - 1)
        piece = item.title[first : chance.randint(first + 2, len(item.title))]
        if not shelf.holds(item, piece):
            missed.append((item.title, piece))

    assert not missed


def test_a_whole_title_is_among_the_first_three(shelf: Shelf) -> None:
    sample = shelf.sample(SAMPLE, lambda item: item.title)

    found = [
        item.title in {one.title for one in shelf.first(item.title)}  # several have the same one
        for item in sample
    ]

    assert sum(found) >= 0.99 * len(sample)


def test_every_holder_is_found_in_any_width_and_spelling(shelf: Shelf) -> None:
    missed = [
        typed
        for item in shelf.sample(SAMPLE, lambda item: item.holder)
        for typed in names_as_typed(item.holder)
        if not shelf.holds(item, typed)
    ]

    assert not missed
