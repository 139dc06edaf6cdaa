"""Whether a screened statement can be accepted after those before it: pure, one verdict each."""

from dataclasses import dataclass
from typing import Final

from main_platform.intake.errors import (
    DuplicateOwn,
    OseqConflict,
    ScopeDenied,
    StatementUnfit,
    Tombstoned,
    VersionGap,
)
from main_platform.intake.known import DATED, Accepted, Known, KnownListing
from main_platform.intake.screen import Screened
from shared_schema.instants import format_instant
from shared_schema.refusal import DomainError, FieldError
from shared_schema.statement import SignedStatement, Statement


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a statement: all None means that it is new and good.

    Attributes:
        repeated: the statement was accepted before; its receipt is given again.
        refusal: why it is not accepted.
        contradicted: the accepted statement that a refused one equivocates against.
    """

    repeated: Accepted | None = None
    refusal: DomainError | None = None
    contradicted: Accepted | None = None


GOOD: Final = Verdict()


def judge(screened: Screened, known: Known) -> Verdict:
    """Judge one statement; the order of the checks is the intake's (protocol §5, §10)."""
    signed = screened.signed
    if signed is None:
        return Verdict(refusal=screened.refusal)
    if signed.statement.origin != known.origin:
        return Verdict(refusal=_not_the_senders(signed.statement))
    before = known.by_oseq.get(signed.statement.oseq)
    if before is not None and before.statement_hash == signed.payload_hash:
        return Verdict(repeated=before)
    if screened.refusal is not None:
        return Verdict(refusal=screened.refusal)
    return _judge_new(signed, screened, known)


def _judge_new(signed: SignedStatement, screened: Screened, known: Known) -> Verdict:
    contradicted = _contradicted(signed, known)
    if contradicted is not None:
        refusal = _equivocation(signed.statement, contradicted)
        return Verdict(refusal=refusal, contradicted=contradicted)
    try:
        _check_chain(signed.statement, known.listings.get(signed.statement.listing))
        _check_dated(signed.statement, known)
        _check_offer(screened, signed.statement, known)
        known.allowance.check(signed.statement.op)
    except DomainError as refused:
        return Verdict(refusal=refused)
    return GOOD


def _not_the_senders(said: Statement) -> ScopeDenied:
    message = f"声明属于节点 {said.origin} / the statement is of node {said.origin}"
    return ScopeDenied(message, [FieldError("/origin", "scope.origin", message, "protocol §4")])


def _contradicted(signed: SignedStatement, known: Known) -> Accepted | None:
    said = signed.statement
    own = known.listings.get(said.listing)
    if own is not None and own.origin != known.origin:
        return known.by_oseq.get(said.oseq)
    return known.by_oseq.get(said.oseq) or known.by_version.get((said.listing, said.version))


def _equivocation(said: Statement, accepted: Accepted) -> OseqConflict:
    if said.oseq == accepted.oseq:
        where, code = "/oseq", "oseq.used"
        message = f"序号 {said.oseq} 已有另一声明 / oseq {said.oseq} holds another statement"
    else:
        where, code = "/version", "version.used"
        message = (
            f"第 {said.version} 版已由序号 {accepted.oseq} 发出"
            f" / version {said.version} was sent as oseq {accepted.oseq}"
        )
    return OseqConflict(message, [FieldError(where, code, message, "protocol §4")])


def _check_chain(said: Statement, known: KnownListing | None) -> None:
    """Continue the listing's chain: living, the next version, on the hash before.

    Raises:
        ScopeDenied: the listing is another node's.
        Tombstoned: it was withdrawn.
        StatementUnfit: it is about another patent.
        VersionGap: another version, or another predecessor, comes next.
    """
    if known is None:
        _check_begins(said)
        return
    if known.origin != said.origin:
        message = "该声明编号属于另一节点 / the listing is another node's"
        raise ScopeDenied(message, [FieldError("/listing", "scope.listing", message)])
    if known.withdrawn_at is not None:
        message = f"声明 {said.listing} 已撤回 / the listing was withdrawn"
        raise Tombstoned(
            message, [FieldError("/listing", "listing.withdrawn", message, "protocol §10")]
        )
    if said.subject.application_number != known.application_number:
        message = f"该声明的专利是 / the listing's patent is {known.application_number}"
        pointer = "/subject/application_number"
        raise StatementUnfit(message, [FieldError(pointer, "subject.changed", message)])
    if said.version != known.version + 1:
        message = f"下一版应为 {known.version + 1} / version {known.version + 1} comes next"
        raise VersionGap(message, [FieldError("/version", "version.gap", message, "protocol §4")])
    if said.prev != known.statement_hash:
        message = "prev 与上一版不符 / prev is not the hash of the version before"
        raise VersionGap(message, [FieldError("/prev", "prev.differs", message, "protocol §4")])


def _check_dated(said: Statement, known: Known) -> None:
    """Refuse an offer dated before the one numbered before it: conflicts are decided by dates.

    A statement that waited for months at an offline node keeps its number, and so its date.

    Raises:
        StatementUnfit: it is dated back.
    """
    before = known.dated_before(said.oseq) if said.op in DATED else None
    if before is not None and said.issued_at < before:
        message = (
            f"issued_at 早于前一序号的 {format_instant(before)}"
            " / issued before the statement with the number before it"
        )
        error = FieldError("/issued_at", "statement.issued_back", message, "protocol §4")
        raise StatementUnfit(message, [error])


def _check_begins(said: Statement) -> None:
    if said.version != 1:
        message = "应从第 1 版开始 / version 1 comes first"
        raise VersionGap(message, [FieldError("/version", "version.gap", message, "protocol §4")])
    if said.op != "offer":
        message = "第 1 版应为 offer / the first version is an offer"
        raise VersionGap(message, [FieldError("/op", "version.no_offer", message, "protocol §4")])


def _check_offer(screened: Screened, said: Statement, known: Known) -> None:
    """An offer must be the node's only one of the patent, and keep the rules.

    Raises:
        DuplicateOwn: the node has another live listing of the patent.
        DomainError: the rule violations found by screening.
    """
    if screened.declaration is None:
        return
    live = known.live.get(said.subject.application_number)
    if live is not None and live != said.listing:
        message = f"有效声明为 {live} / the live listing is {live}"
        pointer = "/subject/application_number"
        raise DuplicateOwn(message, [FieldError(pointer, "listing.live", message, "protocol §10")])
    if screened.violation is not None:
        raise screened.violation
