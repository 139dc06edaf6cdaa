"""Rebuild the catalogue beside the log and compare the stored rows with it."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.violation import Violation
from shared_platform.catalogue.apply import CheckedPage
from shared_platform.catalogue.listing_rows import HOLDER_SEPARATOR, all_columns, state_columns
from shared_platform.catalogue.tables import catalogue_listing
from shared_schema.catalogue_fold import JudgedEntry, fold
from shared_schema.catalogue_state import ListingHead, listings_named
from shared_schema.log_entry import ObjectErased

_CHUNK: Final = 1_000
_TABLES: Final = """
CREATE TABLE listing (
  listing TEXT PRIMARY KEY, terms TEXT, head TEXT NOT NULL, state BLOB NOT NULL, own BLOB
) WITHOUT ROWID;
CREATE INDEX listing_terms ON listing (terms);
"""
_BY_ID: Final = "SELECT head FROM listing WHERE listing = ?"
_BY_TERMS: Final = "SELECT head FROM listing WHERE terms = ?"
# Terms that did not change keep their digest.
_STORE: Final = """
INSERT INTO listing VALUES (?, ?, ?, ?, ?) ON CONFLICT (listing) DO UPDATE SET
  terms = excluded.terms, head = excluded.head, state = excluded.state,
  own = coalesce(excluded.own, own)
"""
_HEAD: Final = TypeAdapter(ListingHead)
_NAMES: Final = tuple(str(column.name) for column in catalogue_listing.columns)


class ProjectionCheck:
    """The catalogue as the log makes it: one head and two digests for each listing.

    They lie in a temporary SQLite file, so that memory does not grow with the log.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)
        self._state_names: frozenset[str] = frozenset()

    def close(self) -> None:
        """Remove the file."""
        self._db.close()

    def page(self, page: CheckedPage) -> list[JudgedEntry]:
        """Apply a page, as the sequencer did, and give the verdicts."""
        folded = fold(page.entries, page.statements, self._heads(page))
        self._db.execute("BEGIN")
        for listing, head in folded.changed.items():
            state = state_columns(head)
            self._state_names = frozenset(state)
            own = None
            if head.terms is not None:
                columns = all_columns(head, head.terms)
                own = _digest(_without(columns, self._state_names))
            raw = _HEAD.dump_json(replace(head, terms=None))
            row = (listing.hex, head.terms_object, raw, _digest(state), own)
            self._db.execute(_STORE, row)
        self._db.execute("COMMIT")
        return folded.judged

    async def finish(self, session: AsyncSession) -> list[Violation]:
        """Compare every stored listing with the made one, both in the order of their ids."""
        found: list[Violation] = []
        made = self._db.execute("SELECT listing, state, own FROM listing ORDER BY listing")
        expected = made.fetchone()
        stored = await session.stream(
            select(catalogue_listing).order_by(catalogue_listing.c.listing),
            execution_options={"yield_per": _CHUNK},
        )
        async for row in stored:
            columns = dict(zip(_NAMES, row, strict=True))
            name = columns["listing"].hex
            while expected is not None and expected[0] < name:
                found.append(_missing(expected[0]))
                expected = made.fetchone()
            if expected is None or expected[0] != name:
                found.append(Violation("projection.extra", str(columns["listing"])))
                continue
            found += self._compare(columns, state=expected[1], own=expected[2])
            expected = made.fetchone()
        while expected is not None:
            found.append(_missing(expected[0]))
            expected = made.fetchone()
        return found

    def _heads(self, page: CheckedPage) -> dict[UUID, ListingHead]:
        """The heads that the page's entries may change."""
        found: dict[UUID, ListingHead] = {}
        for entry in (each.entry for each in page.entries if each.entry is not None):
            for listing in listings_named(entry):
                self._add(found, _BY_ID, listing.hex)
            if isinstance(entry, ObjectErased):
                self._add(found, _BY_TERMS, entry.object_hash)
        return found

    def _add(self, found: dict[UUID, ListingHead], query: str, value: str) -> None:
        for (raw,) in self._db.execute(query, (value,)):
            head = _HEAD.validate_json(raw)
            found[head.listing] = head

    def _compare(
        self, columns: Mapping[str, Any], *, state: bytes, own: bytes | None
    ) -> Iterator[Violation]:
        listing: UUID = columns["listing"]
        shown = dict(columns) | {"holder_names": HOLDER_SEPARATOR.join(columns["holder_names"])}
        stored = {name: shown[name] for name in self._state_names}
        if _digest(stored) != state:
            yield Violation("projection.state", str(listing), columns["serial"])
        if _digest(_without(shown, self._state_names)) != own:
            yield Violation("projection.terms", str(listing), columns["serial"])


def _missing(listing: str) -> Violation:
    return Violation("projection.missing", str(UUID(listing)))


def _without(columns: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name not in set(names)}


def _digest(columns: Mapping[str, Any]) -> bytes:
    canonical = orjson.dumps(
        columns, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z, default=_as_text
    )
    return sha256(canonical).digest()


def _as_text(value: object) -> str:
    """Bytes as hex; the driver's own kind of UUID as any other."""
    return value.hex() if isinstance(value, bytes) else str(value)
