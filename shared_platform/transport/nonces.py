"""Nonces of signed requests: each is accepted once per key, and forgotten after its window.

They are inserted in the request's own transaction: a request that is rolled back may be sent again
as it is, one that took effect may not.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import Column, DateTime, MetaData, Table, Text, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.tables import include_tables, named_metadata
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

# Made 300 s ahead of our clock and valid for 300 s, a signature lives 600 s from now at most.
KEPT: Final = timedelta(seconds=900)
_own: Final = named_metadata()

request_nonce: Final = Table(
    "request_nonce",
    _own,
    Column("key_id", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)


class NonceReplayed(DomainError):
    """The same signed request came before."""

    problem = ProblemType.NONCE_REPLAYED


def include_nonces(metadata: MetaData) -> None:
    """Add the table to a service's metadata."""
    include_tables(_own, into=metadata)


async def spend_nonce(session: AsyncSession, key_id: str, *, nonce: str, now: Instant) -> None:
    """Take a nonce for this transaction; a concurrent twin waits for its outcome.

    Raises:
        NonceReplayed: a committed request has it.
    """
    row = {"key_id": key_id, "nonce": nonce, "expires_at": now + KEPT}
    taken = insert(request_nonce).values(row).on_conflict_do_nothing()
    if await session.scalar(taken.returning(request_nonce.c.nonce)) is None:
        message = "该随机数已用过 / the nonce was used before"
        raise NonceReplayed(message, [FieldError("/headers/signature", "nonce.used", message)])


async def forget_nonces(session: AsyncSession, *, now: Instant, limit: int = 10_000) -> int:
    """Delete up to `limit` nonces past their window; the number deleted, for a job that loops."""
    identity = (request_nonce.c.key_id, request_nonce.c.nonce)
    past = (
        select(*identity)
        .where(request_nonce.c.expires_at < now)
        .order_by(request_nonce.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = delete(request_nonce).where(tuple_(*identity).in_(past)).returning(request_nonce.c.nonce)
    return len((await session.execute(gone)).all())
