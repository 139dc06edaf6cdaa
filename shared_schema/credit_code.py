"""Unified social credit codes (GB 32100-2015): 18 characters with a check character.

Characters: 1 registering authority, 1 category, 6 region (GB/T 2260), 9 organisation code
(GB 11714), 1 check character. python-stdnum does the arithmetic of the whole code.
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema
from stdnum.cn import uscc

from shared_schema.identifier_refusal import (
    IdentifierRefused,
    Standard,
    canonical_only,
)
from shared_schema.text import narrow, shown

_STANDARD: Final = Standard("credit_code", "GB 32100-2015")
_LENGTH: Final = 18
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
_PLAIN: Final = r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
_CODE: Final = re.compile(_PLAIN)
_MISREAD: Final = str.maketrans("IOSZ", "1052")
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


def parse_credit_code(text: str) -> str:
    """Read a credit code; spaces, hyphens, full-width and lower case are tolerated.

    Raises:
        IdentifierRefused: wrong length, a character the standard does not have, or a check
            character that does not fit; a likely misreading is suggested, never taken.
    """
    code = narrow(_STANDARD.bounded(text)).upper().translate({0x20: None, 0x2D: None}).strip()
    if len(code) != _LENGTH:
        raise _STANDARD.refusal(
            "length",
            f"统一社会信用代码应为 18 位，“{shown(text)}”有 {len(code)} 位",
            f"a credit code has 18 characters; “{shown(text)}” has {len(code)}",
        )
    if not _CODE.fullmatch(code):
        refusal = _with_wrong_characters(code)
        raise refusal
    expected = str(uscc.calc_check_digit(code[:17]))
    if code[17] != expected:
        raise _STANDARD.refusal(
            "check_digit",
            f"统一社会信用代码“{code}”校验位不符；若前 17 位无误，末位应为 {expected}",
            f"the check character of “{code}” does not fit; if the first 17 characters are right,"
            f" it is {expected}",
            suggestions=(code[:17] + expected,),
        )
    return code


def _with_wrong_characters(code: str) -> IdentifierRefused:
    """Letters the standard leaves out, or a letter in the region; I, O, S, Z are often misread."""
    likely = code.translate(_MISREAD)
    fits = bool(_CODE.fullmatch(likely)) and str(uscc.calc_check_digit(likely[:17])) == likely[17]
    hint_zh, hint_en = (f"；是否为 {likely}？", f"; is it {likely}?") if fits else ("", "")
    return _STANDARD.refusal(
        "characters",
        f"统一社会信用代码不使用字母 I、O、S、V、Z，第 3–8 位是数字：“{shown(code)}”{hint_zh}",
        "a credit code has no letters I, O, S, V, Z, and digits at places 3-8:"
        f" “{shown(code)}”{hint_en}",
        suggestions=(likely,) if fits else (),
    )


def region_in(code: str) -> str:
    """The six-digit GB/T 2260 code of the registering authority's region, as of registration."""
    return code[2:8]


def organisation_code_agrees(code: str) -> bool:
    """Whether the organisation code inside has its own check character right (GB 11714).

    Not a reason to refuse: the whole code's check character is what GB 32100 asks for.
    """
    inner = code[8:17]
    total = sum(
        _ALPHABET.index(character) * weight
        for character, weight in zip(inner, _ORGANISATION_WEIGHTS, strict=False)
    )
    return inner[8] == "0123456789X0"[11 - total % 11]


CreditCode = Annotated[
    str,
    WithJsonSchema({"type": "string", "maxLength": _LENGTH, "pattern": f"^{_PLAIN}$"}),
    AfterValidator(canonical_only(_STANDARD, parse_credit_code)),
]
