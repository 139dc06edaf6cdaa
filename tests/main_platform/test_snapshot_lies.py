"""Snapshots that are not what they claim: each lie has its code, and nothing of it is applied."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.engine import Database
from shared_schema.checkpoint import Checkpoint, sign_checkpoint
from shared_schema.log_page import PageEntry
from shared_schema.signing_key import SigningKey
from shared_schema.snapshot import SnapshotPart, SnapshotRefused, sign_manifest, write_part
from tests.main_platform.snapshot_places import Copy, Published, published_log
from tests.shared_platform.catalogue_copies import digest, quarantined
from tests.shared_platform.hub_log_peer import ORIGIN
from tests.shared_platform.served_log import a_life

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return published_log(a_life().hub, tmp_path / "snapshots")


@pytest.fixture
def copy(
    published: Published, node_database: Database, node_sessions: Sessions, tmp_path: Path
) -> Copy:
    database = replace(node_database, sessions=node_sessions)
    return Copy(database, published.hub.anchor, published.hub.now, tmp_path / "taking")


def resigned(published: Published, *, key: SigningKey | None = None, **changes: Any) -> None:
    """The manifest with changes, signed again, as a hub that lies could."""
    changed = published.manifest.model_copy(update=changes)
    signed = sign_manifest(changed, key or published.key)
    published.folder.publish(signed, size=published.manifest.size)


def flip(published: Published) -> None:
    file = published.part_file(1)
    raw = bytearray(file.read_bytes())
    raw[-5] ^= 1
    file.write_bytes(raw)


def cut(published: Published) -> None:
    file = published.part_file(1)
    file.write_bytes(file.read_bytes()[:-3])


def lengthen(published: Published) -> None:
    file = published.part_file(1)
    file.write_bytes(file.read_bytes() + b"x")


def lose(published: Published) -> None:
    published.part_file(1).unlink()


def mix(published: Published) -> None:
    """A part of another generation under this one's name."""
    other = published.part_file(0).read_bytes()
    wanted = published.manifest.parts[1].bytes
    published.part_file(1).write_bytes((other * 9)[:wanted])


def skip(published: Published) -> None:
    """Signed over with a part left out: the constructor would refuse it, the signer does not."""
    resigned(published, parts=published.manifest.parts[:1] + published.manifest.parts[2:])


def change_a_leaf(published: Published) -> None:
    """Another entry in the hub's own words, with hashes that fit: only the root tells."""
    entries = published.entries()[:4]
    entries[1] = PageEntry(1, entries[1].leaf.replace(b'"44"', b'"45"'))
    raw = write_part(entries)
    part = published.folder.store_part(raw, first=0, last=3)
    resigned(published, parts=(part, *published.manifest.parts[1:]))


def misplace(published: Published) -> None:
    """Records of other serials than the manifest says."""
    first, second = published.manifest.parts[:2]
    exchanged = [
        SnapshotPart(**second.model_dump() | {"first": first.first, "last": first.last}),
        SnapshotPart(**first.model_dump() | {"first": second.first, "last": second.last}),
    ]
    resigned(published, parts=(*exchanged, *published.manifest.parts[2:]))


def another_root(published: Published) -> None:
    note = sign_checkpoint(
        Checkpoint(ORIGIN, published.manifest.size, b"r" * 32), key=published.key
    )
    resigned(published, checkpoint=note.decode())


REFUSED: dict[str, tuple[Callable[[Published], None], str]] = {
    "wrong-hash": (flip, "snapshot.part_hash"),
    "mixed-generations": (mix, "snapshot.part_hash"),
    "too-long": (lengthen, "snapshot.part_hash"),
    "truncated": (cut, "snapshot.part_truncated"),
    "missing-part": (lose, "snapshot.part_missing"),
    "part-left-out": (skip, "snapshot.parts"),
    "changed-leaf": (change_a_leaf, "snapshot.root"),
    "misplaced-records": (misplace, "snapshot.part_records"),
    "another-root": (another_root, "snapshot.checkpoint"),
    "another-key": (
        lambda one: resigned(one, key=SigningKey.from_seed(b"k" * 32)),
        "snapshot.signature",
    ),
    "another-log": (
        lambda one: resigned(one, origin="log.other.example/x"),
        "snapshot.wrong_log",
    ),
    "unsigned-checkpoint": (
        lambda one: resigned(one, checkpoint="nothing"),
        "snapshot.checkpoint",
    ),
    "too-old": (
        lambda one: resigned(one, created_at=one.manifest.created_at - timedelta(days=100)),
        "snapshot.stale",
    ),
}


@pytest.mark.parametrize(("spoil", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_not_the_snapshot_is_refused_by_its_code_and_nothing_is_applied(
    spoil: Callable[[Published], None],
    code: str,
    published: Published,
    copy: Copy,
) -> None:
    untouched = await digest(copy.database)
    spoil(published)

    with pytest.raises(SnapshotRefused) as refused:
        await copy.begin(published.folder.folder)

    assert refused.value.code == code
    assert await digest(copy.database) == untouched


async def test_a_standing_statement_cannot_be_left_out_unnoticed(
    published: Published, copy: Copy
) -> None:
    parts = []
    for part in published.manifest.parts:
        places = range(part.first, part.last + 1)
        entries = [one for one in published.entries() if one.serial in places]
        bare = [PageEntry(one.serial, one.leaf, left_out=True) for one in entries]
        parts.append(
            published.folder.store_part(write_part(bare), first=part.first, last=part.last)
        )
    resigned(published, parts=tuple(parts))

    await copy.begin(published.folder.folder)

    found = await quarantined(copy.database)
    standing = {5, 7, 11, 12}  # an offer, a renewed one, the last changes of two listings
    assert found == dict.fromkeys(standing, "object_missing")
