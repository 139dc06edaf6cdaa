"""A stored problem in words: what happened, where, and what a person does about it."""

from collections.abc import Mapping
from typing import Any

from shared_platform.public_pages.reader import Reader
from shared_schema.bilingual import Words, halves
from shared_schema.problem import ProblemType


def problem_in_words(problem: Mapping[str, Any] | None, reader: Reader) -> dict[str, Any] | None:
    """Title, detail, remedy and field errors; a code that is not known here shows its detail."""
    if problem is None:
        return None
    code = str(problem.get("code", ""))
    row = ProblemType.__members__.get(code.upper())
    detail = reader.says(halves(str(problem.get("detail") or "")))
    errors = [
        {
            "pointer": str(one.get("pointer") or ""),
            "code": str(one.get("code") or ""),
            "message": reader.says(halves(str(one.get("message") or ""))),
            "source": str(one.get("source") or ""),
        }
        for one in problem.get("errors") or ()
    ]
    if row is None:
        return {"code": code, "title": detail or code, "detail": "", "remedy": "", "errors": errors}
    value = row.value
    return {
        "code": code,
        "title": reader.says(Words(value.title_zh, value.title_en)),
        "detail": detail,
        "remedy": reader.says(Words(value.remedy_zh, value.remedy_en)),
        "errors": errors,
    }
