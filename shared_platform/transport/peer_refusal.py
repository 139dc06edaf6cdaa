"""A peer's `application/problem+json`, read as untrusted and typed."""

from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared_platform.transport.outbound import OutboundAnswer, PeerAnsweredBadly, PeerUnreachable
from shared_platform.transport.problem_answer import PROBLEM_MEDIA_TYPE
from shared_schema.bounded_json import parse_json
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

MAX_RETRY_SECONDS: Final = 24 * 3600
_SERVER_ERRORS: Final = range(500, 600)
_TOO_MANY: Final = 429
_GATEWAY: Final = frozenset({502, 503, 504})  # what a proxy says when its upstream is away


class PeerFieldError(BaseModel):
    """One of the peer's `errors`."""

    pointer: str = Field(default="", max_length=1_000)
    code: str = Field(default="", max_length=200)
    message: str = Field(default="", max_length=2_000)
    source: str | None = Field(default=None, max_length=1_000)


class ProblemForm(BaseModel):
    """The members we read; others are ignored (RFC 9457 §3.2)."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(pattern="^[a-z0-9_.]{1,100}$")
    title: str = Field(default="", max_length=1_000)
    detail: str = Field(default="", max_length=5_000)
    instance: str = Field(default="", max_length=200)
    retryable: bool = False
    retry_after_s: int | None = Field(default=None, ge=0)
    server_time: str | None = Field(default=None, max_length=40)
    checkpoint: str | None = Field(default=None, max_length=300_000)
    errors: list[PeerFieldError] = Field(default_factory=list, max_length=1_000)


class PeerRefusal(DomainError):
    """The peer refused, in the protocol's form; shown to a person, it is the peer's own text.

    Attributes:
        code: the peer's code; `row` is our row for it, None when this version does not know it.
        retryable: the peer says so, or the status is 429 or 5xx.
        server_time: the peer's clock, as it printed it.
        instance: what to quote to the peer's operator.
        checkpoint: the signed note that contradicts ours, with `log_fork`; not verified.
    """

    problem = ProblemType.HUB_UNREACHABLE

    def __init__(self, form: ProblemForm, *, status: int, retry_after_s: int | None) -> None:
        errors = [FieldError(e.pointer, e.code, e.message, e.source) for e in form.errors]
        super().__init__(form.detail or form.title, errors, retry_after_s)
        self.args = (f"{form.code}: {self.detail}",)
        self.code = form.code
        self.status = status
        self.retryable = form.retryable or status in _SERVER_ERRORS or status == _TOO_MANY
        self.server_time = form.server_time
        self.instance = form.instance
        self.checkpoint = form.checkpoint

    @property
    def row(self) -> ProblemType | None:
        """The table's row of this code."""
        return ProblemType.__members__.get(self.code.upper())


def peer_refusal(answer: OutboundAnswer, *, now: Instant) -> PeerRefusal:
    """The refusal in an answer of 400 or more; waits are cut to a day.

    An answer in another form did not come from the protocol (a proxy, a wrong address); it is no
    decision about the request, so it must never be taken as a permanent refusal.

    Raises:
        PeerUnreachable: no problem document, and a gateway says that the peer is away.
        PeerAnsweredBadly: no problem document otherwise. Both carry `Retry-After` if there was one.
    """
    foreign = PeerUnreachable if answer.status in _GATEWAY else PeerAnsweredBadly
    retry_after = retry_after_seconds(answer.headers, now=now)
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    detail = f"status {answer.status} with {media_type or 'no content type'}"
    if media_type != PROBLEM_MEDIA_TYPE:
        raise foreign(detail, retry_after_s=retry_after)
    try:
        form = ProblemForm.model_validate(parse_json(answer.body))
    except (ValidationError, DomainError) as malformed:
        raise foreign(f"{detail}, malformed", retry_after_s=retry_after) from malformed
    waits = [wait for wait in (retry_after, form.retry_after_s) if wait is not None]
    longest = min(max(waits), MAX_RETRY_SECONDS) if waits else None
    return PeerRefusal(form, status=answer.status, retry_after_s=longest)


def retry_after_seconds(headers: httpx.Headers, *, now: Instant | None = None) -> int | None:
    """Seconds from `Retry-After` in either form (RFC 9110 §10.2.3); None when unreadable.

    A date is compared with the peer's own `Date`, so that a clock that is off does not change the
    wait; `now` stands in for it where the peer sent none. Cut to a day.
    """
    value = headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), MAX_RETRY_SECONDS)
    until = _http_date(value)
    since = _http_date(headers.get("date", "")) or now
    if until is None or since is None:
        return None
    return min(max(int((until - since).total_seconds()), 0), MAX_RETRY_SECONDS)


def _http_date(value: str) -> Instant | None:
    try:
        instant = parsedate_to_datetime(value)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None
