"""The files of issues on disk, each under its own hash: whole or not there, never changed."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

_DRAFT: Final = ".draft"


@dataclass(frozen=True, slots=True)
class IssueFile:
    """One file: what it is called for readers, what it is, and what its bytes hash to."""

    name: str
    media_type: str
    sha256: str
    length: int

    def facts(self) -> dict[str, Any]:
        """As an edition keeps it."""
        return {
            "name": self.name,
            "media_type": self.media_type,
            "sha256": self.sha256,
            "bytes": self.length,
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "IssueFile":
        """The file that an edition names."""
        return cls(facts["name"], facts["media_type"], facts["sha256"], facts["bytes"])


class IssueFolder:
    """The hub's issues. One process writes at a time, under the lock; any number reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lock_file(self) -> Path:
        """The file that whoever writes holds locked."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / "lock"

    def path(self, file: IssueFile) -> Path:
        """Where the file's bytes are."""
        return self.folder / file.sha256

    def store(self, name: str, media_type: str, raw: bytes) -> IssueFile:
        """Keep the bytes; they are on disk, with their folder, when this returns."""
        file = IssueFile(name, media_type, sha256(raw).hexdigest(), len(raw))
        if not self.is_intact(file):
            draft = self.path(file).with_suffix(_DRAFT)
            with draft.open("wb") as opened:
                opened.write(raw)
                opened.flush()
                os.fsync(opened.fileno())
            draft.replace(self.path(file))
            self._flush()
        return file

    def is_intact(self, file: IssueFile) -> bool:
        """Whether the file is there with the bytes that its hash says."""
        try:
            with self.path(file).open("rb") as opened:
                digest = sha256()
                while block := opened.read(1 << 20):
                    digest.update(block)
        except FileNotFoundError:
            return False
        return digest.hexdigest() == file.sha256

    def keep(self, hashes: Collection[str]) -> list[str]:
        """Remove all files but these, as of editions that were replaced; what was removed."""
        removed = [
            path.name
            for path in sorted(self.folder.iterdir())
            if path.name not in hashes and path != self.lock_file()
        ]
        for name in removed:
            (self.folder / name).unlink()
        if removed:
            self._flush()
        return removed

    def _flush(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
