"""Chinese numerals in clauses: 五, 三十, 壹佰万, 贰拾肆万, 两, 一百零五."""

from typing import Final

_DIGIT: Final = {
    sign: value
    for value, signs in enumerate(
        ("零〇", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for sign in signs
}
_RANK: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TEN: Final = 10  # the one rank that needs no digit before it: 十五
_MYRIAD: Final = (("亿", 10**8), ("万", 10**4))

NUMERAL_STARTS: Final = "".join((*_DIGIT, "十", "拾"))
NUMERALS: Final = "".join((*_DIGIT, *_RANK, "亿", "万"))


def chinese_number(text: str) -> int | None:
    """The value of a numeral, or None where the signs do not form exactly one.

    Strict on purpose: 一百五 and 五万三 are said for 150 and 53,000 but may be meant otherwise, and
    一二 or 十百 are no numerals.
    """
    total, rest = 0, text
    for sign, value in _MYRIAD:
        head, found, tail = rest.partition(sign)
        if not found:
            continue
        section = _below_ten_thousand(head)
        if not section:
            return None
        total, rest = total + section * value, tail
    if total and not rest:
        return total
    section = _below_ten_thousand(rest)
    if section is None or (total and rest in _DIGIT):
        return None
    return total + section


def _below_ten_thousand(text: str) -> int | None:
    """The value of signs without 万 and 亿; a last digit stands alone, after 十 or after 零."""
    total, digit, before, smallest = 0, None, "", 10**4
    for sign in text:
        if sign in _DIGIT and digit in {None, 0}:
            digit = _DIGIT[sign]
        elif (
            sign in _RANK
            and _RANK[sign] < smallest
            and (digit or (_RANK[sign] == _TEN and not total))
        ):
            smallest = _RANK[sign]
            total, digit = total + (digit or 1) * smallest, None
        else:
            return None
        before = before if digit else sign
    if not text:
        return None
    if digit and before and before not in "十拾零〇":
        return None
    return total + (digit or 0)
