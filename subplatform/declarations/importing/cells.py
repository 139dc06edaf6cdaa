"""Cells into members of a declaration, collecting every problem of a row instead of the first."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from pydantic import ValidationError

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.text import fold, shown
from subplatform.declarations.importing.clause_refused import ClauseRefused
from subplatform.declarations.importing.row_problem import RowProblem

Member = TypeVar("Member")

_MARKS: Final = re.compile(r"\s*[；;]\s*")
_BRACKETS: Final = {"(": ")", "（": "）", "[": "]", "【": "】", "《": "》"}


class Cells:
    """The cells of one row, and the problems found while reading them."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.problems: list[RowProblem] = []

    def text(self, column: str | None) -> str:
        """The cell's text, trimmed; empty where the list has no such column."""
        return self._cells.get(column, "").strip() if column else ""

    def folded(self, column: str | None) -> str:
        """The cell's text as a label: NFKC, one space for any white space."""
        return fold(self.text(column))

    def parts(self, column: str | None) -> tuple[str, ...]:
        """The values of a cell that lists several, separated by `；` or `;`."""
        return tuple(part for part in _MARKS.split(self.text(column)) if part)

    def read(
        self, column: str, parse: Callable[[str], Member], *, rule: str | None = None
    ) -> Member | None:
        """Parse the cell; a refusal becomes a problem of the row that breaks `rule`."""
        return self.read_text(column, self.text(column), parse, rule=rule)

    def read_text(
        self, column: str, text: str, parse: Callable[[str], Member], *, rule: str | None = None
    ) -> Member | None:
        """Parse `text`, a part of the cell; a refusal becomes a problem of the row."""
        try:
            return parse(text)
        except IdentifierRefused as refused:
            self.problems.append(_identifier_problem(column, text, refused, rule=rule))
        except ClauseRefused as refused:
            self.problems.append(_clause_problem(column, text, refused))
        return None

    def build(self, columns: Mapping[str, str], make: Callable[[], Member]) -> Member | None:
        """Make a member of parsed values; what the contract forbids becomes problems.

        `columns` says for the first member of each place which column filled it.
        """
        try:
            return make()
        except ValidationError as error:
            for found in error.errors(include_url=False):
                place = str(found["loc"][0]) if found["loc"] else ""
                column = columns.get(place, "")
                self.add(column, "import.invalid", f"不合格式 / {found['msg']}")
        return None

    def add(
        self, column: str, code: str, message: str, *, hint: str = "", rule: str | None = None
    ) -> None:
        """Note a problem with a cell."""
        self.problems.append(
            RowProblem(column, shown(self.text(column)), code, rule, message, hint)
        )


def split_names(text: str, separators: tuple[str, ...]) -> tuple[str, ...]:
    """Names in one cell: separators inside brackets are part of a name."""
    names, start, closing = [], 0, list[str]()
    position = 0
    while position < len(text):
        sign = text[position]
        if closing and sign == closing[-1]:
            closing.pop()
        elif sign in _BRACKETS:
            closing.append(_BRACKETS[sign])
        separator = None if closing else _separator_at(text, position, separators)
        if separator:
            names.append(text[start:position])
            position += len(separator)
            start = position
        else:
            position += 1
    names.append(text[start:])
    return tuple(name for name in (" ".join(part.split()) for part in names) if name)


def _separator_at(text: str, position: int, separators: tuple[str, ...]) -> str | None:
    return next((mark for mark in separators if text.startswith(mark, position)), None)


def _identifier_problem(
    column: str, text: str, refused: IdentifierRefused, *, rule: str | None
) -> RowProblem:
    hint = ""
    if refused.code == "patent_number.several":
        listed = "、".join(refused.suggestions)
        hint = f"拆成每件专利一行：{listed} / split into one row per patent: {listed}"
    elif refused.suggestions:
        offered = "、".join(refused.suggestions)
        hint = f"是否为 {offered}？请核对 / did you mean {offered}? Check it"
    source = refused.errors[0].source or ""
    return RowProblem(column, shown(text), refused.code, rule, refused.detail, hint, source)


def _clause_problem(column: str, text: str, refused: ClauseRefused) -> RowProblem:
    return RowProblem(
        column,
        shown(text),
        f"fee.{refused.fault.name.lower()}",
        refused.errors[0].code,
        refused.detail,
        refused.hint,
        refused.errors[0].source or "",
    )
