"""`Idempotency-Key`: a write that is sent again gets the answer of the first time.

The key's row and the effect share one transaction, so there is never an effect without its stored
answer. A refusal rolls both back: sending a corrected request under the same key is a new attempt.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.functions import Function
from starlette.responses import Response

from shared_platform.database.tables import include_tables, named_metadata
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

KEPT: Final = timedelta(days=400)  # a node that was away for a year still gets its first answer
RETRY_SECONDS: Final = 2
_KEY_FORM: Final = re.compile(r"[\x21-\x7e]{8,200}")
_own: Final = named_metadata()

idempotency_record: Final = Table(
    "idempotency_record",
    _own,
    Column("caller", Text, primary_key=True, comment="node or account: keys are per caller"),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False, comment="SHA-256 of method, path, body"),
    Column("status", SmallInteger),
    Column("media_type", Text),
    Column("body", LargeBinary),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    CheckConstraint("octet_length(request_hash) = 32", name="request_hash_length"),
    CheckConstraint("(status IS NULL) = (body IS NULL)", name="answer_is_whole"),
)


class IdempotencyMismatch(DomainError):
    """The key belongs to another request."""

    problem = ProblemType.IDEMPOTENCY_MISMATCH


class IdempotencyInFlight(DomainError):
    """A request with this key is being handled at this moment."""

    problem = ProblemType.IDEMPOTENCY_IN_FLIGHT


class IdempotencyKeyRefused(DomainError):
    """The field is missing or not 8 to 200 visible ASCII characters."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """One caller's key and what it was sent with."""

    caller: str
    key: str
    request_hash: bytes

    @classmethod
    def of(
        cls, caller: str, key: str | None, *, request: tuple[str, str, bytes]
    ) -> "IdempotencyClaim":
        """A claim from the header's value and (method, path with query, body as sent).

        Raises:
            IdempotencyKeyRefused: the key is missing or malformed.
        """
        if key is None or not _KEY_FORM.fullmatch(key):
            message = "须有 8–200 个可见 ASCII 字符 / 8 to 200 visible ASCII characters"
            field = "header:idempotency-key"
            raise IdempotencyKeyRefused(errors=[FieldError(field, "idempotency_key", message)])
        method, target, body = request
        head = f"{method} {target}\n".encode()
        return cls(caller, key, sha256(head + body).digest())


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it is stored: its bytes never change, however often it is given."""

    status: int
    body: bytes
    media_type: str = "application/json"
    replayed: bool = False

    def response(self) -> Response:
        """The answer, marked `Idempotent-Replayed: true` when it is not the first time."""
        headers = {"idempotent-replayed": "true"} if self.replayed else None
        return Response(self.body, self.status, headers, self.media_type)


def include_idempotency(metadata: MetaData) -> None:
    """Add the table to a service's metadata."""
    include_tables(_own, into=metadata)


async def answer_once(
    session: AsyncSession,
    claim: IdempotencyClaim,
    act: Callable[[], Awaitable[KeptAnswer]],
    *,
    now: Instant,
    waits: bool = False,
) -> KeptAnswer:
    """Run `act` and keep its answer, or give the kept one; `act` works in the same session.

    Holds an advisory lock on the key until the transaction ends, so that of two concurrent twins
    one acts and the other is told to come back instead of waiting on a connection; with `waits` it
    waits, as a person who pressed twice does.

    Raises:
        IdempotencyInFlight: a twin is at work.
        IdempotencyMismatch: the key was used for another request.
    """
    if waits:
        await session.execute(select(func.pg_advisory_xact_lock(_lock(claim))))
    kept = await _claim(session, claim, now=now)
    if kept is not None:
        return kept
    answer = await act()
    await session.execute(
        update(idempotency_record)
        .where(_identity == (claim.caller, claim.key))
        .values(status=answer.status, media_type=answer.media_type, body=answer.body)
    )
    return answer


async def forget_answers(session: AsyncSession, *, now: Instant, limit: int = 1_000) -> int:
    """Delete up to `limit` answers kept long enough; the number deleted, for a job that loops."""
    past = (
        select(idempotency_record.c.caller, idempotency_record.c.key)
        .where(idempotency_record.c.expires_at < now)
        .order_by(idempotency_record.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = delete(idempotency_record).where(_identity.in_(past))
    return len((await session.execute(gone.returning(idempotency_record.c.key))).all())


_identity: Final = tuple_(idempotency_record.c.caller, idempotency_record.c.key)


def _lock(claim: IdempotencyClaim) -> Function[int]:
    return func.hashtextextended(f"{claim.caller}\n{claim.key}", 0)


async def _claim(
    session: AsyncSession, claim: IdempotencyClaim, *, now: Instant
) -> KeptAnswer | None:
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_lock(claim)))):
        raise IdempotencyInFlight(retry_after_s=RETRY_SECONDS)
    row = {"caller": claim.caller, "key": claim.key, "request_hash": claim.request_hash}
    fresh = insert(idempotency_record).values(row | {"expires_at": now + KEPT})
    taken = fresh.on_conflict_do_nothing().returning(idempotency_record.c.key)
    if await session.scalar(taken) is not None:
        return None
    found = (
        await session.execute(
            select(idempotency_record).where(_identity == (claim.caller, claim.key))
        )
    ).one()
    if found.request_hash != claim.request_hash:
        raise IdempotencyMismatch
    if found.status is None:
        raise IdempotencyInFlight(retry_after_s=RETRY_SECONDS)
    return replace(KeptAnswer(found.status, found.body, found.media_type), replayed=True)
