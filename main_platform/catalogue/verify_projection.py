"""Rebuild the catalogue in memory from the log and compare the stored rows with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.violation import Violation
from shared_platform.catalogue.apply import CheckedPage
from shared_platform.catalogue.listing_rows import HOLDER_SEPARATOR, all_columns, state_columns
from shared_platform.catalogue.tables import catalogue_listing
from shared_schema.catalogue_fold import JudgedEntry, fold
from shared_schema.catalogue_state import ListingHead

_CHUNK: Final = 1_000
_NAMES: Final = tuple(str(column.name) for column in catalogue_listing.columns)


class ProjectionCheck:
    """The catalogue as the log makes it: one head and two digests for each listing."""

    def __init__(self) -> None:
        self._heads: dict[UUID, ListingHead] = {}
        self._state: dict[UUID, bytes] = {}
        self._terms: dict[UUID, bytes] = {}
        self._state_names: frozenset[str] = frozenset()

    def page(self, page: CheckedPage) -> list[JudgedEntry]:
        """Apply a page, as the sequencer did, and give the verdicts."""
        folded = fold(page.entries, page.statements, self._heads)
        for listing, head in folded.changed.items():
            state = state_columns(head)
            self._state_names = frozenset(state)
            self._state[listing] = _digest(state)
            if head.terms is not None:
                columns = all_columns(head, head.terms)
                self._terms[listing] = _digest(_without(columns, self._state_names))
            self._heads[listing] = replace(head, terms=None)
        return folded.judged

    async def finish(self, session: AsyncSession) -> list[Violation]:
        """Compare every stored listing; those left over are missing."""
        found: list[Violation] = []
        missing = set(self._heads)
        stored = await session.stream(
            select(catalogue_listing), execution_options={"yield_per": _CHUNK}
        )
        async for row in stored:
            columns = dict(zip(_NAMES, row, strict=True))
            missing.discard(columns["listing"])
            found += self._compare(columns)
        return [*found, *(Violation("projection.missing", str(one)) for one in sorted(missing))]

    def _compare(self, columns: Mapping[str, Any]) -> Iterator[Violation]:
        listing: UUID = columns["listing"]
        if listing not in self._heads:
            yield Violation("projection.extra", str(listing))
            return
        shown = dict(columns) | {"holder_names": HOLDER_SEPARATOR.join(columns["holder_names"])}
        state = {name: shown[name] for name in self._state_names}
        if _digest(state) != self._state[listing]:
            yield Violation("projection.state", str(listing), columns["serial"])
        if _digest(_without(shown, self._state_names)) != self._terms[listing]:
            yield Violation("projection.terms", str(listing), columns["serial"])


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
