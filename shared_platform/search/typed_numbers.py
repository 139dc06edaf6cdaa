"""Patent numbers in what somebody typed: with labels, brackets, hyphens, beside other words.

What is told apart here is only searched for; nothing is stored, so more spellings are read than a
declaration may hold (`shared_schema.patent_number`).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import parse_application_number

_LABEL: Final = (
    r"(?:(?:中国)?(?:授权)?(?:专利|申请|公开|公布|公告)(?:号码?)?|号码?|编号"
    r"|(?:patent|application|publication)(?: (?:no\.?|number))?|no\.?)[ :#]*[为是]? *"
)
_APPLICATION: Final = (
    r"(?:zl|cn)?[ \-]?(?P<application>\d{4}[ \-.]?\d[ \-.]?\d{7}[ \-.]{0,2}[\dx×х]"
    r"|\d{2}[ \-.]?\d[ \-.]?\d{5}[ \-.]{0,2}[\dx×х])"
)
_PUBLICATION: Final = (
    r"cn[ \-]?(?P<publication>[123]\d{8}|[123]\d{6})(?:[ \-]?(?P<letter>[a-z]\d?))?"
)
_NUMBER: Final = re.compile(
    rf"(?:{_LABEL})?(?<![0-9a-z])(?:{_PUBLICATION}|{_APPLICATION})(?![0-9a-z])", re.ASCII
)
_NO_DIGITS: Final = re.compile(r"[ \-.]")
_CHECKS: Final = str.maketrans("×х", "xx")
_AROUND: Final = " \t\r\n,;:。、.()[]{}<>《》【】〔〕「」“”\"'#"


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """One number: the index's `term` for it, and the text it was typed as.

    `application` is the application number in stored form; None for a publication number.
    """

    term: str
    typed: str
    application: str | None


@dataclass(frozen=True, slots=True)
class TypedText:
    """What was typed, in its two kinds of parts."""

    numbers: tuple[TypedNumber, ...]
    words: str


def read_typed(text: str) -> TypedText:
    """The numbers in the text, and the rest of it. What only looks like a number stays there."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_CHECKS)
    numbers: list[TypedNumber] = []

    def taken(match: re.Match[str]) -> str:
        number = _read(match)
        if number is None:
            return match[0]
        numbers.append(number)
        return " "

    words = _NUMBER.sub(taken, folded)
    return TypedText(tuple(dict.fromkeys(numbers)), words if words.strip(_AROUND) else "")


def bare(text: str) -> str:
    """The text without a label before it and marks around it, for whatever should be a number."""
    folded = unicodedata.normalize("NFKC", text).lower().strip(_AROUND)
    return re.sub(rf"^{_LABEL}", "", folded).strip(_AROUND)


def publication_terms(number: str) -> tuple[str, ...]:
    """The terms by which a publication number is found: whole, without its letter, digits alone."""
    plain = number.lower()
    without = re.sub(r"[a-z]\d?$", "", plain)
    return plain, without, without.removeprefix("cn")


def _read(match: re.Match[str]) -> TypedNumber | None:
    typed = match[0].strip()
    if match["publication"]:
        return TypedNumber(f"cn{match['publication']}{match['letter'] or ''}", typed, None)
    plain = _NO_DIGITS.sub("", match["application"]).upper()
    try:
        number = parse_application_number(plain)
    except IdentifierRefused:
        return None
    return TypedNumber(number, typed, number)
