"""Chinese and Latin text as the terms of the index; queries are cut by the same functions.

Words find what people mean, pairs of neighbouring characters find any piece of a title: no
dictionary knows every technical term, and 计算方法 as one word would hide it from 方法.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final, Protocol

import opencc
import rjieba
import tantivy

_WORD: Final = re.compile(r"[a-z0-9]+(?:[.\-+/][a-z0-9]+)*|[\u3400-\u9fff\U00020000-\U000323af]+")
_ENGLISH: Final = re.compile(r"[a-z]{4,}")
_STEM: Final = "~"  # begins no word
_LATIN: Final = re.compile(r"[a-z0-9]+")
_RUN: Final = re.compile(r"[a-z0-9\u3400-\u9fff\U00020000-\U000323af]+")
_BETWEEN: Final = "\n"  # neither NFKC nor the conversion of characters makes one of anything else
MAX_TERM: Final = 100  # characters; what is longer is no word


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _simplifier() -> _Converter:
    return opencc.OpenCC("t2s")


def normalise(text: str) -> str:
    """NFKC, lower case, simplified characters: 聯邦學習 and 联邦学习 are one term."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return folded if folded.isascii() else _simplifier().convert(folded)


def normalise_all(texts: Sequence[str]) -> list[str]:
    """The same of several texts for little more than the price of one."""
    joined = _BETWEEN.join([text.replace(_BETWEEN, " ") for text in texts])
    return normalise(joined).split(_BETWEEN)


def words(normalised: str) -> list[str]:
    """The words of a normalised text in order, compounds and their parts, numbers, Latin words."""
    found: list[str] = []
    for run in _WORD.findall(normalised):
        if run[0].isascii():
            parts = _LATIN.findall(run)
            parts = [run, *parts] if len(parts) > 1 else parts
            found += [part for part in parts if len(part) <= MAX_TERM]
        else:
            found += rjieba.cut_for_search(run, hmm=False)  # a guessed word differs by context
    return found


def terms(normalised: str) -> list[str]:
    """The words as they are indexed: English ones by their stem as well."""
    return [term for word in words(normalised) for term in spellings(word)]


def spellings(word: str) -> tuple[str, ...]:
    """The terms of one word: itself, and what it has in common with its other forms."""
    return (word, _STEM + _stem(word)) if _ENGLISH.fullmatch(word) else (word,)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    (stem,) = _stemmer().analyze(word)
    return str(stem)


@cache
def _stemmer() -> tantivy.TextAnalyzer:
    whole = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    return whole.filter(tantivy.Filter.stemmer("english")).build()


def pairs(normalised: str) -> list[str]:
    """Each two neighbouring characters of each run of letters, digits and Chinese characters."""
    return [run[at : at + 2] for run in _RUN.findall(normalised) for at in range(len(run) - 1)]


def characters(normalised: str) -> set[str]:
    """All letters, digits and Chinese characters, for searches of one character."""
    return set().union(*_RUN.findall(normalised))


def runs(normalised: str) -> list[str]:
    """The pieces between spaces and punctuation, as somebody typed them."""
    return _RUN.findall(normalised)
