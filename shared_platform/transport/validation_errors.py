"""What FastAPI and Pydantic found wrong, as the contract's field errors, without echoing input."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared_schema.refusal import FieldError

_MOST: Final = 50
_STEP_LENGTH: Final = 100
# Pydantic's own texts name limits and expected types, never the value; these kinds may quote it.
_QUOTING: Final = frozenset({"json_invalid", "url_parsing", "uuid_parsing", "value_error"})
_CLOSED: Final = frozenset({"enum", "literal_error"})
_IN_CHINESE: Final = {
    "missing": "缺少此项",
    "extra_forbidden": "没有此项",
    "json_invalid": "不是有效的 JSON",
    "json_type": "不是有效的 JSON",
    "enum": "不在可选值内",
    "literal_error": "不在可选值内",
    "string_type": "应为文字",
    "string_too_short": "过短",
    "string_too_long": "过长",
    "string_pattern_mismatch": "格式不符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "finite_number": "应为有限的数",
    "decimal_parsing": "应为十进制数",
    "greater_than": "过小",
    "greater_than_equal": "过小",
    "less_than": "过大",
    "less_than_equal": "过大",
    "list_type": "应为列表",
    "too_short": "项数过少",
    "too_long": "项数过多",
    "dict_type": "应为对象",
    "model_attributes_type": "应为对象",
    "date_from_datetime_parsing": "应为日期",
    "datetime_from_date_parsing": "应为时间",
    "uuid_parsing": "应为 UUID",
}


def field_errors(found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """One field error per finding, fifty at most.

    A member of the body is named by its JSON pointer (RFC 6901), any other input by its place and
    name, as in `query:limit`.
    """
    return [
        FieldError(_pointer(error["loc"]), str(error["type"]), _message(error))
        for error in found[:_MOST]
    ]


def _message(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    chinese = _IN_CHINESE.get(kind, "格式不符")
    if kind in _CLOSED:  # what is allowed is ours to say; what was given is not repeated
        expected = str(error.get("ctx", {}).get("expected", ""))
        chinese += f"：{expected.replace(' or ', '、').replace(', ', '、')}"
    english = "malformed" if kind in _QUOTING else str(error["msg"])
    return f"{chinese} / {english}"


def _pointer(place: Sequence[str | int]) -> str:
    where, *steps = [str(step)[:_STEP_LENGTH] for step in place] or ["body"]
    if where != "body":
        return f"{where}:{'.'.join(steps)}"
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
