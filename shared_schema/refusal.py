"""Refusals: the typed errors of use cases, and their one rendering as problem+json (RFC 9457)."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from shared_schema.instants import Instant, format_instant
from shared_schema.problem import PROBLEM_BASE, ProblemType


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong: JSON pointer (RFC 6901) or column, code, message, rule and its source."""

    pointer: str
    code: str
    message: str
    source: str | None = None

    def to_json(self) -> dict[str, str]:
        """The error as a member of `errors`."""
        shown = {"pointer": self.pointer, "code": self.code, "message": self.message}
        return shown | ({"source": self.source} if self.source else {})


@dataclass
class DomainError(Exception):
    """A refusal with its facts; subclasses are named by what happened and name their row.

    `members` are shown beside those of every problem document (RFC 9457 §3.2).
    """

    detail: str = ""
    errors: list[FieldError] = field(default_factory=list)
    retry_after_s: int | None = None
    members: dict[str, str] = field(default_factory=dict)

    problem: ClassVar[ProblemType] = ProblemType.INTERNAL_ERROR

    def __post_init__(self) -> None:
        """Show code and detail where only `str(error)` is shown."""
        super().__init__(f"{self.problem.code}: {self.detail or self.problem.value.title_en}")


def problem_body(refusal: DomainError, *, instance: str, now: Instant) -> dict[str, Any]:
    """The members of `application/problem+json` (RFC 9457 §3.1, and ours of protocol §12)."""
    row = refusal.problem.value
    body: dict[str, Any] = {
        "type": PROBLEM_BASE + refusal.problem.code,
        "title": f"{row.title_zh} / {row.title_en}",
        "status": row.status,
        "detail": refusal.detail or row.title_en,
        "instance": instance,
        "code": refusal.problem.code,
        "remedy": {"zh": row.remedy_zh, "en": row.remedy_en},
        "retryable": row.retryable,
        "server_time": format_instant(now),
        "errors": [error.to_json() for error in refusal.errors],
    }
    if refusal.retry_after_s is not None:
        body["retry_after_s"] = refusal.retry_after_s
    return {**refusal.members, **body}
