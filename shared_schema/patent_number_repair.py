"""What is wrong with a text that is not an application number, and which number was probably meant.

Each diagnosis knows one kind of damage seen on real platforms (spreadsheet floats, quotation marks,
several numbers in one cell). The first that fits answers; nothing is ever repaired silently.
"""

import re
from typing import Final

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number_form import STANDARD, check_character, dotted, judge
from shared_schema.text import shown

_PREFIX: Final = r"(?:(?:ZL|CN) ?)?"
_DIGITS: Final = r"(?:\d{4} ?\d ?\d{7}|\d{2} ?\d ?\d{5})"
_CANDIDATE: Final = re.compile(rf"(?<!\d)(?<!\d\.)({_DIGITS}\.?[\dX])(?![\dX]|\.\d)", re.ASCII)
_BLURRED: Final = re.compile(rf"{_PREFIX}(\d{{12}}|\d{{8}})\.(\d{{2,17}})", re.ASCII)
_WHOLE: Final = re.compile(rf"{_PREFIX}(\d{{13}}|\d{{9}})\.0{{1,17}}", re.ASCII)
_SCIENTIFIC: Final = re.compile(rf"{_PREFIX}\d(?:\.\d{{1,17}})?E\+?\d{{1,2}}", re.ASCII)
_SPACED: Final = re.compile(r"(?:ZL|CN)?((?:\d{12}|\d{8})\.?[\dX])", re.ASCII)
_UNCHECKED: Final = re.compile(rf"{_PREFIX}({_DIGITS})\.?", re.ASCII)
_FOREIGN: Final = re.compile(
    r"(?:PCT/[A-Z]{2}|(?!CN|ZL)[A-Z]{2}) ?[\d/,.]{4,20} ?(?:[A-Z]\d?)?", re.ASCII
)
_PUBLICATION: Final = re.compile(r"CN ?[123](?:\d{6}|\d{8}) ?[ABCUYSD]", re.ASCII)
_DOTTED: Final = re.compile(rf"{_PREFIX}(\d[\d.,，。·]{{8,16}}[\dX])", re.ASCII)
_MORE: Final = re.compile(r"[\dX] ?等", re.ASCII)
_DOTS: Final = re.compile("[.,，。·]")
_COUNTABLE: Final = re.compile(rf"{_PREFIX}[\d .]{{5,30}}X?", re.ASCII)


def diagnose(typed: str) -> IdentifierRefused:
    """The refusal of `typed`: narrow, trimmed, upper case, and not in an accepted form."""
    if not typed:
        return STANDARD.refusal("empty", "未填写专利号", "the patent number is missing")
    for diagnosis in _DIAGNOSES:
        refusal = diagnosis(typed)
        if refusal is not None:
            return refusal
    return STANDARD.refusal(
        "not_a_number",
        f"“{shown(typed)}”不是中国专利申请号；应如 ZL 2017 1 0601862.3",
        f"“{shown(typed)}” is not a Chinese application number; write ZL 2017 1 0601862.3",
    )


def _several(typed: str) -> IdentifierRefused | None:
    found = [_plain(match[1]) for match in _CANDIDATE.finditer(typed)]
    if len(found) <= 1 and not (found and _MORE.search(typed)):
        return None
    names = "、".join(dotted(number) for number in found[:20])
    return STANDARD.refusal(
        "several",
        f"一栏内有多个专利号（{names}{'等' if len(found) == 1 else ''}）；每件专利单独申报",
        f"several patent numbers in one field ({names}); make one declaration for each",
        suggestions=tuple(number for number in found if _refusal_of(number) is None),
    )


def _spreadsheet(typed: str) -> IdentifierRefused | None:
    zh, en = "号码被电子表格改成了小数", "a spreadsheet turned the number into a decimal"
    if _SCIENTIFIC.fullmatch(typed):
        return STANDARD.refusal(
            "spreadsheet",
            f"{zh}，“{shown(typed)}”已丢失位数；请从证书抄录",
            f"{en}; “{shown(typed)}” has lost digits, copy them from the certificate",
        )
    whole, blurred = _WHOLE.fullmatch(typed), _BLURRED.fullmatch(typed)
    if whole:
        return _damaged("spreadsheet", whole[1], zh=zh, en=en)
    if blurred is None:
        return None
    # The check digit is the one decimal; binary floating point blurred what follows it.
    check = round(int(blurred[2]) / 10 ** (len(blurred[2]) - 1))
    return _damaged("spreadsheet", f"{blurred[1]}{check}"[:13], zh=zh, en=en)


def _spaces(typed: str) -> IdentifierRefused | None:
    match = _SPACED.fullmatch(typed.replace(" ", ""))
    if match is None or " " not in typed:
        return None
    return _damaged(
        "spaces",
        _plain(match[1]),
        zh="空格只可在年份、种类号、流水号之间",
        en="a space may stand between year, kind digit and serial only",
    )


def _dot(typed: str) -> IdentifierRefused | None:
    match = _DOTTED.fullmatch(typed)
    if match is None or not _SPACED.fullmatch(_DOTS.sub("", match[1])):
        return None
    return _damaged(
        "dot",
        _DOTS.sub("", match[1]),
        zh="小数点只可在校验位之前",
        en="a dot may stand before the check character only",
    )


def _elsewhere(typed: str) -> IdentifierRefused | None:
    if _PUBLICATION.fullmatch(typed):
        return STANDARD.refusal(
            "publication_number",
            f"“{shown(typed)}”是公布公告号，不是申请号；请填证书上的专利号",
            f"“{shown(typed)}” is a publication number; give the patent number of the certificate",
        )
    if _FOREIGN.fullmatch(typed):
        return STANDARD.refusal(
            "not_chinese",
            f"“{shown(typed)}”不是中国专利号；开放许可只适用于中国专利",
            f"“{shown(typed)}” is not a Chinese number; open licences are for Chinese patents",
        )
    return None


def _unchecked(typed: str) -> IdentifierRefused | None:
    match = _UNCHECKED.fullmatch(typed)
    if match is None:
        return None
    digits = _plain(match[1])
    number = digits + check_character(digits)
    return _refusal_of(number) or STANDARD.refusal(
        "missing_check_digit",
        f"“{shown(typed)}”缺校验位；若各位无误，完整号码为 {dotted(number)}",
        f"“{shown(typed)}” lacks its check character; if every digit is right, the number is"
        f" {dotted(number)}",
        suggestions=(number,),
    )


def _surplus(typed: str) -> IdentifierRefused | None:
    match = _CANDIDATE.search(typed)
    if match is None:
        return None
    before = typed[: match.start()].strip()
    if before in {"ZL.", "CN.", "ZL:", "CN:"}:
        zh, en = f"“{before}”应写作“{before[:2]}”", f"write {before[:2]} instead of {before}"
        return _damaged("prefix", _plain(match[1]), zh=zh, en=en)
    if before[:1] and before[0] in "'‘’`":
        zh, en = "号码前有单引号", "an apostrophe stands before the number"
        return _damaged("apostrophe", _plain(match[1]), zh=zh, en=en)
    zh, en = f"“{shown(typed)}”有多余内容", f"“{shown(typed)}” holds more than the number"
    return _damaged("surplus", _plain(match[1]), zh=zh, en=en)


def _length(typed: str) -> IdentifierRefused | None:
    if not _COUNTABLE.fullmatch(typed):
        return None
    count = sum(character.isdigit() or character == "X" for character in typed)
    return STANDARD.refusal(
        "length",
        f"“{shown(typed)}”有 {count} 位；专利号应为 13 位，2003 年 10 月前为 9 位",
        f"“{shown(typed)}” has {count} characters; a number has 13, before October 2003 it had 9",
    )


def _damaged(reason: str, number: str, *, zh: str, en: str) -> IdentifierRefused:
    """The refusal for `reason`, offering `number`; or why that cannot be the number either."""
    return _refusal_of(number) or STANDARD.refusal(
        reason,
        f"{zh}；是否为 {dotted(number)}？",
        f"{en}; is it {dotted(number)}?",
        suggestions=(number,),
    )


def _refusal_of(number: str) -> IdentifierRefused | None:
    try:
        judge(number)
    except IdentifierRefused as refused:
        return refused
    return None


def _plain(number: str) -> str:
    return number.replace(" ", "").replace(".", "")


_DIAGNOSES: Final = (
    _several,
    _spreadsheet,
    _spaces,
    _dot,
    _elsewhere,
    _unchecked,
    _surplus,
    _length,
)
