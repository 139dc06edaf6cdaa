"""Anchors of the chain in a file, where whoever owns the database does not write.

One line for the last head of each day (UTC) and one for the last of all. Without them the owner of
the tables could cut the tail off, or compute the whole chain anew, and nobody would see it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from shared_platform.audit.chain import Head
from shared_platform.stored_file import drafted
from shared_schema.instants import Instant, format_instant, parse_instant, whole_second

HEADS_FILE: Final = "heads.jsonl"


@dataclass(frozen=True, slots=True)
class Anchored:
    """A head, and when it was written down."""

    at: datetime
    head: Head


def audit_folder(data_dir: Path) -> Path:
    """Where a service keeps the anchors and archives of its trail."""
    return data_dir / "audit"


def read_heads(folder: Path) -> list[Anchored]:
    """All anchors, oldest first; none where none were written.

    Raises:
        ValueError: the file is not one of ours.
    """
    try:
        lines = (folder / HEADS_FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [_read(line) for line in lines if line]


def write_head(folder: Path, head: Head, *, now: Instant) -> None:
    """Add the newest head; of each day before it only the last stays."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = Anchored(whole_second(now), head)
    kept = [one for one in read_heads(folder) if one.head.place < head.place]
    last_of_day = {one.at.date(): one for one in kept if one.at.date() != new.at.date()}
    with drafted(folder / HEADS_FILE) as file:
        file.write(_text([*last_of_day.values(), new]).encode())


def set_heads_aside(folder: Path, *, now: Instant) -> Path:
    """Begin with no anchors, after a backup was restored; those there were stay under this name."""
    aside = folder / f"heads-before-{whole_second(now):%Y%m%dT%H%M%SZ}.jsonl"
    return (folder / HEADS_FILE).rename(aside)


def _text(heads: Iterable[Anchored]) -> str:
    return "".join(
        json.dumps(
            {"at": format_instant(one.at), "place": one.head.place, "hash": one.head.hash.hex()}
        )
        + "\n"
        for one in heads
    )


def _read(line: str) -> Anchored:
    said = json.loads(line)
    return Anchored(parse_instant(said["at"]), Head(said["place"], bytes.fromhex(said["hash"])))
