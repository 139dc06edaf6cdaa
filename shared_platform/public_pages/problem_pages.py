"""Refusals as pages: whoever reads HTML gets the problem in the same frame as everything else."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request, Response
from jinja2 import Template

from shared_platform.public_pages.frame import show
from shared_platform.public_pages.reader import Reader, unsaid_language
from shared_platform.public_pages.words import PAGE_WORDS
from shared_schema.bilingual import Language, Words, halves
from shared_schema.refusal import DomainError, FieldError

_FOR_PROGRAMS: Final = ("/api/", "/federation/", "/.well-known/", "/static/", "/oai", "/oembed")
_KINDS: Final = (403, 404, 409, 410, 422, 429, 503)
_EXPLAINED: Final = (403, 409, 422)
_COLON: Final = Words("：", ": ")
_SERVER_ERROR: Final = 500
_CLIENT_ERROR: Final = 400


def problem_page(
    request: Request,
    refusal: DomainError,
    request_id: str,
    *,
    template: str | Template = "problem.html",
    more: Mapping[str, Any] | None = None,
) -> Response | None:
    """The page of a refusal; None where a program asks, which is answered by problem+json.

    `template` shows it, with `more` than every such page needs.
    """
    if not reads_pages(request):
        return None
    status = refusal.problem.value.status
    reader = _reader(request)
    name = _name(status)
    facts = dict(more or {}) | {
        "title": reader.says(PAGE_WORDS[name]),
        "what_to_do": reader.says(PAGE_WORDS[f"{name}_do"]),
        "errors": _errors(refusal, reader) if status in _EXPLAINED else [],
        "status": status,
        "code": refusal.problem.code,
        "request_id": request_id,
    }
    answer = show(request, template, facts, reader=reader, status=status)
    answer.headers["vary"] = "accept, accept-language"
    if refusal.retry_after_s is not None:
        answer.headers["retry-after"] = str(refusal.retry_after_s)
    return answer


def reads_pages(request: Request) -> bool:
    """Whether a person's browser asks, and not a program."""
    path = request.url.path
    wants = "text/html" in request.headers.get("accept", "")
    return wants and not path.startswith(_FOR_PROGRAMS)


def _reader(request: Request) -> Reader:
    """Read leniently: the address itself may be what is refused."""
    query, unsaid = request.query_params, unsaid_language(request)
    asked = query.get("lang")
    lang: Language = unsaid if asked not in {"zh", "en"} else "en" if asked == "en" else "zh"
    return Reader(lang, "large" if query.get("size") == "large" else "normal", unsaid)


def _name(status: int) -> str:
    if status in _KINDS:
        return f"problem_{status}"
    if status >= _SERVER_ERROR:
        return "problem_500"
    return "problem_422" if status == _CLIENT_ERROR else "problem_404"


def _errors(refusal: DomainError, reader: Reader) -> Sequence[str]:
    """What is wrong, in the reader's language; messages hold both, Chinese first."""
    if not refusal.errors:
        return [reader.says(halves(refusal.detail))] if refusal.detail else []
    return [_named(error, reader) for error in refusal.errors]


def _named(error: FieldError, reader: Reader) -> str:
    """What is wrong with which parameter, where it is one of the address."""
    said = reader.says(halves(error.message))
    place, _, name = error.pointer.partition(":")
    parameter = name.partition(".")[0] if place == "query" else ""
    return f"{parameter}{reader.says(_COLON)}{said}" if parameter else said
