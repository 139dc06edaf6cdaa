"""Boards: saved searches with a title, from a TOML file of the service or the ones that come along.

[[board]]
id = "free"
title_zh = "免费许可"
title_en = "Free of charge"
about_zh = "…"
about_en = "…"
search = "start=free&sort=newest"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared_platform.search.parameters import SearchParameters
from shared_platform.settings import SettingsInvalid
from shared_schema.bilingual import Words
from shared_schema.refusal import FieldError
from shared_schema.text import PlainText

OURS: Final = Path(__file__).parent / "boards.toml"
_UNUSABLE: Final = "专栏文件 {0} 不能用 / the boards in {0} cannot be used"
_MANY: Final = frozenset(
    name for name, one in SearchParameters.model_fields.items() if "list" in str(one.annotation)
)


class BoardEntry(BaseModel):
    """A board as its file says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    title_zh: PlainText
    title_en: PlainText
    about_zh: PlainText
    about_en: PlainText
    search: Annotated[str, Field(max_length=500)]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    board: Annotated[tuple[BoardEntry, ...], Field(max_length=100)] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """One board: what it is called, what it is for, what it shows."""

    id: str
    title: Words
    about: Words
    search: SearchParameters


def read_boards(file: Path) -> tuple[Board, ...]:
    """The boards of a file, in its order.

    Raises:
        SettingsInvalid: the file cannot be read, or a board is wrong; names board and member.
    """
    entries = read_entries(file)
    try:
        boards = tuple(map(_board, entries))
        errors = _ids_twice(boards)
    except ValidationError as wrong:
        errors, boards = _errors(wrong), ()
    if errors:
        raise SettingsInvalid(_UNUSABLE.format(file), errors)
    return boards


def read_entries(file: Path) -> tuple[BoardEntry, ...]:
    """The boards as the file says them; their searches are not looked at yet.

    Raises:
        SettingsInvalid: the file cannot be read, or a board lacks something.
    """
    try:
        return _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).board
    except ValidationError as wrong:
        raise SettingsInvalid(_UNUSABLE.format(file), _errors(wrong)) from wrong
    except (OSError, ValueError) as wrong:
        errors = [FieldError("boards_file", "boards.unreadable", str(wrong))]
        raise SettingsInvalid(_UNUSABLE.format(file), errors) from wrong


def read_entry(values: Mapping[str, object]) -> BoardEntry:
    """One board from its members, its search read as the search page reads it.

    Raises:
        SettingsInvalid: a member is missing or malformed, a filter or value is unknown.
    """
    try:
        entry = BoardEntry.model_validate(values)
        read_search(entry.search)
    except ValidationError as wrong:
        message = "专栏不能这样写 / the board cannot be written so"
        raise SettingsInvalid(message, _errors(wrong)) from wrong
    return entry


def _ids_twice(boards: tuple[Board, ...]) -> list[FieldError]:
    message = "专栏编号重复 / two boards have the same id"
    is_sound = len({board.id for board in boards}) == len(boards)
    return [] if is_sound else [FieldError("boards_file", "boards.id_twice", message)]


def _board(entry: BoardEntry) -> Board:
    return Board(
        entry.id,
        Words(entry.title_zh, entry.title_en),
        Words(entry.about_zh, entry.about_en),
        read_search(entry.search),
    )


def read_search(query: str) -> SearchParameters:
    """A search from the query part of its address.

    Raises:
        ValidationError: a filter or value is unknown.
    """
    found = parse_qs(query, keep_blank_values=True)
    values: dict[str, Any] = {
        name: given if name in _MANY else given[-1] for name, given in found.items()
    }
    return SearchParameters.model_validate(values)


def _errors(wrong: ValidationError) -> list[FieldError]:
    return [
        FieldError("boards_file/" + "/".join(map(str, one["loc"])), one["type"], one["msg"])
        for one in wrong.errors(include_url=False, include_input=False)
    ]
