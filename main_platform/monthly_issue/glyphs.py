"""The printed issue's fonts, and which characters they have: none is left as an empty box."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

GETA: Final = "〓"  # what printers set where a character was not in the case
_FONTS: Final = "pylopdf-fonts-zh-cn"
_FIRST_PRINTABLE: Final = 0x20


def font_folder() -> Path:
    """Where Noto Serif SC and Noto Sans SC are (SIL Open Font License 1.1)."""
    return serif_path().parent


def renderer() -> str:
    """The programs that set a PDF: the same ones set the same bytes."""
    return f"typst {version('typst')}, {_FONTS} {version(_FONTS)}"


@cache
def covered() -> frozenset[int]:
    """The code points that both fonts have, as every part of a page is set in one of them."""
    return frozenset.intersection(*(_characters(path) for path in (serif_path(), sans_path())))


def missing_in(text: str) -> list[str]:
    """The characters of the text that cannot be printed, in the order of their code points."""
    return sorted(one for one in set(text) if _is_missing(one))


def printable(text: str, missing: Iterable[str]) -> str:
    """The text with a geta mark for each of these characters."""
    return text.translate({ord(one): GETA for one in missing})


def code_point(character: str) -> str:
    """As U+20BB7, which anybody can look up."""
    return f"U+{ord(character):04X}"


def _is_missing(character: str) -> bool:
    return ord(character) >= _FIRST_PRINTABLE and ord(character) not in covered()


def _characters(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
