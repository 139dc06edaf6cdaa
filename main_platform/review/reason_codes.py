"""Coded reasons of returns, rejections and withdrawals: a table, never free text alone."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Any, Final

from main_platform.review.errors import ReasonRefused
from shared_schema.bilingual import Words
from shared_schema.refusal import FieldError

NEEDS_TEXT: Final = frozenset({"other"})


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A code, the verdicts it serves, the rule it stands for (empty: none), and its texts."""

    code: str
    verdicts: frozenset[str]
    rule: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason as given: its code, and words to the origin where the code does not say enough."""

    code: str
    text: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The reason as decisions store it and nodes read it."""
        row = reason_codes()[self.code]
        shown = {"code": self.code, "zh": row.zh, "en": row.en, "rule": row.rule or None}
        return shown | {"text": self.text}


@cache
def reason_codes() -> Mapping[str, ReasonCode]:
    """All codes, in the file's order."""
    text = (files("main_platform.review") / "reason_codes.csv").read_text("utf-8")
    return {
        row["code"]: ReasonCode(
            row["code"], frozenset(row["verdicts"].split()), row["rule"], row["zh"], row["en"]
        )
        for row in csv.DictReader(StringIO(text), strict=True)
    }


@cache
def reason_texts() -> Mapping[str, Words]:
    """Words to begin with for each code that people give often; what is sent is what they leave."""
    text = (files("main_platform.review") / "reason_texts.csv").read_text("utf-8")
    rows = csv.DictReader(StringIO(text), strict=True)
    return {row["code"]: Words(row["zh"], row["en"]) for row in rows}


def codes_for(verdict: str) -> list[ReasonCode]:
    """The codes that serve a verdict, in the file's order."""
    return [row for row in reason_codes().values() if verdict in row.verdicts]


def check_reasons(reasons: Sequence[Reason], verdict: str) -> None:
    """Every reason is known and serves the verdict; all but an approval give at least one.

    Raises:
        ReasonRefused: `errors` name each fault and the codes that can be used.
    """
    usable = [row.code for row in codes_for(verdict)]
    errors = [
        error
        for place, reason in enumerate(reasons)
        if (error := _fault(reason, usable, f"/reasons/{place}")) is not None
    ]
    if not reasons and usable:
        errors = [_error("/reasons", "reason.missing", usable)]
    if errors:
        raise ReasonRefused(errors[0].message, errors)


def _fault(reason: Reason, usable: Sequence[str], pointer: str) -> FieldError | None:
    if reason.code not in usable:
        return _error(f"{pointer}/code", "reason.unknown", usable)
    if reason.code in NEEDS_TEXT and not reason.text:
        message = "请写明说明 / this code needs a text"
        return FieldError(f"{pointer}/text", "reason.text", message)
    return None


def _error(pointer: str, code: str, usable: Sequence[str]) -> FieldError:
    known = ", ".join(usable)
    return FieldError(pointer, code, f"请选用理由代码：{known} / use one of: {known}")
