"""What a refusal means for delivery: try again, alone, after a pause, or never."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pydantic import ValidationError

from shared_platform.transport.breaker import BreakerOpen
from shared_platform.transport.outbound import PeerAnsweredBadly, PeerUnreachable
from shared_platform.transport.peer_refusal import PeerRefusal, ProblemForm
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

GAP_ATTEMPTS: Final = 3  # a hub that was restored asks for earlier versions first
_SERVER_ERRORS: Final = range(500, 600)
_TOO_MANY: Final = 429
_CLOSED: Final = frozenset({503, 507})  # the hub takes nothing from anybody
_ACCEPTED: Final = frozenset({200, 201})

# These say something about this node, its keys, its clock or its settings, nothing about the
# statement: whoever repairs that wants everything to go on by itself (protocol §3.5).
_SENDER: Final = frozenset(
    {
        ProblemType.SIGNATURE_MISSING.code,
        ProblemType.SIGNATURE_INVALID.code,
        ProblemType.DIGEST_MISMATCH.code,
        ProblemType.COMPONENT_NOT_COVERED.code,
        ProblemType.KEY_EXPIRED.code,
        ProblemType.KEY_REVOKED.code,
        ProblemType.NODE_UNKNOWN.code,
        ProblemType.SCHEMA_UNSUPPORTED.code,  # whichever side is older must be upgraded
        ProblemType.NODE_SUSPENDED.code,
        ProblemType.NOT_FOUND.code,
        ProblemType.METHOD_NOT_ALLOWED.code,
        ProblemType.NOT_ACCEPTABLE.code,
        ProblemType.UNSUPPORTED_MEDIA_TYPE.code,
        ProblemType.MISDIRECTED.code,
        ProblemType.HEADERS_TOO_LARGE.code,
    }
)
_AGAIN: Final = frozenset({ProblemType.NONCE_REPLAYED.code, ProblemType.CLOCK_SKEW.code})


class Verdict(Enum):
    """What to do with a statement after an attempt."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    UNANSWERED = "unanswered"  # retry, with the same key: it may have arrived
    ALONE = "alone"  # the batch was refused; each statement is judged by itself
    PAUSE = "pause"  # nothing from this node is taken at present
    GAP = "gap"  # the hub lacks an earlier version
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt that did not deliver, and what the operator reads about it."""

    verdict: Verdict
    problem: Mapping[str, Any]
    retry_after_s: int | None = None
    counts: bool = True  # as a step of the retry table
    is_silence: bool = False  # the hub was not reached or is closed, whatever is sent


def accepted(status: int) -> bool:
    """Whether the hub has the statement: for the first time, or as a repeat."""
    return status in _ACCEPTED


def of_exchange(refusal: DomainError, *, is_batch: bool) -> Refused:
    """The meaning of an exchange that ended with a refusal or without an answer."""
    if isinstance(refusal, PeerRefusal):
        verdict = _of_code(refusal.code, is_retryable=refusal.retryable)
        if is_batch and verdict in {Verdict.DEAD, Verdict.GAP}:
            verdict = Verdict.ALONE
        is_away = refusal.status in _CLOSED  # whatever is sent: nothing else need be tried
        shown = _shown_refusal(refusal)
        return Refused(verdict, shown, refusal.retry_after_s, is_silence=is_away)
    problem = {
        "code": refusal.problem.code,
        "detail": refusal.detail,
        "retryable": True,
        "errors": [error.to_json() for error in refusal.errors],
    }
    never_sent = isinstance(refusal, BreakerOpen)
    verdict = Verdict.RETRY if never_sent else Verdict.UNANSWERED
    is_silence = never_sent or isinstance(refusal, PeerUnreachable)
    return Refused(
        verdict, problem, refusal.retry_after_s, counts=not never_sent, is_silence=is_silence
    )


def of_line(status: int, problem: Mapping[str, Any] | None) -> Refused:
    """The meaning of one refused line of a batch.

    Raises:
        PeerAnsweredBadly: the line is no problem document.
    """
    try:
        form = ProblemForm.model_validate(problem)
    except ValidationError as malformed:
        raise PeerAnsweredBadly("a refused line without a problem") from malformed
    is_retryable = form.retryable or status in _SERVER_ERRORS or status == _TOO_MANY
    verdict = _of_code(form.code, is_retryable=is_retryable)
    if verdict is Verdict.UNANSWERED:  # only a whole batch can be repeated under its key
        verdict = Verdict.RETRY
    shown = form.model_dump(mode="json", exclude_none=True) | {"status": status}
    return Refused(verdict, shown, form.retry_after_s)


def _of_code(code: str, *, is_retryable: bool) -> Verdict:
    if code == ProblemType.IDEMPOTENCY_IN_FLIGHT.code:
        return Verdict.UNANSWERED
    if code in _SENDER:
        return Verdict.PAUSE
    if code == ProblemType.VERSION_GAP.code:
        return Verdict.GAP
    return Verdict.RETRY if is_retryable or code in _AGAIN else Verdict.DEAD


def _shown_refusal(refusal: PeerRefusal) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "status": refusal.status,
        "detail": refusal.detail,
        "instance": refusal.instance,
        "retryable": refusal.retryable,
        "errors": [error.to_json() for error in refusal.errors],
    }
