"""Text as it travels, and the folding of text that people type.

`PlainText` is what a declaration may hold: normalised to NFC, so that one word has one spelling in
every copy, and free of characters that hide or reorder what a reader sees. Normalisation touches
the parsed model only; signed bytes stay as they came.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

MAX_PLAIN_TEXT: Final = 20_000

# C0 and C1 controls without tab and line feed, surrogates, bidirectional overrides and isolates
# (Unicode UAX #9 §2.1-2.4), and the two code points that XML 1.0 §2.2 cannot carry.
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
_SPACES: Final = re.compile(r"\s+")
_FULL_WIDTH: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0xA0: 0x20,
}


def plain(text: str) -> str:
    """The text in NFC, with tab and line feed as its only controls.

    Raises:
        PydanticCustomError: a forbidden character; the context names its code point and position.
    """
    text = unicodedata.normalize("NFC", text)
    found = _FORBIDDEN.search(text)
    if found is not None:
        raise PydanticCustomError(
            "text.forbidden_character",
            "第 {position} 个字符 {code_point} 不可使用 / character {position}, {code_point},"
            " is not allowed",
            {"position": found.start() + 1, "code_point": f"U+{ord(found.group()):04X}"},
        )
    return text


PlainText = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_PLAIN_TEXT), AfterValidator(plain)
]


@lru_cache(maxsize=16)  # several rules look at the same texts of one declaration
def fold(text: str) -> str:
    """NFKC, runs of white space as one space, trimmed: to read what people type, not to store."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def narrow(text: str) -> str:
    """Full-width ASCII, the ideographic and the no-break space as their plain forms, nothing else.

    Weaker than `fold`, for identifiers: a superscript or circled digit stays what it is.
    """
    return text.translate(_FULL_WIDTH)


def shown(text: str, limit: int = 60) -> str:
    """A user's text for a message: one line, forbidden characters as `�`, cut after `limit`."""
    line = _SPACES.sub(" ", _FORBIDDEN.sub("\ufffd", text[: limit + 1])).strip()
    return line if len(text) <= limit else line[:limit] + "…"
