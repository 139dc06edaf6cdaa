"""The locks of intake and review, in the one order in which they are taken.

Patents (by bucket), then the origin (`main_platform.nodes.origin_lock`), then listings, then
reviews; each kind sorted. Whoever decides what stands beside what takes the patents' locks: two
offers of one patent are never approved at the same moment, each blind to the other.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Column, ColumnElement, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from main_platform.intake.tables import IntakeListingRow

_PATENTS: Final = 0x6B61_6978_1000  # "kaix", then the bucket
_BUCKETS: Final = 256  # bounds the locks that a decision about a thousand patents takes
_ADVISORY: Final = text("SELECT pg_advisory_xact_lock(key) FROM unnest(:keys) AS key").bindparams(
    bindparam("keys", type_=ARRAY(IntakeListingRow.version.type))
)


async def lock_patents(session: AsyncSession, numbers: Iterable[str]) -> None:
    """Let nobody else decide about offers of these patents until the transaction ends."""
    keys = sorted({_PATENTS + sha256(number.encode()).digest()[0] for number in numbers})
    if keys:
        await session.execute(_ADVISORY, {"keys": keys})


async def lock_listings(
    session: AsyncSession, listings: Sequence[UUID]
) -> dict[UUID, IntakeListingRow]:
    """The rows of those listings that exist, locked until the transaction ends."""
    found = await session.execute(
        select(IntakeListingRow)
        .where(among(IntakeListingRow.listing, listings))
        .order_by(IntakeListingRow.listing)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.listing: row for row in found.scalars()}


async def lock_listings_of(
    session: AsyncSession, numbers: Iterable[str]
) -> dict[UUID, IntakeListingRow]:
    """All listings of these patents, whoever's, locked until the transaction ends."""
    found = await session.execute(
        select(IntakeListingRow)
        .where(among(IntakeListingRow.application_number, numbers))
        .order_by(IntakeListingRow.listing)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.listing: row for row in found.scalars()}


def among(
    column: InstrumentedAttribute[Any] | Column[Any], values: Iterable[object]
) -> ColumnElement[bool]:
    """`column = ANY(array)`: one prepared statement for any number of values."""
    return column == func.any(bindparam(None, list(values), type_=ARRAY(column.type), unique=True))
