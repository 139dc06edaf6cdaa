"""What a node delivered, back to the node alone: for one that lost everything but its keys.

Nobody else may read this: it holds statements that were never published.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.counter import read_counter
from main_platform.intake.tables import EquivocationRow, SubmissionRow
from shared_schema.instants import format_instant
from shared_schema.strict_base64 import encode_base64

MAX_STATEMENTS: Final = 500
_PAGE_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OwnStatements:
    """A page of the node's statements by oseq; an erased one has no envelope any more.

    `highest` is the largest oseq that ever came under the node's name, accepted or refused as
    equivocation: none up to it may be used again. `next` continues as `after`; None: the last page.
    """

    statements: list[dict[str, Any]]
    highest: int
    next: int | None


async def read_own_statements(
    session: AsyncSession, origin: str, *, after: int, limit: int
) -> OwnStatements:
    """The statements after `after`, as they came: at most `limit`, and at least one if any."""
    row = SubmissionRow
    weight = func.sum(func.octet_length(row.envelope) * 2 + 512).over(order_by=row.oseq)
    weighed = (
        select(
            row.oseq,
            row.listing,
            row.version,
            row.op,
            row.statement_hash,
            row.envelope,
            row.received_at,
            weight.label("weight"),
            func.row_number().over(order_by=row.oseq).label("place"),
        )
        .where(row.origin == origin, row.oseq > after)
        .order_by(row.oseq)
        .limit(limit + 1)
        .subquery()
    )
    fitting = (weighed.c.weight <= _PAGE_BYTES) | (weighed.c.place == 1)
    found = (await session.execute(select(weighed).where(fitting).order_by(weighed.c.oseq))).all()
    page = found[:limit]
    last = page[-1].oseq if page else after
    more = await session.scalar(
        select(row.oseq).where(row.origin == origin, row.oseq > last).order_by(row.oseq).limit(1)
    )
    return OwnStatements(
        [_statement(each) for each in page],
        highest=await _highest(session, origin),
        next=None if more is None else last,
    )


async def read_own_receipts(
    session: AsyncSession, origin: str, *, after: int, through: int
) -> bytes:
    """The receipts of the statements after `after` up to `through`, one line each as a batch's."""
    row = SubmissionRow
    found = await session.execute(
        select(row.oseq, row.receipt)
        .where(row.origin == origin, row.oseq > after, row.oseq <= through)
        .order_by(row.oseq)
        .limit(MAX_STATEMENTS)
    )
    return b"".join(
        orjson.dumps(
            {"line": place, "oseq": oseq, "status": 200, "receipt": orjson.Fragment(receipt)},
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for place, (oseq, receipt) in enumerate(found, 1)
    )


def _statement(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a labelled row
    return {
        "oseq": row.oseq,
        "listing": str(row.listing),
        "version": row.version,
        "op": row.op,
        "statement_hash": row.statement_hash,
        "envelope": encode_base64(row.envelope) if row.envelope else None,
        "received_at": format_instant(row.received_at),
    }


async def _highest(session: AsyncSession, origin: str) -> int:
    counted = (await read_counter(session, origin)).highest
    refused = await session.scalar(
        select(func.max(EquivocationRow.oseq)).where(EquivocationRow.origin == origin)
    )
    return max(counted, refused or 0)
