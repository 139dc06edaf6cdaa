"""The catalogue as it was at an earlier size of the log, made again from the log's own bytes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.apply import CheckedPage, check_page
from shared_platform.catalogue.listing_rows import all_columns, state_columns
from shared_platform.catalogue.tables import log_entry, statement_object
from shared_schema.catalogue_fold import fold
from shared_schema.catalogue_state import ListingHead, ListingState
from shared_schema.key_directory import KeyDirectory
from shared_schema.merkle import CompactRange, leaf_hash

_PAGE: Final = 1_000
_ENTRIES: Final = (
    select(log_entry.c.serial, log_entry.c.leaf, statement_object.c.envelope)
    .join(statement_object, statement_object.c.object_hash == log_entry.c.object_hash, isouter=True)
    .order_by(log_entry.c.serial)
    .limit(_PAGE)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One listing as it stood: ready facts and items as in the catalogue.

    `is_erased`: the terms are not here any more, so nobody can say how long the offer was open.
    """

    listing: UUID
    number: str
    shown: Mapping[str, Any]
    period_end: date | None
    terms_object: bytes | None
    is_erased: bool

    def is_open(self, day: date) -> bool:
        """Whether the offer could be accepted on this day, as far as it can be known."""
        return self.period_end is None or self.period_end >= day


@dataclass(frozen=True, slots=True)
class CatalogueThen:
    """The log up to a size: the root of its tree and the listings that were published."""

    size: int
    root: bytes
    published: tuple[Standing, ...]


async def read_catalogue(session: AsyncSession, size: int) -> CatalogueThen:
    """Fold the first `size` entries: statements proven as any copy proves them.

    `session` should come from `unchanging`. What the log erased later is missing here too.
    """
    fold_of = _Fold()
    first, directory = 0, KeyDirectory()
    while first < size:
        rows = (await session.execute(_ENTRIES.where(log_entry.c.serial >= first))).all()
        rows = rows[: size - first]
        if not rows:
            break
        delivered = [(row.serial, row.leaf, row.envelope) for row in rows]
        page = await asyncio.to_thread(check_page, delivered, directory)
        await asyncio.to_thread(fold_of.page, page)
        first, directory = first + len(rows), page.directory
    return CatalogueThen(fold_of.tree.size, fold_of.tree.root(), fold_of.published())


class _Fold:
    """Heads without terms, and the catalogue's own columns of each listing."""

    def __init__(self) -> None:
        self.tree = CompactRange()
        self._heads: dict[UUID, ListingHead] = {}
        self._columns: dict[UUID, dict[str, Any]] = {}

    def page(self, page: CheckedPage) -> None:
        self.tree, _ = self.tree.extend(leaf_hash(read.leaf) for read in page.entries)
        for listing, head in fold(page.entries, page.statements, self._heads).changed.items():
            known = self._columns.get(listing, {})
            changed = state_columns(head) if head.terms is None else all_columns(head, head.terms)
            self._columns[listing] = known | changed
            self._heads[listing] = replace(head, terms=None)

    def published(self) -> tuple[Standing, ...]:
        return tuple(
            _standing(self._columns[listing])
            for listing, head in self._heads.items()
            if head.state is ListingState.PUBLISHED
        )


def _standing(columns: Mapping[str, Any]) -> Standing:
    newer = bool(columns["needs_newer_reader"])
    items = columns["items_json"]
    shown = {
        "state": ListingState.PUBLISHED.value,
        **orjson.loads(columns["facts_json"]),
        "needs_newer_reader": newer,
        "items": orjson.loads(items) if items else None,
    }
    return Standing(
        columns["listing"],
        columns["application_number"],
        shown,
        columns["period_end"],
        columns["terms_object"],
        is_erased=items is None and not newer,
    )
