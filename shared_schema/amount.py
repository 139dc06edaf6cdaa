"""Money and rates as people write them: to integer fen and exact decimals, never through a float.

A unit is always explicit: in the text, or named by the caller who knows what the column means.
Amounts that are not one definite sum (ranges, 面议) are refused (Patent Law art. 51, DEC-06).
"""

import re
from decimal import Decimal
from typing import Final, Literal

from shared_schema.identifier_refusal import IdentifierRefused, Standard
from shared_schema.text import fold, shown

AmountUnit = Literal["元", "万元"]
MAX_FEN: Final = 10**15

_STANDARD: Final = Standard("amount", "专利法第五十一条")
_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_NUMERALS: Final = "一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾"
_SCALES: Final = {
    "": Decimal(1),
    "百": Decimal(100),
    "千": Decimal(1_000),
    "万": Decimal(10_000),
    "十万": Decimal(100_000),
    "百万": Decimal(1_000_000),
    "千万": Decimal(10_000_000),
    "亿": Decimal(100_000_000),
}
_AMOUNT: Final = re.compile(
    rf"(?:人民币|RMB|CNY|¥)? ?({_NUMBER}|[{_NUMERALS}]) ?({'|'.join(reversed(_SCALES))})"
    r" ?(元|圆|块)?(?:整|人民币)?",
    re.ASCII | re.IGNORECASE,
)
_BRACKETED: Final = re.compile(r"\(([^()]*)\)(?! ?[\d.,])")
_PERCENT: Final = re.compile(rf"({_NUMBER}) ?([%‰])?|(百|千)分之 ?({_NUMBER})", re.ASCII)
_RANGE: Final = re.compile(r"\d ?[%‰元千万亿]* ?[-~—–至到] ?\d")
_NEGOTIABLE: Final = re.compile("面议|面谈|协商|商议|另议|待定|洽谈|见合同|详谈")
_CURRENCY: Final = re.compile("[$€£]|美元|欧元|港币|港元|日元|英镑|USD|EUR|HKD", re.IGNORECASE)
_FEN_IN_YUAN: Final = 100
_MAX_DIGITS: Final = 20
_PERCENT_PLACES: Final = -6
_WHOLE: Final = 100  # percent


def parse_fen(text: str, default_unit: AmountUnit | None = None) -> int:
    """Read one definite sum: 2万元, 27.87万元, 3.5千, 20,000元, （3.5千）元, 叁万; full-width too.

    `default_unit` is what a bare number counts; a unit or scale in the text goes before it. Whether
    the sum is plausible is for the rules: 545000万元 is read as it stands.

    Raises:
        IdentifierRefused: no unit, a range, negotiable, negative, another currency, a fraction of a
            fen, more than 10^15 fen, or no amount at all.
    """
    typed = fold(_STANDARD.bounded(text))
    match = _AMOUNT.fullmatch(_without_brackets(typed))
    if match is None:
        refusal = _indefinite(typed, text) or _unreadable(text)
        raise refusal
    number, scale, unit = match.groups()
    if not scale and not unit:
        if default_unit is None:
            raise _STANDARD.refusal(
                "unit_missing",
                f"“{shown(text)}”没有单位；请写元或万元",
                f"“{shown(text)}” has no unit; write 元 or 万元",
            )
        scale = default_unit.removesuffix("元")
    return _whole_fen(_decimal(number) * _SCALES[scale] * _FEN_IN_YUAN, text)


def yuan_text(fen: int) -> str:
    """The sum in yuan as a number without its unit: `278,700`, or `0.50` where there are fen."""
    yuan, rest = divmod(fen, _FEN_IN_YUAN)
    return f"{yuan:,}.{rest:02}" if rest else f"{yuan:,}"


def parse_percent(text: str, default_unit: Literal["%", "‰"] | None = "%") -> Decimal:
    """Read a rate as a percentage: `10%`, `10` (in `default_unit`), `5‰` is 0.5, 百分之10.

    Raises:
        IdentifierRefused: no unit, a range, negotiable, negative, above 100 %, finer than a
            millionth of a percent, or no rate at all.
    """
    typed = fold(_STANDARD.bounded(text))
    match = _PERCENT.fullmatch(_without_brackets(typed))
    if match is None:
        refusal = _indefinite(typed, text) or _unreadable_rate(text)
        raise refusal
    unit = match[2] or {"百": "%", "千": "‰", None: default_unit}[match[3]]
    if unit is None:
        raise _STANDARD.refusal(
            "unit_missing",
            f"“{shown(text)}”没有单位；请写 % 或 ‰",
            f"“{shown(text)}” has no unit; write % or ‰",
        )
    rate = _decimal(match[1] or match[4]) / (1 if unit == "%" else 10)
    rate = Decimal(f"{rate.normalize():f}")  # 10, not 1E+1 and not 10.0
    if rate > _WHOLE or int(rate.as_tuple().exponent) < _PERCENT_PLACES:
        raise _STANDARD.refusal(
            "rate_out_of_bounds",
            f"提成比例“{shown(text)}”应在 0 至 100% 之间，小数不超过 6 位",
            f"the rate “{shown(text)}” must be from 0 to 100 % with at most 6 decimals",
        )
    return rate


def _without_brackets(typed: str) -> str:
    """（3.5千）元 as 3.5千元; brackets elsewhere say something else and stay."""
    match = _BRACKETED.match(typed)
    return match[1] + typed[match.end() :] if match else typed


def _decimal(number: str) -> Decimal:
    """The exact value, short enough that no product with it is rounded (28 digits).

    Raises:
        IdentifierRefused: more than 20 digits.
    """
    if number in _NUMERALS:
        return Decimal(_NUMERALS.index(number) % 10 + 1)
    if len(number) > _MAX_DIGITS:
        raise _STANDARD.refusal(
            "too_long", f"“{shown(number)}”位数过多", f"“{shown(number)}” has too many digits"
        )
    return Decimal(number.replace(",", ""))


def _whole_fen(fen: Decimal, text: str) -> int:
    if fen > MAX_FEN:
        raise _STANDARD.refusal(
            "too_large", f"金额“{shown(text)}”过大", f"the amount “{shown(text)}” is too large"
        )
    if fen != fen.to_integral_value():
        raise _STANDARD.refusal(
            "fraction_of_fen",
            f"“{shown(text)}”不足一分；金额最多精确到分",
            f"“{shown(text)}” holds a fraction of a fen; amounts end at the fen",
        )
    return int(fen)


def _indefinite(typed: str, text: str) -> IdentifierRefused | None:
    """Why `typed` names no one sum or rate in yuan or percent, for the ways seen on platforms."""
    if _NEGOTIABLE.search(typed):
        return _STANDARD.refusal(
            "negotiable",
            f"“{shown(text)}”不是确定的数额；开放许可的使用费须明确",
            f"“{shown(text)}” is not definite; an open licence states what it costs",
        )
    if _RANGE.search(typed):
        return _STANDARD.refusal(
            "range",
            f"“{shown(text)}”是区间；请写一个确定的数",
            f"“{shown(text)}” is a range; state one definite number",
        )
    if typed.startswith("-"):
        return _STANDARD.refusal(
            "negative", f"“{shown(text)}”为负数", f"“{shown(text)}” is negative"
        )
    if _CURRENCY.search(typed):
        return _STANDARD.refusal(
            "currency",
            f"“{shown(text)}”不是人民币；请折算为人民币元",
            f"“{shown(text)}” is not in yuan; convert it",
        )
    return None


def _unreadable(text: str) -> IdentifierRefused:
    return _STANDARD.refusal(
        "unreadable",
        f"读不懂金额“{shown(text)}”；请写如 20000元 或 2万元",
        f"“{shown(text)}” is not an amount; write 20000元 or 2万元",
    )


def _unreadable_rate(text: str) -> IdentifierRefused:
    return _STANDARD.refusal(
        "rate_unreadable",
        f"读不懂比例“{shown(text)}”；请写如 10%",
        f"“{shown(text)}” is not a rate; write 10%",
    )
