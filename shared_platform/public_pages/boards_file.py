"""Where a service's boards are kept: changed whole or not at all, read again when changed."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from shared_platform.database.file_lock import FileLock
from shared_platform.public_pages.boards import OURS, Board, BoardEntry, read_boards, read_entries
from shared_platform.settings import PlatformSettings, SettingsInvalid
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)
Change = Callable[[list[BoardEntry]], list[BoardEntry]]


class NoSuchBoardId(DomainError):
    """The service has no board of this id."""

    problem = ProblemType.NOT_FOUND


class BoardExists(DomainError):
    """The service has a board of this id."""

    problem = ProblemType.ALREADY_EXISTS


class BoardsBusy(DomainError):
    """Somebody else is changing the boards."""

    problem = ProblemType.STATE_CONFLICT


class LiveBoards:
    """The boards of a running service: read again when their file has changed.

    A file that cannot be used any more changes nothing: the boards stay as they were.
    """

    def __init__(self, settings: PlatformSettings) -> None:
        self._settings = settings
        self._stamp = self._look()
        self._boards = read_boards(self._stamp[0])

    def __call__(self) -> tuple[Board, ...]:
        """The boards as they are now."""
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._boards = read_boards(stamp[0])
            except SettingsInvalid as invalid:
                _log.error("boards_unusable", file=str(stamp[0]), errors=len(invalid.errors))
        return self._boards

    def _look(self) -> tuple[Path, int, int]:
        file = boards_in_use(self._settings)
        try:
            found = file.stat()
        except OSError:
            return file, 0, 0
        return file, found.st_mtime_ns, found.st_size


def boards_in_use(settings: PlatformSettings) -> Path:
    """The file that says which boards there are: the service's own, or the one of the program."""
    own = own_boards(settings)
    return own if settings.boards_file or own.exists() else OURS


def own_boards(settings: PlatformSettings) -> Path:
    """The file that changes are written to; it need not exist yet."""
    return settings.boards_file or settings.data_dir / "boards.toml"


def change_boards(settings: PlatformSettings, change: Change) -> tuple[Board, ...]:
    """Write the boards as `change` makes them of the present ones; a running service follows.

    The first change copies the boards of the program into the service's own file.

    Raises:
        SettingsInvalid: a board would be wrong; names it. Nothing was written.
        BoardsBusy: somebody else is changing them.
    """
    own = own_boards(settings)
    own.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(own.with_name(f"{own.name}.lock"))
    if not lock.try_alone():
        raise BoardsBusy("另一进程正在更改专栏 / somebody else is changing the boards")
    try:
        entries = change(list(read_entries(boards_in_use(settings))))
        draft = own.with_name(f"{own.name}.draft")
        with draft.open("w", encoding="utf-8") as opened:
            opened.write(_written(entries))
            opened.flush()
            os.fsync(opened.fileno())
        boards = read_boards(draft)
        draft.replace(own)
    finally:
        lock.release()
    return boards


def _written(entries: Sequence[BoardEntry]) -> str:
    """The boards as TOML; JSON's strings are TOML's basic strings."""
    blocks = []
    for entry in entries:
        lines = [
            f"{name} = {json.dumps(value, ensure_ascii=False)}"
            for name, value in entry.model_dump().items()
        ]
        blocks.append("\n".join(["[[board]]", *lines]))
    return "\n\n".join(blocks) + "\n"
