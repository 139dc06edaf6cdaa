"""One refusal as an HTTP answer: `application/problem+json` (RFC 9457)."""

import json
from typing import Any, Final

from starlette.responses import Response

from shared_schema.bilingual import Language, halves
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, problem_body

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
_CHALLENGES: Final = {
    ProblemType.NOT_SIGNED_IN: "Bearer",
    ProblemType.PORTAL_KEY_INVALID: 'Bearer error="invalid_token"',  # RFC 6750 §3.1
}


def request_reference(request_id: str) -> str:
    """The `instance` member: this one occurrence, found again in the log."""
    return f"/requests/{request_id}"


def problem_answer(
    refusal: DomainError, *, request_id: str, now: Instant, language: Language | None = None
) -> Response:
    """Render a refusal; text that UTF-8 cannot carry is replaced, so rendering never fails.

    Texts hold both languages, Chinese first; who asks for English gets the English half alone.

    Adds `Retry-After` where the refusal knows it and `WWW-Authenticate` to 401 (RFC 9110 §11.6.1).
    Never cached: the same request may succeed a second later.
    """
    body = problem_body(refusal, instance=request_reference(request_id), now=now)
    if language == "en":
        body = _in_english(body)
    content = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(
        content.encode("utf-8", "replace"),
        status_code=refusal.problem.value.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=_fields(refusal),
    )


def _in_english(body: dict[str, Any]) -> dict[str, Any]:
    errors = [one | {"message": halves(str(one["message"])).en} for one in body["errors"]]
    spoken = {name: halves(str(body[name])).en for name in ("title", "detail")}
    return body | spoken | {"errors": errors}


def _fields(refusal: DomainError) -> dict[str, str]:
    fields = {"cache-control": "no-store"}
    if refusal.retry_after_s is not None:
        fields["retry-after"] = str(refusal.retry_after_s)
    if refusal.problem.value.status == 401:  # noqa: PLR2004 - the status RFC 9110 §15.5.2 names
        fields["www-authenticate"] = _CHALLENGES.get(refusal.problem, "Signature")
    return fields
