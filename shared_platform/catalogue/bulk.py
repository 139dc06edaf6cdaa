"""Many rows in one statement: each column travels as one array."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Table, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.listing_rows import HOLDER_SEPARATOR

Rows = Sequence[dict[str, object]]


def arrays(rows: Rows) -> dict[str, list[object]]:
    """The rows turned into one array for each column, as `insert_rows` statements take them."""
    return {f"given_{name}": [row[name] for row in rows] for name in rows[0]}


@cache
def insert_rows(table: Table, names: tuple[str, ...]) -> Insert:
    """`INSERT … SELECT … FROM unnest(…)`; add the conflict clause that is wanted."""
    return insert(table).from_select(list(names), unnested(table, names))


@cache
def unnested(table: Table, names: tuple[str, ...]) -> Select[Any]:
    """The arrays as rows, each column under its own name."""
    given = [bindparam(f"given_{name}", type_=ARRAY(_element(table, name))) for name in names]
    shape = [column(name, _element(table, name)) for name in names]
    rows = func.unnest(*given).table_valued(*shape, name="given").render_derived()
    return select(*(_stored(table, name, rows.c[name]) for name in names))


async def run(session: AsyncSession, statement: Any, rows: Rows) -> None:  # noqa: ANN401 - any DML
    """Execute such a statement for these rows; nothing for none."""
    if rows:
        await session.execute(statement, arrays(rows))


def _element(table: Table, name: str) -> Any:  # noqa: ANN401 - SQLAlchemy's type objects
    """An array's element type; names of holders travel joined, since SQL arrays do not nest."""
    kind = table.c[name].type
    return kind.item_type if isinstance(kind, ARRAY) else kind


def _stored(table: Table, name: str, given: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(table.c[name].type, ARRAY):
        return func.string_to_array(given, HOLDER_SEPARATOR).label(name)
    return given
