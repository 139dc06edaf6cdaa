"""Conventions of every table: constraint names, column types, and how tables are shared.

Each service makes its own base in three lines::

    class HubTable(DeclarativeBase):
        metadata = named_metadata()
        type_annotation_map = COLUMN_TYPES

Relationships, where one is declared at all, say `lazy="raise"`: lists are one statement each.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    LargeBinary,
    MetaData,
    Numeric,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class AwareInstant(TypeDecorator[datetime]):
    """A `timestamptz` that refuses a naive datetime, whose zone nobody can know."""

    impl = DateTime(timezone=True)  # type: ignore[mutable-override]
    cache_ok = True  # type: ignore[mutable-override]

    def process_bind_param(  # type: ignore[explicit-override]
        self, value: datetime | None, _dialect: Dialect
    ) -> datetime | None:
        """Pass an aware instant on.

        Raises:
            ValueError: the datetime is naive.
        """
        if value is not None and value.tzinfo is None:
            raise ValueError("an Instant must carry its time zone")
        return value


COLUMN_TYPES: Final[dict[Any, TypeEngine[Any]]] = {
    datetime: AwareInstant(),
    date: Date(),
    UUID: Uuid(),
    str: Text(),
    bytes: LargeBinary(),
    bool: Boolean(),
    int: BigInteger(),  # fen and serials outgrow 32 bits
    Decimal: Numeric(),
    dict[str, Any]: JSONB(),
    list[str]: JSONB(),
}


def named_metadata() -> MetaData:
    """Fresh metadata whose constraints get the names of `NAMING`, so migrations can drop them."""
    return MetaData(naming_convention=NAMING)


def include_tables(shared: MetaData, *, into: MetaData) -> None:
    """Copy the tables of a shared package into a service's metadata, for its migrations.

    Code goes on using the shared tables themselves; the copies make Alembic create them and let
    the service's foreign keys name them. Copying twice changes nothing.
    """
    for table in shared.sorted_tables:
        if table.key not in into.tables:
            table.to_metadata(into)
