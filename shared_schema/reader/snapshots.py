"""Beginning with a snapshot: a few large files instead of many pages, proven as a whole first.

Manifest and checkpoint are of the log's key, each part has the manifest's hash, and the root over
all leaves is the signed one, before anything is kept. What comes of it is what the log gives.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import dropwhile
from pathlib import Path
from typing import Final, Protocol

from shared_schema.instants import Instant
from shared_schema.log_page import PageEntry
from shared_schema.reader.folder_source import read_file
from shared_schema.reader.http_source import HttpSource
from shared_schema.reader.refusals import SourceUnreachable
from shared_schema.snapshot import (
    MAX_MANIFEST_BYTES,
    Manifest,
    SnapshotPart,
    SnapshotRefused,
    read_part,
)
from shared_schema.snapshot_parts import PartMissing, check_part

LONGEST_AGE: Final = timedelta(days=90)
_ENVELOPE_BYTES: Final = 2 * MAX_MANIFEST_BYTES
_GONE: Final = "reader.status"
_TOO_LARGE: Final = "reader.answer_too_large"


class SnapshotPlace(Protocol):
    """Where a snapshot is; untrusted bytes. `SourceUnreachable` when nothing usable comes."""

    def manifest(self) -> bytes:
        """The newest manifest's envelope."""
        ...

    def part(self, size: int, part: SnapshotPart) -> bytes:
        """The bytes of a part, at most one more than the manifest says."""
        ...


class FolderSnapshot:
    """A copy of a hub's snapshot folder: `manifests/` and `parts/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def manifest(self) -> bytes:
        """The manifest of the largest snapshot.

        Raises:
            SourceUnreachable: the folder has none.
        """
        found = sorted((self._folder / "manifests").glob("*.json"))
        if not found:
            message = ("文件夹中没有快照", "the folder has no snapshot")
            raise SourceUnreachable("file_missing", *message, where=str(self._folder))
        return read_file(found[-1], _ENVELOPE_BYTES)

    def part(self, size: int, part: SnapshotPart) -> bytes:  # noqa: ARG002 - by its hash
        """The file of that name.

        Raises:
            PartMissing: it is not there.
        """
        try:
            with (self._folder / "parts" / part.name).open("rb") as opened:
                return opened.read(part.bytes + 1)
        except OSError as failure:
            raise PartMissing(part) from failure


class HubSnapshot:
    """The newest snapshot of a hub or mirror."""

    def __init__(self, source: HttpSource) -> None:
        self._source = source

    def manifest(self) -> bytes:
        """GET `/snapshots/latest`."""
        return self._source.get("/snapshots/latest", _ENVELOPE_BYTES)

    def part(self, size: int, part: SnapshotPart) -> bytes:
        """GET `/snapshots/{size}/{name}`.

        Raises:
            PartMissing: it was replaced or erased meanwhile.
            SnapshotRefused: more came than the manifest says.
            SourceUnreachable: no usable answer.
        """
        try:
            return self._source.get(f"/snapshots/{size}/{part.name}", part.bytes)
        except SourceUnreachable as failure:
            if failure.code == _GONE:
                raise PartMissing(part) from failure
            if failure.code == _TOO_LARGE:
                message = ("回答不是清单所列分片", "more came than the manifest says")
                raise SnapshotRefused("part_hash", *message) from failure
            raise


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where to begin, and the moment against which the snapshot's age is judged."""

    place: SnapshotPlace
    now: Instant


class HeldParts:
    """The parts of one manifest on this machine's disk, each checked against its hash."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._manifest = manifest

    def entries(self, first: int) -> Iterator[PageEntry]:
        """The entries from serial `first` on.

        Raises:
            SnapshotRefused: a part's lines are not its entries' records.
        """
        for part in self._manifest.parts:
            if part.last >= first:
                with (self._folder / part.name).open("rb") as opened:
                    records = read_part(opened, part)
                    yield from dropwhile(lambda entry: entry.serial < first, records)


@contextmanager
def fetched_parts(place: SnapshotPlace, manifest: Manifest) -> Iterator[HeldParts]:
    """Fetch every part and check its bytes; the files are gone afterwards.

    Raises:
        SnapshotRefused: a part is missing, truncated, or has other bytes.
        SourceUnreachable: no usable answer.
    """
    with tempfile.TemporaryDirectory(prefix="kaixu-verify-") as name:
        folder = Path(name)
        for part in manifest.parts:
            raw = place.part(manifest.size, part)
            check_part(part, raw)
            (folder / part.name).write_bytes(raw)
        yield HeldParts(folder, manifest)
