"""How somebody reads the pages: language and size of print, both kept in the address alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query

from shared_schema.bilingual import Language, Words

PrintSize = Literal["normal", "large"]
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Every link on a page is made here, so that nobody falls back into another language."""

    lang: Language = "zh"
    size: PrintSize = "normal"

    def link(self, path: str, pairs: Pairs = ()) -> str:
        """The address of a page for this reader."""
        query = urlencode([*pairs, *self.pairs()])
        return f"{path}?{query}" if query else path

    def pairs(self) -> list[tuple[str, str]]:
        """What distinguishes this reader in an address."""
        found = [("lang", self.lang)] if self.lang != "zh" else []
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
    lang: Annotated[Language, Query()] = "zh", size: Annotated[PrintSize, Query()] = "normal"
) -> Reader:
    """The reader as the address says."""
    return Reader(lang, size)


Reading = Annotated[Reader, Depends(read_reader)]
