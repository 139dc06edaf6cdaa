"""Send one lease and read the answers. No transaction is open here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from shared_platform.failpoint import failpoint
from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_platform.transport.signed_client import Written
from shared_schema.bounded_json import parse_json
from shared_schema.refusal import DomainError, FieldError
from shared_schema.statement import read_statement
from subplatform.outbox.lease import Lease, Leased
from subplatform.outbox.ports import Intake, LineAnswer
from subplatform.outbox.verdict import Refused, accepted, of_exchange, of_line


@dataclass(frozen=True, slots=True)
class Received:
    """The hub has the statement; `receipt` is its answer about it."""

    receipt: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back for a lease, in its order; `stored` proves it where the hub answered."""

    outcomes: tuple[Received | Refused, ...]
    stored: bytes | None = None


class _ReceiptForm(BaseModel):
    """The members of a receipt that must be those of what was sent; others are kept unread."""

    model_config = ConfigDict(frozen=True)

    oseq: int
    listing: str
    version: int
    statement_hash: str


async def send(hub: Intake, lease: Lease) -> Answers:
    """Deliver the lease: a single PUT when it is one statement, else a batch.

    What the hub says is checked against what was sent: its signature by the client, and that the
    receipt names this very statement here. An answer that does not fit counts as none.
    """
    failpoint("push.sending")
    is_batch = lease.key is not None
    try:
        if lease.key is None:
            return await _send_one(hub, lease.statements[0])
        return await _send_batch(hub, lease.statements, lease.key)
    except DomainError as refusal:
        refused = of_exchange(refusal, is_batch=is_batch)
        return Answers((refused,) * len(lease.statements))


async def _send_one(hub: Intake, leased: Leased) -> Answers:
    written = await hub.put_statement(read_statement(leased.envelope))
    receipt = parse_json(written.body)
    return Answers((_received(leased, receipt),), _stored(written))


async def _send_batch(hub: Intake, statements: Sequence[Leased], key: str) -> Answers:
    written, lines = await hub.post_intake([one.envelope for one in statements], key=key)
    if len(lines) != len(statements):
        raise PeerAnsweredBadly(f"{len(lines)} answers for {len(statements)} statements")
    outcomes = tuple(_of_line(*pair) for pair in zip(statements, lines, strict=True))
    return Answers(outcomes, _stored(written))


def _of_line(leased: Leased, line: LineAnswer) -> Received | Refused:
    if line.oseq not in {0, leased.oseq}:
        raise PeerAnsweredBadly(f"an answer about {line.oseq} in place of {leased.oseq}")
    if accepted(line.status):
        return _received(leased, line.receipt)
    return of_line(line.status, line.problem)


def _received(leased: Leased, receipt: object) -> Received:
    """The receipt, once it names what was sent.

    Raises:
        PeerAnsweredBadly: it does not.
    """
    try:
        form = _ReceiptForm.model_validate(receipt)
    except ValidationError as malformed:
        raise PeerAnsweredBadly("a receipt in another form") from malformed
    sent = (leased.oseq, str(leased.listing), leased.version, leased.statement_hash)
    if (form.oseq, form.listing, form.version, form.statement_hash) != sent:
        message = f"回执属于另一声明 / a receipt for another statement than {leased.oseq}"
        raise PeerAnsweredBadly(message, [FieldError("", "receipt.statement", message)])
    assert isinstance(receipt, Mapping)  # the form is one of members
    return Received(receipt)


def _stored(written: Written) -> bytes:
    return written.receipt.to_json()
