"""What must not reach a log: secrets, personal data, and characters that fake or hide text."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

REDACTED: Final = "[redacted]"
_MAX_DEPTH: Final = 6
_MAX_TEXT: Final = 10_000

_SECRET_KEY: Final = re.compile(
    r"(pass(word|wd|phrase)?|secret|token|authori[sz]ation|cookie|private|pem|salt"
    r"|api_?key|signing_?key|credential|otp|phone|mobile|e?mail|id_?card|contact)",
    re.IGNORECASE,
)
_SECRET_TEXT: Final = (
    (re.compile(r"(://[^/\s:@]*):[^/\s@]+@"), rf"\1:{REDACTED}@"),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+", re.IGNORECASE), rf"\1 {REDACTED}"),
    (
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*KEY-----|\Z)", re.DOTALL
        ),
        REDACTED,
    ),
)
# C0 except tab, DEL, C1, line and paragraph separators, bidi controls, zero-width characters, BOM.
_DECEIVING: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def redact_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor: mask secrets, and write deceiving characters as visible escapes."""
    return {visible(str(key)): _clean(key, value, depth=_MAX_DEPTH) for key, value in event.items()}


def visible(text: str) -> str:
    r"""The text with CR, LF, ANSI escapes, bidi controls and lone surrogates as hex escapes."""
    cut = text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"
    return _DECEIVING.sub(lambda found: f"\\u{ord(found[0]):04x}", cut)


def without_secrets(text: str) -> str:
    """The text without passwords in URLs, bearer tokens and private keys."""
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _clean(key: object, value: object, *, depth: int) -> object:
    if isinstance(key, str) and value is not None and _SECRET_KEY.search(key):
        return REDACTED
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping) and depth > 0:
        return {
            visible(str(name)): _clean(name, inner, depth=depth - 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset) and depth > 0:
        return [_clean(None, inner, depth=depth - 1) for inner in value]
    return visible(without_secrets(str(value)))
