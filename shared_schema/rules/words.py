"""DEC-15: commercial advertising words in what the public reads (Rule 85).

The words are data with their source (`advertising_words.csv`): the three that article 9(3) of the
Advertising Law names. A word followed by one of its technical continuations (最佳温度) is shown to
the examiner as a warning, never as an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding, Severity
from shared_schema.reference_table import read_reference_table
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.profile import RuleProfile
from shared_schema.text import fold


@dataclass(frozen=True, slots=True)
class AdvertisingWord:
    """A word, the law that names it, and what may follow it in plain technical language."""

    word: str
    technical_before: tuple[str, ...]
    source: str

    def plain_use(self, text: str) -> bool:
        """Whether the word stands somewhere without a technical continuation."""
        technical = "|".join(re.escape(after) for after in self.technical_before)
        return re.search(f"{re.escape(self.word)}(?!{technical})", text) is not None


@cache
def advertising_words() -> tuple[AdvertisingWord, ...]:
    """The words of the data file."""
    return tuple(
        AdvertisingWord(row["word"], tuple(row["technical_before"].split("|")), row["source"])
        for row in read_reference_table("advertising_words")
    )


def dec_15_advertising(
    declaration: Declaration, profile: RuleProfile, _context: RuleContext
) -> list[Finding]:
    """No advertising word in title, abstract, technical field or the note on the fee."""
    return [
        _finding(word, pointer, profile, plain=word.plain_use(text))
        for pointer, text in public_texts(declaration)
        for word in advertising_words()
        if word.word in text
    ]


def public_texts(declaration: Declaration) -> Iterator[tuple[str, str]]:
    """The holder's own words that are published, folded, each with its pointer."""
    texts = {
        "/patent/title": declaration.patent.title,
        "/abstract": declaration.abstract,
        "/technical_field/text": declaration.technical_field.text,
        "/fee/note": declaration.fee.note,
    }
    return ((pointer, fold(text)) for pointer, text in texts.items() if text is not None)


def _finding(word: AdvertisingWord, pointer: str, profile: RuleProfile, *, plain: bool) -> Finding:
    finding = found(
        "DEC-15",
        profile,
        pointer,
        message=Words(
            f"含有宣传用语“{word.word}”。", f"It says “{word.word}”, an advertising word."
        ),
        hint=None
        if plain
        else Words(
            "属技术表述的可以保留，由审核员判断。",
            "Keep it if it is technical; the examiner decides.",
        ),
        facts={"word": word.word, "word_source": word.source, "technical_use": not plain},
    )
    return finding if plain else replace(finding, severity=Severity.WARNING)
