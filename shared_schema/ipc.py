"""International Patent Classification symbols: `H04L 9/32`, or a subclass alone, `H04L`.

The hierarchy of subgroups follows the dots of the scheme, not the digits, so nothing here compares
subgroups by their numbers. Designs have no IPC symbol (they are in Locarno classes).
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

from shared_schema.identifier_refusal import Standard, canonical_only
from shared_schema.text import fold, shown

_STANDARD: Final = Standard("ipc", "WIPO ST.8")
_TYPED: Final = re.compile(
    r"([A-H])(\d{2})([A-Z])(?: ?0{0,3}(\d{1,4})/(\d{2,6}))?(?: ?\(\d{4}\.\d{2}\))?", re.ASCII
)
_PLAIN: Final = r"[A-H][0-9]{2}[A-Z]( [1-9][0-9]{0,3}/[0-9]{2,6})?"


def parse_ipc(text: str) -> str:
    """Read a subclass or group; no space, lower case and an edition `(2006.01)` are tolerated.

    The result has one space before the main group, no leading zeros and no edition.

    Raises:
        IdentifierRefused: not a symbol from section A to H with class, subclass and group.
    """
    match = _TYPED.fullmatch(fold(_STANDARD.bounded(text)).upper())
    if match is None or match[2] == "00" or (match[4] and int(match[4]) == 0):
        raise _STANDARD.refusal(
            "malformed",
            f"“{shown(text)}”不是国际专利分类号；应如 H04L 或 H04L 9/32",
            f"“{shown(text)}” is not an IPC symbol; write H04L or H04L 9/32",
        )
    subclass = match[1] + match[2] + match[3]
    return f"{subclass} {int(match[4])}/{match[5]}" if match[4] else subclass


def subclass_of(symbol: str) -> str:
    """The subclass, as in `H04L`."""
    return symbol[:4]


IpcSymbol = Annotated[
    str,
    WithJsonSchema({"type": "string", "maxLength": 16, "pattern": f"^{_PLAIN}$"}),
    AfterValidator(canonical_only(_STANDARD, parse_ipc)),
]
