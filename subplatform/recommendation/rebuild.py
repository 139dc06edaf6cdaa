"""Rebuild this node's own side from what the hub has of it, its inbox and the proven log.

For a node that lost everything but its keys and the anchor. Safe to repeat and to interrupt: the
counter is raised first, so that no number is used again whatever happens; statements are stored
with their receipts page by page; messages are read by their cursor; declarations are made in the
state that all of these together say, and one that is there already is left alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.catalogue.head_store import load_directory
from shared_schema.identities import IdSource
from shared_schema.instants import Clock, Instant
from shared_schema.key_directory import KeyDirectory
from shared_schema.problem import ProblemType
from shared_schema.receipt import StoredReceipt
from shared_schema.refusal import DomainError
from shared_schema.signing_key import PublicKey
from shared_schema.statement import SignedStatement, read_statement, verify_statement
from shared_schema.strict_base64 import decode_base64
from subplatform.audit.acts import Act
from subplatform.hub_client.own_records import OwnStatement, OwnStatementsPage
from subplatform.outbox.counter import skip_oseqs
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.tables import IntakeReceiptRow, OutboxMessageRow
from subplatform.recommendation.rebuild_declarations import Rebuilt, rebuild_declarations

Sessions = async_sessionmaker[AsyncSession]
Advance = Callable[[int, int | None], None]
"""Told the number reached, and the largest one."""

_BATCH: Final = 200


class NotOurStatement(DomainError):
    """The hub holds a statement in this node's name that no key of this node has signed."""

    problem = ProblemType.SIGNATURE_INVALID


class OtherStatementHere(DomainError):
    """This node holds another statement under that number: two copies of it were at work."""

    problem = ProblemType.OSEQ_CONFLICT


class Records(Protocol):
    """Where own statements and receipts come from; `hub_client.own_records.OwnRecords` is it."""

    async def statements(self, *, after: int) -> OwnStatementsPage:
        """A page of own statements."""
        ...

    async def receipts(self, *, after: int, through: int) -> tuple[StoredReceipt, dict[int, Any]]:
        """The hub's signed answer with their receipts."""
        ...


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """Who is rebuilt: the node, its present statement key, and where its records come from."""

    records: Records
    node: str
    key: PublicKey
    clock: Clock
    ids: IdSource


async def restore_statements(
    sessions: Sessions, rebuilding: Rebuilding, *, advance: Advance
) -> tuple[int, int]:
    """Store all own statements that the hub has, each with its receipt.

    The catalogue must be level: it holds the keys under which older statements were signed.
    Returns how many were not here, and the largest number ever used.

    Raises:
        NotOurStatement: nothing of that page was stored.
        OtherStatementHere: nothing of that page was stored.
        DomainError: the hub gave no usable answer.
    """
    async with sessions() as session:
        directory = await load_directory(session)
    stored = after = highest = 0
    while True:
        page = await rebuilding.records.statements(after=after)
        highest = max(highest, page.highest)
        async with sessions.begin() as session:
            await skip_oseqs(session, through=highest)
        if page.statements:
            through = page.statements[-1].oseq
            proof, receipts = await rebuilding.records.receipts(after=after, through=through)
            keys = _keys_of(rebuilding, directory)
            rows = [_row(one, receipts, keys=keys, node=rebuilding.node) for one in page.statements]
            async with sessions.begin() as session:
                stored += await _store(session, rows, proof, rebuilding=rebuilding)
            advance(through, highest)
        if page.next is None:
            return stored, highest
        after = page.next


async def restore_declarations(
    sessions: Sessions, *, node: str, clock: Clock, advance: Advance
) -> Rebuilt:
    """Make the declarations of all own listings that have none, in the state they stand in.

    The inbox must be read to its end. Batches of their own transactions; repeating it makes what
    is still missing.
    """
    total = Rebuilt()
    after = UUID(int=0)
    async with sessions() as session:
        wanted = select(func.count(OutboxMessageRow.listing.distinct()))
        listings = await session.scalar(wanted) or 0
    while True:
        async with sessions.begin() as session:
            made, after_next = await rebuild_declarations(
                session, after=after, limit=_BATCH, now=clock.now()
            )
            total = total.plus(made)
            if after_next is None:
                await _note(session, total, node=node, now=clock.now())
                return total
        after = after_next
        advance(total.seen, listings)


async def _note(session: AsyncSession, total: Rebuilt, *, node: str, now: Instant) -> None:
    facts = {"declarations": total.made, "without_content": total.without_content}
    act = Record(Act.NODE_REBUILT, Subject("node", node), node, facts)
    await record(session, act, now=now)


def _keys_of(rebuilding: Rebuilding, directory: KeyDirectory) -> Mapping[str, PublicKey]:
    """Every statement key this node ever had by the log, and the one it has now."""
    logged = {
        key_id: found.key.verifier()
        for key_id, found in directory.keys.items()
        if found.node == rebuilding.node and found.key.use == "statement"
    }
    return logged | {rebuilding.key.key_id: rebuilding.key}


def _row(
    one: OwnStatement,
    receipts: Mapping[int, Any],
    *,
    keys: Mapping[str, PublicKey],
    node: str,
) -> dict[str, Any]:
    signed = None if one.envelope is None else _signed(one, keys=keys, node=node)
    receipt = receipts.get(one.oseq)
    said = receipt.get("statement_hash") if isinstance(receipt, dict) else None
    if said != one.statement_hash:
        raise NotOurStatement(
            f"序号 {one.oseq} 的回执不符 / the receipt of {one.oseq} is another's"
        )
    made = one.received_at if signed is None else signed.statement.issued_at
    return {
        "oseq": one.oseq,
        "listing": one.listing,
        "version": one.version,
        "op": one.op,
        "priority": 1,
        "statement_hash": one.statement_hash,
        "envelope": b"" if signed is None else signed.raw,
        "erased_at": one.received_at if signed is None else None,
        "state": DeliveryState.SENT,
        "attempts": 1,
        "failures": 0,
        "is_alone": False,
        "is_unanswered": False,
        "next_attempt_at": one.received_at,
        "receipt": receipt,
        "created_at": made,
        "sent_at": one.received_at,
    }


def _signed(one: OwnStatement, *, keys: Mapping[str, PublicKey], node: str) -> SignedStatement:
    """The statement, proven to be this node's own.

    Raises:
        NotOurStatement: it is not, or not the one that its number and hash say.
    """
    try:
        signed = read_statement(decode_base64(one.envelope or "") or b"")
        said = verify_statement(signed, keys[signed.key_id])
    except (DomainError, KeyError) as refused:
        message = f"序号 {one.oseq} 的声明不是本节点所签 / {one.oseq} was not signed by this node"
        raise NotOurStatement(message) from refused
    named = (one.oseq, one.listing, one.version, one.op, one.statement_hash, node)
    if named != (said.oseq, said.listing, said.version, said.op, signed.payload_hash, said.origin):
        message = f"序号 {one.oseq} 的声明与目录不符 / {one.oseq} is not what the hub lists it as"
        raise NotOurStatement(message)
    return signed


async def _store(
    session: AsyncSession,
    rows: Sequence[dict[str, Any]],
    proof: StoredReceipt,
    *,
    rebuilding: Rebuilding,
) -> int:
    outbox = OutboxMessageRow
    numbers = [row["oseq"] for row in rows]
    found = await session.execute(
        select(outbox.oseq, outbox.statement_hash).where(outbox.oseq.in_(numbers))
    )
    here = {oseq: said for oseq, said in found}  # noqa: C416  a Row is no pair
    for row in rows:
        if here.get(row["oseq"], row["statement_hash"]) != row["statement_hash"]:
            number = row["oseq"]
            raise OtherStatementHere(f"序号 {number} 本地另有声明 / {number} is another one here")
    missing = [row for row in rows if row["oseq"] not in here]
    if not missing:
        return 0
    receipt_id = rebuilding.ids.new_id()
    now = rebuilding.clock.now()
    kept = {"id": receipt_id, "stored": proof.to_json(), "received_at": now}
    await session.execute(insert(IntakeReceiptRow).values(kept))
    await session.execute(insert(outbox), [row | {"receipt_id": receipt_id} for row in missing])
    return len(missing)
