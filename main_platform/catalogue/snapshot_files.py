"""Snapshots on disk: parts under their hashes, manifests under their sizes, the manifest last.

Each file is on disk before the next step (`shared_platform.stored_file`); readers need no lock.
"""

from hashlib import sha256
from pathlib import Path

from shared_platform.catalogue.snapshot_source import MANIFESTS, PARTS
from shared_platform.failpoint import failpoint
from shared_platform.stored_file import drafted, drop_drafts, flush_folder
from shared_schema.bounded_json import parse_json
from shared_schema.dsse import read_envelope
from shared_schema.snapshot import Manifest, SnapshotPart


class SnapshotFolder:
    """The hub's snapshots. One process writes at a time; any number reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifests = folder / MANIFESTS
        self._parts = folder / PARTS

    def lock_file(self) -> Path:
        """The file that whoever writes holds locked."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / "lock"

    def prepare(self) -> None:
        """Make the folders, and take away what a crash left half written."""
        for place in (self._manifests, self._parts):
            drop_drafts(place)

    def sizes(self) -> list[int]:
        """The sizes of the snapshots there are, smallest first."""
        return sorted(int(file.stem) for file in self._manifests.glob("*.json"))

    def latest(self) -> Manifest | None:
        """The largest snapshot's manifest."""
        sizes = self.sizes()
        return self.manifest(sizes[-1]) if sizes else None

    def manifest(self, size: int) -> Manifest | None:
        """The manifest of one snapshot."""
        raw = self.signed_manifest(size)
        if raw is None:
            return None
        return Manifest.model_validate(parse_json(read_envelope(raw).payload))

    def signed_manifest(self, size: int) -> bytes | None:
        """The manifest's envelope as it was signed."""
        try:
            return self._manifest_file(size).read_bytes()
        except FileNotFoundError:
            return None

    def part_file(self, size: int, name: str) -> Path | None:
        """The file of a part, if that snapshot has it."""
        manifest = self.manifest(size)
        named = manifest is not None and any(part.name == name for part in manifest.parts)
        file = self._parts / name
        return file if named and file.exists() else None

    def store_part(self, raw: bytes, *, first: int, last: int) -> SnapshotPart:
        """Keep a part; one that is there already, from a former snapshot, stays as it is."""
        digest = sha256(raw).hexdigest()
        part = SnapshotPart(
            name=f"{digest}.ndjson.zst", sha256=digest, bytes=len(raw), first=first, last=last
        )
        if not (self._parts / part.name).exists():
            _store(self._parts / part.name, raw)
        return part

    def publish(self, manifest: bytes, *, size: int) -> None:
        """Make the snapshot the latest one: all of its parts are on disk."""
        _store(self._manifest_file(size), manifest)

    def drop_through(self, outdated: int) -> list[int]:
        """Remove the snapshots of up to that size, and parts that belong to no snapshot."""
        return self.keep([size for size in self.sizes() if size > outdated])

    def keep(self, sizes: list[int]) -> list[int]:
        """Remove all other snapshots, then the parts that none of these needs; what was removed."""
        removed = [size for size in self.sizes() if size not in sizes]
        for size in removed:
            self._manifest_file(size).unlink()
        if removed:
            flush_folder(self._manifests)
        kept = [manifest for size in sizes if (manifest := self.manifest(size)) is not None]
        needed = {part.name for manifest in kept for part in manifest.parts}
        for file in self._parts.glob("*"):
            if file.name not in needed:
                file.unlink()
        return removed

    def _manifest_file(self, size: int) -> Path:
        return self._manifests / f"{size:019d}.json"


def _store(file: Path, raw: bytes) -> None:
    with drafted(file, reached=_reached) as opened:
        opened.write(raw[: len(raw) // 2])
        failpoint("snapshot.half_written")
        opened.write(raw[len(raw) // 2 :])


def _reached(step: str) -> None:
    match step:
        case "written":
            failpoint("snapshot.written")
        case "synced":
            failpoint("snapshot.synced")
        case _:
            failpoint("snapshot.renamed")
