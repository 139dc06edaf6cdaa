"""The index on this machine: generations in a folder, one of them current, and who may write it.

`<folder>/current` names the generation that is read; a generation is a folder with the index and
`reached.json`, which says up to where it follows the log. It is written after each commit, so the
index may know more than it says and never less; indexing a listing again changes nothing. `made`
says how large the log was when the generation was begun: words of listings that changed later stay
in its files, beside the documents that took their place. A lost,
damaged or older index is made again beside the current one, which serves until the new one is done.
"""

import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import structlog
import tantivy

from shared_platform.search.fields import VERSION, schema
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

HEAP_BYTES: Final = 96_000_000
_CURRENT, _REACHED, _MADE = "current", "reached.json", "made"
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class IndexBeingMade(DomainError):
    """There is no index yet; browsing and look-ups by number go on."""

    problem = ProblemType.MAINTENANCE


@dataclass(frozen=True, slots=True)
class Reached:
    """Up to where a generation follows the catalogue.

    `size` log entries are in it, with all touched listings up to number `touched`; `log` is the
    origin line of that log.
    """

    size: int
    touched: int
    log: str
    version: int = VERSION


class Generation:
    """One index folder: opened to be read, or to be written by the one writer."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.index = tantivy.Index(schema(), path=str(folder))

    def writer(self) -> tantivy.IndexWriter:
        """The writer; Tantivy's own lock lets one process have it."""
        return self.index.writer(HEAP_BYTES, 1)

    def note(self, reached: Reached) -> None:
        """Say up to where the committed index goes."""
        _write(self.folder / _REACHED, orjson.dumps(asdict(reached)))

    def note_made(self, size: int) -> None:
        """Say how large the log was when this generation was begun from nothing."""
        _write(self.folder / _MADE, str(size).encode())


def read_reached(folder: Path) -> Reached | None:
    """The statement of a generation folder; None where none can be used."""
    try:
        found: dict[str, Any] = orjson.loads((folder / _REACHED).read_bytes())
        reached = Reached(**found)
    except (OSError, ValueError, TypeError):
        return None
    return reached if reached.version == VERSION else None


def read_made(folder: Path) -> int:
    """The size of the log when the generation was begun; 0 where it does not say."""
    try:
        return int((folder / _MADE).read_text("ascii"))
    except (OSError, ValueError):
        return 0


class IndexFolder:
    """The folder with all generations."""

    def __init__(self, folder: Path) -> None:
        self.path = folder

    def current(self) -> Path | None:
        """The folder of the generation that is read; None before the first is complete."""
        try:
            name = (self.path / _CURRENT).read_text("ascii").strip()
        except OSError:
            return None
        folder = self.path / Path(name).name
        return folder if read_reached(folder) else None

    def fresh(self) -> Path:
        """The folder of a new generation; leftovers of interrupted ones are removed."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        taken = [int(one.name) for one in self.path.iterdir() if one.name.isdigit()]
        return self.path / str(max(taken, default=0) + 1)

    def adopt(self, generation: Path) -> None:
        """Make the generation the current one; readers move to it with their next search."""
        _write(self.path / _CURRENT, generation.name.encode())
        self._sweep()

    def bytes(self) -> int:
        """The size of the current generation on disk."""
        folder = self.current()
        return 0 if folder is None else sum(one.stat().st_size for one in folder.iterdir())

    def _sweep(self) -> None:
        """Remove what is not current; readers that still map the files keep them until they end."""
        current = self.current()
        for one in self.path.iterdir():
            if one.is_dir() and one != current:
                shutil.rmtree(one, ignore_errors=True)


class IndexReader:
    """The current generation, opened once and reloaded when it says that it has moved.

    Costs two file look-ups a search while nothing changes.
    """

    def __init__(self, folder: IndexFolder) -> None:
        self._folder = folder
        self._opened: Generation | None = None
        self._seen: tuple[int, int] | None = None
        self._searcher: tantivy.Searcher | None = None
        self._reached: Reached | None = None

    def searcher(self) -> "tuple[tantivy.Searcher, Reached] | None":
        """What to search in, and up to where it goes; None while there is no index yet."""
        seen = self._mark()
        if seen is None:
            return None
        if seen != self._seen:
            self._reload()
            self._seen = seen
        if self._searcher is None or self._reached is None:
            return None
        return self._searcher, self._reached

    def _mark(self) -> tuple[int, int] | None:
        try:
            pointer = (self._folder.path / _CURRENT).stat()
            folder = self._opened.folder if self._opened else self._folder.current()
            moved = 0 if folder is None else (folder / _REACHED).stat().st_mtime_ns
        except OSError:
            return None if self._opened is None else (0, 0)
        return pointer.st_mtime_ns, moved

    def _reload(self) -> None:
        folder = self._folder.current()
        if folder is None:
            return
        reached = read_reached(folder)
        try:
            if self._opened is None or self._opened.folder != folder:
                self._opened = Generation(folder)
                self._opened.index.config_reader("manual")
            self._opened.index.reload()
            self._searcher = self._opened.index.searcher()
        except (OSError, ValueError) as error:  # damaged: its keeper makes it again
            _log.warning("search_index_unreadable", detail=str(error))
            self._opened = self._searcher = None
        self._reached = reached


def _write(file: Path, content: bytes) -> None:
    """Replace a small file as a whole."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
