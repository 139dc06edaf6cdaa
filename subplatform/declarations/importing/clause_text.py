"""The words of fee clauses: one spelling for all, and the pieces that the modes' grammars share.

Published clauses differ in punctuation, brackets round the form's blanks, line breaks and HTML
remnants, none of which carries meaning; `spelled` removes those and nothing else. Digits separated
by white space are never joined.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from shared_schema.amount import parse_fen, parse_percent
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.text import fold, shown
from subplatform.declarations.importing.chinese_number import (
    NUMERAL_STARTS,
    NUMERALS,
    chinese_number,
)
from subplatform.declarations.importing.clause_refused import (
    ClauseFault,
    ClauseRefused,
    fault_of,
)

StatedMode = Literal["free", "lump_sum", "instalments", "entry_plus_royalty"]

MAX_CLAUSE: Final = 1_000  # the longest published one has 394 characters
_MAX_COUNT_DIGITS: Final = 9

_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SPACED_DIGITS: Final = re.compile(r"(?<=\d)\s+(?=\d)")
_BLANK: Final = re.compile(r"[\s_]+")
_NUMBER_IN_BRACKETS: Final = re.compile(rf"\(([¥\d.,%‰百千万亿元{NUMERALS}]*)\)")
_TICK_IN_BRACKETS: Final = re.compile(r"\(([√✓☑])\)")
_STOPS: Final = " 。.,、;；\"'“”"

# Possessive: a number is never split in two, neither in meaning nor while backtracking.
NUMBER: Final = (
    rf"(?:(?>\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d++)?|[{NUMERAL_STARTS}][{NUMERALS}]*+)"
)
_UNIT: Final = r"(?:百万|千万|[千万亿])?(?:元|圆)?"
_AMOUNT: Final = re.compile(rf"(?P<currency>人民币|¥|RMB)?(?P<number>{NUMBER})(?P<unit>{_UNIT})整?")
_MONEY: Final = re.compile(rf"{NUMBER}(百万|千万|[千万亿])?元")
_LARGE_UNIT: Final = re.compile(rf"{NUMBER}[百千万亿]")

SEP: Final = r"[,。.;:、]*"
LEAD: Final = r"(?:\d[.、](?!\d))?(?:其他明确合理的(?:许可)?使用费标准:)?"
WAY: Final = rf"(?:的?方式)?{SEP}"
REMARK: Final = r"(?:\((?P<remark>[^()元%‰]{1,60})\))?"


SUM: Final = rf"(?:人民币|¥|RMB)?{NUMBER}{_UNIT}整?"
_TERM_UNIT: Final = "个?工作日|日|天|个月|年"
TERM: Final = rf"{NUMBER}(?:{_TERM_UNIT})之?内?"


def amount(name: str) -> str:
    """A pattern for a sum with or without its unit, captured as `name`."""
    return rf"(?P<{name}>{SUM})"


def rate(name: str) -> str:
    """A pattern for a percentage or permille, captured as `name`."""
    return rf"(?P<{name}>{NUMBER}[%‰])"


def days(name: str) -> str:
    """A pattern for a term such as 15日内, 13个月内; captured as `name` and `name_unit`."""
    return rf"(?P<{name}>{NUMBER})(?P<{name}_unit>{_TERM_UNIT})之?内?"


EFFECT: Final = rf"(?:在?合同(?:生效|签订)(?:之?日)?(?:后|起)?的?{SEP})"


def spelled(text: str) -> str:
    """The clause without layout: NFKC, no white space, no HTML breaks, no brackets round blanks."""
    line = _BREAK.sub("\n", fold(text))
    line = _BLANK.sub("", _SPACED_DIGITS.sub("|", line))
    line = _TICK_IN_BRACKETS.sub(r"\1", _NUMBER_IN_BRACKETS.sub(r"\1", line))
    return line.strip(_STOPS)


@dataclass
class Clause:
    """One clause while it is read: what is known beside the words, and remarks for the terms' note.

    Attributes:
        text: The clause as `spelled`.
        mode: The mode that another column states, where one does.
        sum_fen: The sum that another column states, where one does.
        notes: What a reader of the terms must know beyond the structured members.
    """

    text: str
    mode: StatedMode | None = None
    sum_fen: int | None = None
    notes: list[str] = field(default_factory=list)

    def rest(self, text: str) -> "Clause":
        """The clause after a leading modifier; its notes stay shared."""
        return Clause(text.strip(_STOPS), self.mode, self.sum_fen, self.notes)

    def fen(self, words: str) -> int:
        """The sum in fen that `words` state.

        A bare number takes 元 only where 元 is the one unit the clause uses, and a note says so.

        Raises:
            ClauseRefused: no unit, or not a sum.
        """
        match = _AMOUNT.fullmatch(words)
        if match is None:
            raise ClauseRefused(ClauseFault.UNINTELLIGIBLE, self.text, found=words)
        unit = match["unit"]
        if not unit and not match["currency"] and not set("万亿") & set(words):
            self._bare_number_is_yuan(words)
        if "千" in unit:
            self.notes.append(f"原文金额写作“{words}”，请核对")
        number = (
            self.integer(match["number"]) if match["number"][0] in NUMERALS else match["number"]
        )
        return self._parsed(f"{number}{unit.rstrip('元圆')}元", words)

    def rate(self, words: str) -> Decimal:
        """The rate in per cent that `words` (with % or ‰) state.

        Raises:
            ClauseRefused: not a rate.
        """
        number = self.integer(words[:-1]) if words[0] in NUMERALS else words[:-1]
        try:
            return parse_percent(f"{number}{words[-1]}")
        except IdentifierRefused as error:
            raise ClauseRefused(fault_of(error), self.text, found=words) from error

    def integer(self, words: str) -> int:
        """A count in digits or Chinese numerals.

        Raises:
            ClauseRefused: not one whole number.
        """
        value = (
            int(words)
            if words.isdecimal() and len(words) <= _MAX_COUNT_DIGITS
            else chinese_number(words)
        )
        if value is None:
            raise ClauseRefused(ClauseFault.UNINTELLIGIBLE, self.text, found=words)
        return value

    def remark(self, words: str | None) -> None:
        """Keep words that no structured member holds."""
        if words:
            self.notes.append(f"原文：{shown(words, 200)}")

    def _bare_number_is_yuan(self, words: str) -> None:
        if not _MONEY.search(self.text) or _LARGE_UNIT.search(self.text):
            raise ClauseRefused(ClauseFault.MISSING_UNIT, self.text, found=words)
        self.notes.append(f"“{words}”原文未写单位，按同一条款的单位元读取")

    def _parsed(self, written: str, words: str) -> int:
        try:
            return parse_fen(written)
        except IdentifierRefused as error:
            raise ClauseRefused(fault_of(error), self.text, found=words) from error
