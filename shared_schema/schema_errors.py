"""A model's validation errors as the contract shows them: pointers into the document as sent."""

from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError

from shared_schema.refusal import FieldError

MAX_SHOWN: Final = 50
_ABSENT: Final = object()


def field_errors(
    invalid: ValidationError, document: object, *, under: str = ""
) -> list[FieldError]:
    """At most `MAX_SHOWN` errors with RFC 6901 pointers; `under` is the document's own pointer.

    Steps that pydantic adds for itself (the tag of a union) are left out of the pointer. A custom
    error's context may hold `pointer`, for rules over several members.
    """
    shown = []
    for error in invalid.errors(include_url=False, include_input=False)[:MAX_SHOWN]:
        given = error.get("ctx", {}).get("pointer")
        missing = error["type"] == "missing"
        pointer = given if given is not None else _pointer(error["loc"], document, missing=missing)
        message = error["msg"] if " / " in error["msg"] else f"不符合格式 / {error['msg']}"
        shown.append(FieldError(under + pointer, error["type"], message))
    return shown


def _pointer(location: Sequence[str | int], document: object, *, missing: bool) -> str:
    pointer, node = "", document
    for place, step in enumerate(location):
        inside = _member(node, step)
        if inside is _ABSENT and not (missing and place == len(location) - 1):
            continue
        node = inside
        pointer += "/" + str(step).replace("~", "~0").replace("/", "~1")
    return pointer


def _member(node: object, step: str | int) -> object:
    if isinstance(node, dict):
        return node.get(step, _ABSENT)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return _ABSENT
