"""A Chinese piece that no listing has, with one character changed so that some listing has it.

People choose the wrong one of several characters that sound alike (滑版 for 滑板). The 3,755 common
characters of GB 2312 stand in the order of their pronunciation, so neighbours there sound alike;
no other table is needed. Each look is one look-up in the index's dictionary, whose cost does not
grow with the catalogue.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

import tantivy

from shared_platform.search.fields import PAIRS
from shared_platform.search.segmentation import pairs

LONGEST: Final = 16  # characters of a piece in which a wrong one is looked for
MOST: Final = 3
_ALIKE: Final = 24  # places apart in GB 2312 within which characters sound alike
_FOLLOWING: Final = 300  # other characters tried after one that is right
_ROW: Final = 94
_FIRST, _LEVEL_TWO = 0xB0, 0xD8
_FAR: Final = 10_000


def respelt(searcher: tantivy.Searcher, piece: str) -> list[str]:
    """The piece with one character changed: for one that sounds alike, or else any that fits."""
    if piece.isascii() or not 2 <= len(piece) <= LONGEST:  # noqa: PLR2004 - a pair
        return []
    found = {text: rank for rank, text in _candidates(searcher, piece)}
    alike = [text for text, (apart, _) in found.items() if apart < _FAR]
    return sorted(alike or found, key=lambda text: found[text])[:MOST]


def _candidates(searcher: tantivy.Searcher, piece: str) -> Iterator[tuple[tuple[int, int], str]]:
    for at in _doubtful(searcher, piece):
        before, after = piece[at - 1 : at], piece[at + 1 : at + 2]
        for other in _others(searcher, piece[at], before):
            around = [pair for pair in (before + other, other + after) if len(pair) == len("对儿")]
            counts = [searcher.doc_freq(PAIRS, pair) for pair in around]
            if all(counts):
                yield (_apart(piece[at], other), -min(counts)), piece[:at] + other + piece[at + 1 :]


def _doubtful(searcher: tantivy.Searcher, piece: str) -> list[int]:
    """Where the wrong character stands: in every pair that no listing has; anywhere, if all are."""
    missing = [
        {at, at + 1} for at, pair in enumerate(pairs(piece)) if not searcher.doc_freq(PAIRS, pair)
    ]
    if not missing:
        return list(range(len(piece)))
    return sorted(set.intersection(*missing))


def _others(searcher: tantivy.Searcher, wrong: str, before: str) -> set[str]:
    """Characters that sound alike, and those that follow the one before in some listing."""
    place = _places().get(wrong)
    alike = set() if place is None else set(_common()[max(place - _ALIKE, 0) : place + _ALIKE + 1])
    if before:
        terms = searcher.terms_with_prefix(PAIRS, before, limit=_FOLLOWING)
        alike.update(term[1] for term, _ in terms if len(term) == len("对儿"))
    return alike - {wrong}


def _apart(wrong: str, right: str) -> int:
    places = _places()
    if wrong not in places or right not in places:
        return _FAR
    apart = abs(places[wrong] - places[right])
    return apart if apart <= _ALIKE else _FAR


@cache
def _common() -> tuple[str, ...]:
    """The characters of GB 2312's first level in its order: by pronunciation."""
    cells = (
        bytes((row, cell)) for row in range(_FIRST, _LEVEL_TWO) for cell in range(0xA1, 0xA1 + _ROW)
    )
    return tuple(cell.decode("gb2312", "ignore") for cell in cells)


@cache
def _places() -> dict[str, int]:
    return {character: place for place, character in enumerate(_common()) if character}
