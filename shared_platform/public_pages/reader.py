"""How somebody reads the pages: language and size of print, both in the address.

An address without a language follows the reader's browser; a link to the other language says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

from shared_platform.transport.preferred_language import preferred_language
from shared_schema.bilingual import Language, Words

PrintSize = Literal["normal", "large"]
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Every link on a page is made here, so that nobody falls back into another language.

    `unsaid` is the language in which this reader's browser gets an address without one.
    """

    lang: Language = "zh"
    size: PrintSize = "normal"
    unsaid: Language = "zh"

    def link(self, path: str, pairs: Pairs = ()) -> str:
        """The address of a page for this reader."""
        query = urlencode([*pairs, *self.pairs()])
        return f"{path}?{query}" if query else path

    def pairs(self) -> list[tuple[str, str]]:
        """What distinguishes this reader in an address."""
        found = [("lang", self.lang)] if self.lang != self.unsaid else []
        return found + ([("size", self.size)] if self.size != "normal" else [])

    def says(self, words: Words) -> str:
        """The words in the reader's language."""
        return words.spoken(self.lang)

    @property
    def in_the_other_language(self) -> "Reader":
        """The same reader, reading the other language."""
        return replace(self, lang="en" if self.lang == "zh" else "zh")

    @property
    def with_other_print(self) -> "Reader":
        """The same reader with large print, or back to normal."""
        return replace(self, size="large" if self.size == "normal" else "normal")


async def read_reader(
    request: Request,
    lang: Annotated[Language | None, Query()] = None,
    size: Annotated[PrintSize, Query()] = "normal",
) -> Reader:
    """The reader as the address says, or else the browser."""
    unsaid = unsaid_language(request)
    return Reader(lang or unsaid, size, unsaid)


def unsaid_language(request: Request) -> Language:
    """The language of an address that says none: of the browser's wish, else Chinese."""
    return preferred_language(request) or "zh"


Reading = Annotated[Reader, Depends(read_reader)]
