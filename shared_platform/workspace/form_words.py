"""What forms say about wrong input, in both languages, for people instead of programs."""

from collections.abc import Mapping
from typing import Any, Final

from shared_schema.bilingual import Words, halves

_OTHERWISE: Final = Words("格式不对", "This is not in the expected form")
_BY_KIND: Final[Mapping[str, Words]] = {
    "missing": Words("请填写", "Fill this in"),
    "extra_forbidden": Words("表单没有此项", "The form has no such field"),
    "string_too_short": Words("至少 {min_length} 个字符", "At least {min_length} characters"),
    "string_too_long": Words("最多 {max_length} 个字符", "At most {max_length} characters"),
    "too_short": Words("至少选 {min_length} 项", "Choose at least {min_length}"),
    "too_long": Words("最多选 {max_length} 项", "Choose at most {max_length}"),
    "enum": Words("请从列表中选择", "Choose one from the list"),
    "literal_error": Words("请从列表中选择", "Choose one from the list"),
    "int_parsing": Words("请填整数", "Enter a whole number"),
    "int_from_float": Words("请填整数", "Enter a whole number"),
    "decimal_parsing": Words("请填数字", "Enter a number"),
    "decimal_max_places": Words(
        "小数最多 {decimal_places} 位", "At most {decimal_places} decimal places"
    ),
    "float_parsing": Words("请填数字", "Enter a number"),
    "bool_parsing": Words("请选择是或否", "Choose yes or no"),
    "greater_than": Words("应大于 {gt}", "It must be greater than {gt}"),
    "greater_than_equal": Words("不应小于 {ge}", "It must be at least {ge}"),
    "less_than": Words("应小于 {lt}", "It must be less than {lt}"),
    "less_than_equal": Words("不应大于 {le}", "It must be at most {le}"),
    "date_parsing": Words("请填日期，如 2026-11-22", "Enter a date, as in 2026-11-22"),
    "date_from_datetime_parsing": Words(
        "请填日期，如 2026-11-22", "Enter a date, as in 2026-11-22"
    ),
    "uuid_parsing": Words("编号格式不对", "This is not an identifier"),
}


def said_of(error: Mapping[str, Any]) -> Words:
    """What to say about one of Pydantic's errors; our own messages hold both languages already."""
    message = str(error.get("msg", ""))
    if " / " in message:
        return halves(message.removeprefix("Value error, "))
    words = _BY_KIND.get(str(error["type"]), _OTHERWISE)
    facts = error.get("ctx") or {}
    try:
        return Words(words.zh.format(**facts), words.en.format(**facts))
    except KeyError:
        return _OTHERWISE
