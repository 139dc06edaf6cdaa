"""The guard in front of every JSON document: what is too big or ambiguous is refused first.

RFC 8259 with the intake limits of the reliability plan §6.3, in the spirit of I-JSON (RFC 7493):
UTF-8 only, no repeated members, no numbers that another reader would round, no text that another
reader could not store. The strict standard parser reads; everything around it is linear.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Final

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

_SOURCE: Final = "intake limits §6.3"
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_ROUND: Final = bytes.maketrans(b"[]{}", b"()()")
_ONE_DIGIT: Final = bytes.maketrans(b"123456789", b"000000000")
_ESCAPES: Final = re.compile(rb"\\(?:[bfr]|u00[01]|u[dD][89a-fA-F])")
_FORBIDDEN_TEXT: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """What one document may hold. `max_nodes` counts values (members' names are not values)."""

    max_bytes: int = 16 * 1024 * 1024
    max_depth: int = 16
    max_nodes: int = 20_000
    max_string: int = 20_000  # characters, of a value or a member's name
    max_integer_digits: int = 18
    float_bound: float = 1e15  # |x| must be less
    floats: bool = True


LIMITS: Final = JsonLimits()


class JsonRefused(DomainError):
    """The document is not JSON as the contract wants it; `errors[0].code` is `json.…`."""

    problem = ProblemType.SCHEMA_INVALID


class JsonTooLarge(DomainError):
    """The document has more bytes than `max_bytes`."""

    problem = ProblemType.PAYLOAD_TOO_LARGE


def parse_json(raw: bytes, limits: JsonLimits = LIMITS) -> object:
    """Parse one untrusted document; whatever the bytes, nothing but the two refusals is raised.

    Raises:
        JsonTooLarge: more than `max_bytes`.
        JsonRefused: malformed, ambiguous or beyond another limit.
    """
    if len(raw) > limits.max_bytes:
        message = f"超过 {limits.max_bytes} 字节 / more than {limits.max_bytes} bytes"
        raise JsonTooLarge(detail=message, errors=[FieldError("", "json.size", message, _SOURCE)])
    text = _decode(raw)
    outside_strings = _check_structure(raw, limits)
    value = _parse(text, outside_strings, limits)
    # A value takes two bytes with its separator and a character takes one, so a short document
    # cannot hold too much; and only these escapes bring in what strict parsing does not refuse.
    is_long = len(raw) > min(limits.max_nodes, limits.max_string)
    if is_long or (b"\\" in raw and _ESCAPES.search(raw)):
        _check_content(value, limits)
    return value


def _decode(raw: bytes) -> str:
    if raw.startswith(b"\xef\xbb\xbf"):
        raise _refused("bom", "不应有字节序标记 / a byte order mark is not allowed")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        message = f"第 {broken.start} 字节不是 UTF-8 / byte {broken.start} is not UTF-8"
        raise _refused("encoding", message) from broken


def _check_structure(raw: bytes, limits: JsonLimits) -> bytes:
    # Bounds what parsing may build: depth exactly, values to within twice `max_nodes`. Gives what
    # stands outside of strings.
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    # A value has at most two strings, its name and itself; beyond that even splitting is too much.
    if raw.count(b'"') > 4 * limits.max_nodes:
        raise _too_many_values(limits)
    outside_strings = b"".join(raw.split(b'"')[::2])
    opened = outside_strings.count(b"[") + outside_strings.count(b"{")
    if max(opened, outside_strings.count(b",")) > limits.max_nodes:
        raise _too_many_values(limits)
    if opened > limits.max_depth:
        _check_depth(outside_strings.translate(_ROUND, _NOT_BRACKETS), limits)
    return outside_strings


def _check_depth(brackets: bytes, limits: JsonLimits) -> None:
    innermost_gone = brackets
    for _ in range(limits.max_depth):  # each round takes one level away, without looking at each
        innermost_gone = innermost_gone.replace(b"()", b"")
    if not innermost_gone:
        return
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"(" else -1
        if depth > limits.max_depth:
            message = f"嵌套超过 {limits.max_depth} 层 / nested deeper than {limits.max_depth}"
            raise _refused("depth", message)


def _has_odd_number(outside_strings: bytes, limits: JsonLimits) -> bool:
    """Whether there may be a fraction, NaN, Infinity or a very long integer."""
    text = outside_strings.translate(_ONE_DIGIT)
    signs = (b".", b"0e", b"0E", b"N", b"I", b"0" * (limits.max_integer_digits + 1))
    return any(sign in text for sign in signs)


@cache
def _careful_decoder(limits: JsonLimits) -> json.JSONDecoder:
    def read_integer(digits: str) -> int:
        if len(digits) - digits.startswith("-") > limits.max_integer_digits:
            message = f"整数超过 {limits.max_integer_digits} 位 / an integer of too many digits"
            raise _refused("integer_digits", message)
        return int(digits)

    def read_float(digits: str) -> float:
        if not limits.floats:
            raise _refused("float", f"不接受小数 / no fractions here: {digits[:40]}")
        value = float(digits)
        if not abs(value) < limits.float_bound:
            raise _refused("number_range", f"数值过大 / the number is too large: {digits[:40]}")
        return value

    return json.JSONDecoder(
        object_pairs_hook=_read_object,
        parse_int=read_integer,
        parse_float=read_float,
        parse_constant=_refuse_constant,
    )


def _parse(text: str, outside_strings: bytes, limits: JsonLimits) -> object:
    # Asking Python about each number costs as much as all the rest; most documents have easy ones.
    is_odd = _has_odd_number(outside_strings, limits)
    decoder = _careful_decoder(limits) if is_odd else _PLAIN_DECODER
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as broken:
        message = f"第 {broken.pos} 个字符处无法解析 / character {broken.pos}: {broken.msg}"
        raise _refused("syntax", message) from broken


def _read_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise _refused("duplicate_key", f"成员重复 / a repeated member: {name[:80]!r}")
    return members


_PLAIN_DECODER: Final = json.JSONDecoder(object_pairs_hook=_read_object)


def _refuse_constant(name: str) -> object:
    raise _refused("number_not_finite", f"不是 JSON 数值 / not a JSON number: {name}")


def _check_content(value: object, limits: JsonLimits) -> None:
    texts: list[str] = []
    nodes, level = 0, [value]
    while level:
        nodes += len(level)
        if nodes > limits.max_nodes:
            raise _too_many_values(limits)
        below: list[object] = []
        for node in level:
            if isinstance(node, str):
                texts.append(node)
            elif isinstance(node, dict):
                texts.extend(node)
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
        level = below
    _check_texts(texts, limits)


def _check_texts(texts: list[str], limits: JsonLimits) -> None:
    longest = max(texts, key=len, default="")
    if len(longest) > limits.max_string:
        message = f"文本超过 {limits.max_string} 字 / longer than {limits.max_string}"
        raise _refused("string_length", f"{message}: {longest[:20]!r}…")
    found = _FORBIDDEN_TEXT.search("".join(texts))
    if found:
        code = "surrogate" if found[0] >= "\ud800" else "control_character"
        raise _refused(code, f"文本含不可用字符 / a forbidden character U+{ord(found[0]):04X}")


def _too_many_values(limits: JsonLimits) -> JsonRefused:
    return _refused("nodes", f"值超过 {limits.max_nodes} 个 / more than {limits.max_nodes} values")


def _refused(code: str, message: str) -> JsonRefused:
    error = FieldError("", f"json.{code}", message, _SOURCE)
    return JsonRefused(detail=message, errors=[error])
