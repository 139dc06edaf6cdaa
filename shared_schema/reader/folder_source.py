"""The log from a folder, as `--keep` wrote it: for machines without a network, and for the record.

`checkpoint` holds the signed note, `entries/000000000000.json` the page beginning at that serial,
`consistency/FROM-TO` a proof, `handovers/000000000000.json` those from that serial on. The bytes
are the source's own and are proven again when read.
"""

from pathlib import Path
from typing import Final

from shared_schema.log_page import MAX_PAGE_BYTES
from shared_schema.reader.refusals import FileUnusable, SourceUnreachable
from shared_schema.reader.source import Source

_TEXT_BYTES: Final = 512 * 1024
_PAGE_BYTES: Final = 2 * MAX_PAGE_BYTES


class FolderSource:
    """A folder of files as answers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def checkpoint(self) -> bytes:
        """The file `checkpoint`."""
        return read_file(self._folder / "checkpoint", _TEXT_BYTES)

    def entries(self, first: int, *, limit: int) -> bytes:  # noqa: ARG002 - pages are as kept
        """The page that was kept for `first`."""
        return read_file(_page_file(self._folder, first), _PAGE_BYTES)

    def consistency(self, first: int, second: int) -> bytes:
        """The proof that was kept."""
        return read_file(_proof_file(self._folder, first, second), _TEXT_BYTES)

    def handovers(self, first: int) -> bytes:
        """The handovers that were kept."""
        return read_file(_handover_file(self._folder, first), _TEXT_BYTES)


class KeepingSource:
    """Another source whose answers are also written to a folder, as they came."""

    def __init__(self, source: Source, folder: Path) -> None:
        self._source = source
        self._folder = folder

    def checkpoint(self) -> bytes:
        """The other source's checkpoint, kept."""
        return _write(self._folder / "checkpoint", self._source.checkpoint())

    def entries(self, first: int, *, limit: int) -> bytes:
        """The other source's page, kept."""
        return _write(_page_file(self._folder, first), self._source.entries(first, limit=limit))

    def consistency(self, first: int, second: int) -> bytes:
        """The other source's proof, kept."""
        file = _proof_file(self._folder, first, second)
        return _write(file, self._source.consistency(first, second))

    def handovers(self, first: int) -> bytes:
        """The other source's handovers, kept."""
        return _write(_handover_file(self._folder, first), self._source.handovers(first))


def _page_file(folder: Path, first: int) -> Path:
    return folder / "entries" / f"{first:012d}.json"


def _handover_file(folder: Path, first: int) -> Path:
    return folder / "handovers" / f"{first:012d}.json"


def _proof_file(folder: Path, first: int, second: int) -> Path:
    return folder / "consistency" / f"{first}-{second}"


def read_file(file: Path, max_bytes: int) -> bytes:
    """The bytes of a file of at most that size.

    Raises:
        SourceUnreachable: it cannot be read, or is larger.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(max_bytes + 1)
    except OSError as failure:
        why = failure.strerror or type(failure).__name__
        raise SourceUnreachable(
            "file_missing", f"文件无法读取：{why}", f"unreadable: {why}", where=str(file)
        ) from failure
    if len(raw) > max_bytes:
        message = (f"文件超过 {max_bytes} 字节", f"the file has more than {max_bytes} bytes")
        raise SourceUnreachable("file_too_large", *message, where=str(file))
    return raw


def _write(file: Path, raw: bytes) -> bytes:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)
    except OSError as failure:
        raise FileUnusable(
            "reader.keep_failed",
            f"无法写入 {file}",
            f"cannot write: {failure.strerror}",
            pointer=str(file),
        ) from failure
    return raw
