"""Make statements: take numbers, continue each listing's chain, sign, put into the outbox.

All of it is one transaction with the change it states, so there is never a state without its
statement, nor a statement without its place in the outbox (protocol §9).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.failpoint import failpoint, failpoint_after_commit
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.signing_key import SigningKey
from shared_schema.statement import (
    Operation,
    Reason,
    SignedStatement,
    Statement,
    Subject,
    sign_statement,
)
from subplatform.declarations.tables import DeclarationRow
from subplatform.outbox.counter import take_issued_at, take_oseqs
from subplatform.outbox.enqueue import chain_heads, enqueue


@dataclass(frozen=True, slots=True)
class Signer:
    """As whom and with what this node signs; `key` gives the key of this moment."""

    node: str
    key: Callable[[], SigningKey]
    ids: IdSource


@dataclass(frozen=True, slots=True)
class Said:
    """What to state of a listing: an offer has a body, everything else a reason."""

    op: Operation
    body: dict[str, Any] | None = None
    reason: Reason | None = None


async def state_next(
    session: AsyncSession,
    said: Sequence[tuple[DeclarationRow, Said]],
    *,
    signer: Signer,
    now: Instant,
) -> list[SignedStatement]:
    """Sign the next version of each listing and queue them in this order.

    The rows must be locked; `version`, `last_oseq` and `last_statement_hash` move on. Many
    signatures are made beside the event loop.
    """
    first = await take_oseqs(session, len(said))
    issued_at = await take_issued_at(session, now)
    statements = [
        _statement(row, what, oseq=oseq, signer=signer, issued_at=issued_at)
        for oseq, (row, what) in enumerate(said, start=first)
    ]
    signed = await asyncio.to_thread(_sign, statements, signer.key())
    await enqueue(session, signed, now=now)
    for (row, _), one in zip(said, signed, strict=True):
        row.version = one.statement.version
        row.last_oseq = one.statement.oseq
        row.last_statement_hash = one.payload_hash
        row.updated_at = now
    failpoint("push.signed_not_committed")
    failpoint_after_commit(session, "push.queued")
    return signed


async def return_to_chain(session: AsyncSession, row: DeclarationRow) -> bool:
    """Set the row's chain to what still stands in the outbox; False when nothing does.

    For statements that were taken back before the hub had them. The row must be locked.
    """
    listing: UUID = row.listing
    head = (await chain_heads(session, [listing])).get(listing)
    row.version = head.version if head else 0
    row.last_oseq = head.oseq if head else None
    row.last_statement_hash = head.statement_hash if head else None
    return head is not None


def _statement(
    row: DeclarationRow, said: Said, *, oseq: int, signer: Signer, issued_at: Instant
) -> Statement:
    return Statement(
        origin=signer.node,
        listing=row.listing,
        oseq=oseq,
        version=row.version + 1,
        prev=row.last_statement_hash,
        op=said.op,
        subject=Subject(application_number=row.application_number),
        salt=signer.ids.new_token(),
        body=said.body,
        reason=said.reason,
        issued_at=issued_at,
    )


def _sign(statements: Sequence[Statement], key: SigningKey) -> list[SignedStatement]:
    return [sign_statement(statement, key) for statement in statements]
