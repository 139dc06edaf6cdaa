"""Bulk files on disk: for each generation the listings under two codings, and a manifest, last.

A generation is the catalogue at one size of the log, as it stood on one legal day. Its files never
change: the name tells both. One process of a machine writes at a time; any number reads.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from shared_platform.stored_file import drafted, drop_drafts, flush_folder

BULK_SCHEMA: Final = "catalogue-bulk/1"
NAME_PATTERN: Final = r"^catalogue-(0|[1-9][0-9]{0,18})-[0-9]{8}\.ndjson\.(zst|gz)$"
MEDIA_TYPES: Final = {"zst": "application/zstd", "gz": "application/gzip"}
_MANIFEST: Final = ".json"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BulkFile(_Told):
    """One coding of the listings."""

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    coding: Literal["zst", "gz"]
    media_type: str
    bytes: Annotated[int, Field(ge=1)]
    sha256: Sha256


class BulkManifest(_Told):
    """What a generation holds and how it goes on (schema `catalogue-bulk/1`)."""

    schema_id: Annotated[Literal["catalogue-bulk/1"], Field(alias="schema")] = "catalogue-bulk/1"
    log_size: Annotated[int, Field(ge=1, description="日志条数 / log entries it covers")]
    root: Annotated[Sha256, Field(description="该处的默克尔根 / the Merkle root at that size")]
    day: Annotated[date, Field(description="判断届满的法定日 / the legal day states are shown of")]
    created_at: AwareDatetime
    listings: Annotated[int, Field(ge=0, description="行数 / lines, one listing each")]
    content_bytes: Annotated[int, Field(ge=0, description="解压后 / of the NDJSON")]
    content_sha256: Annotated[Sha256, Field(description="解压后 / of the NDJSON")]
    next: Annotated[str, Field(description="接着读 changes 的游标 / go on with `changes` here")]
    files: tuple[BulkFile, ...]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def generation(self) -> "Generation":
        """Which one it is."""
        return Generation(self.log_size, self.day)


@dataclass(frozen=True, slots=True, order=True)
class Generation:
    """The catalogue at one size of the log, on one legal day."""

    log_size: int
    day: date

    @classmethod
    def of_name(cls, name: str) -> "Generation":
        """The generation of a file or manifest with a name of ours.

        Raises:
            ValueError: the name is none.
        """
        kind, size, day = name.partition(".")[0].split("-")
        if kind != "catalogue":
            raise ValueError(name)
        return cls(int(size), date.fromisoformat(day))

    @property
    def stem(self) -> str:
        """What its names begin with."""
        return f"catalogue-{self.log_size}-{self.day:%Y%m%d}"


class BulkFolder:
    """The generations of one machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: dict[str, BulkFile] = {}  # a file never changes, and may be gone

    def prepare(self) -> None:
        """Make the folder, and take away what a crash left: drafts, and files without manifest."""
        drop_drafts(self.path)
        self.keep(self.generations())

    def generations(self) -> list[Generation]:
        """Those that are whole, oldest first."""
        found = self.path.glob(f"catalogue-*{_MANIFEST}")
        return sorted(Generation.of_name(file.name) for file in found)

    def raw_manifest(self, generation: Generation) -> bytes | None:
        """The manifest's bytes, as readers get them; None where it has been removed."""
        try:
            return self._manifest(generation).read_bytes()
        except FileNotFoundError:
            return None

    def manifest(self, generation: Generation) -> BulkManifest | None:
        """The manifest, read; None where it is gone, or was written by another version."""
        raw = self.raw_manifest(generation)
        try:
            return None if raw is None else BulkManifest.model_validate_json(raw)
        except ValidationError:
            return None

    def find(self, name: str) -> tuple[BulkFile, Path] | None:
        """What its manifest says of the file of that name, and its path; None: there is none.

        A file that was found before may be gone: whoever opens it notices.
        """
        if name not in self._found:
            manifest = self.manifest(Generation.of_name(name))
            if manifest is None:
                return None
            self._found = {file.name: file for file in manifest.files}
        told = self._found.get(name)
        return None if told is None else (told, self.path / name)

    def publish(self, manifest: BulkManifest) -> None:
        """Make the generation readable: all of its files are on disk."""
        raw = manifest.model_dump_json(by_alias=True).encode()
        with drafted(self._manifest(manifest.generation)) as opened:
            opened.write(raw)

    def keep(self, generations: Collection[Generation]) -> list[Generation]:
        """Remove all other generations, manifests first; which were removed."""
        removed = [one for one in self.generations() if one not in generations]
        for one in removed:
            self._manifest(one).unlink(missing_ok=True)
        stems = {one.stem for one in generations}
        for file in self.path.glob("catalogue-*.ndjson.*"):
            if file.name.partition(".")[0] not in stems:
                file.unlink(missing_ok=True)
        if removed:
            flush_folder(self.path)
        return removed

    def _manifest(self, generation: Generation) -> Path:
        return self.path / f"{generation.stem}{_MANIFEST}"
