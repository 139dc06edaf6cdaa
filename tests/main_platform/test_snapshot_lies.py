"""Snapshots that are not what they claim: each lie has its code, and nothing of it is applied."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.engine import Database
from shared_schema.log_page import PageEntry
from shared_schema.snapshot import SnapshotRefused, write_part
from tests.attacks.attack import Attack
from tests.attacks.snapshot_attacks import SNAPSHOT_ATTACKS, Spoil, resigned
from tests.main_platform.snapshot_places import Copy, Published, published_log
from tests.shared_platform.catalogue_copies import digest, quarantined
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


@pytest.mark.parametrize(
    ("attack", "way"),
    [(attack, way) for attack in SNAPSHOT_ATTACKS for way in attack.ways],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
async def test_what_is_not_the_snapshot_is_refused_by_its_code_and_nothing_is_applied(
    attack: Attack[Spoil], way: str, published: Published, copy: Copy
) -> None:
    untouched = await digest(copy.database)
    attack.ways[way](published)

    with pytest.raises(SnapshotRefused) as refused:
        await copy.begin(published.folder.folder)

    assert attack.is_met_by(refused.value), refused.value.errors
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
