"""The erasures as staff see them: what waits, newest first."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.erasure.errors import ErasureNotFound
from main_platform.erasure.tables import ErasureRow

MAX_PAGE = 200


async def list_erasures(
    session: AsyncSession, *, state: str | None = None, before: UUID | None = None, limit: int = 50
) -> Sequence[ErasureRow]:
    """Up to `limit` erasures, the newest first; `before` is the id of the last one seen."""
    row = ErasureRow
    query = select(row).order_by(row.id.desc()).limit(min(limit, MAX_PAGE))
    if state is not None:
        query = query.where(row.state == state)
    if before is not None:
        query = query.where(row.id < before)
    return (await session.scalars(query)).all()


async def find_erasure(
    session: AsyncSession, erasure: UUID, *, origin: str | None = None
) -> ErasureRow:
    """One erasure, of this node if named.

    Raises:
        ErasureNotFound: there is none of that id, or it is another node's.
    """
    row = await session.get(ErasureRow, erasure)
    if row is None or origin not in {None, row.origin}:
        raise ErasureNotFound(f"没有删除申请 {erasure} / there is no erasure of that id")
    return row
