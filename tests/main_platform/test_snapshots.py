"""Snapshots: what the hub writes, what a copy makes of it, and what a copy refuses."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.write_snapshot import SnapshotPace, Snapshots
from main_platform.jobs.snapshots import SnapshotChore
from shared_platform.catalogue.rebuild import catalogue_digest, rebuild_projection
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from shared_schema.snapshot import (
    Manifest,
    SnapshotRefused,
)
from tests.main_platform.hub_log import Hub, a_hub
from tests.main_platform.snapshot_places import Copy, entries_of, live, snapshots_of, written
from tests.shared_platform.catalogue_copies import digest, follow, quarantined
from tests.subplatform.hub_peer import SetClock

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def hub(hub_sessions: Sessions) -> Hub:
    hub = await a_hub(hub_sessions)
    await live(hub)
    return hub


@pytest.fixture
def snapshots(hub: Hub, tmp_path: Path) -> Snapshots:
    return snapshots_of(hub, tmp_path / "snapshots")


@pytest.fixture
def copy(hub: Hub, node_database: Database, node_sessions: Sessions, tmp_path: Path) -> Copy:
    peer = hub.federation.hub
    database = replace(node_database, sessions=node_sessions)
    return Copy(database, peer.anchor, peer.now, tmp_path / "taking")


async def write(snapshots: Snapshots, hub: Hub) -> Manifest:
    return written(await snapshots.write(now=hub.federation.hub.now))


async def hub_digest(hub: Hub) -> str:
    async with hub.sessions() as session:
        return await catalogue_digest(session)


async def test_a_copy_that_begins_with_it_has_the_hubs_own_catalogue(
    hub: Hub, snapshots: Snapshots, copy: Copy
) -> None:
    manifest = await write(snapshots, hub)

    report = await copy.begin(snapshots.folder.folder)

    assert report is not None
    assert (report.size, report.applied) == (manifest.size, manifest.size)
    assert report.left_out == manifest.left_out > 0
    assert await digest(copy.database) == await hub_digest(hub)
    assert await quarantined(copy.database) == {}
    assert not copy.folder.exists()


async def test_every_leaf_is_in_it_and_only_replaced_or_erased_statements_are_not(
    hub: Hub, snapshots: Snapshots
) -> None:
    manifest = await write(snapshots, hub)

    entries = entries_of(snapshots.folder, manifest)

    peer = hub.federation.hub
    assert [entry.leaf for entry in entries] == peer.leaves
    assert len(manifest.parts) > 2
    replaced = {entry.serial for entry in entries if entry.left_out}
    for entry in entries:
        name = peer.named[entry.serial]
        has_statement = name is not None and name in peer.objects
        assert (entry.object_bytes is not None) == (has_statement and entry.serial not in replaced)
    assert len(replaced) == manifest.left_out == 3  # two versions and a suspension


async def test_such_a_copy_goes_on_with_the_log_and_is_made_anew_as_it_is(
    hub: Hub, snapshots: Snapshots, copy: Copy
) -> None:
    await write(snapshots, hub)
    await copy.begin(snapshots.folder.folder)
    hub.offers("gz-centre", 3, first=50)
    await hub.publish()

    await follow(copy.database, hub.federation.hub)

    before = await digest(copy.database)
    async with copy.database.sessions.begin() as session:
        await rebuild_projection(session)
    assert before == await digest(copy.database) == await hub_digest(hub)
    assert await quarantined(copy.database) == {}


class Interrupted(Exception):
    pass


def interrupting(after: int) -> Callable[[int, int], None]:
    def advance(done: int, _: int) -> None:
        if done >= after:
            raise Interrupted

    return advance


@pytest.mark.parametrize("how", ["snapshot", "log"])
async def test_an_interrupted_beginning_goes_on_either_way(
    how: str, hub: Hub, snapshots: Snapshots, copy: Copy
) -> None:
    await write(snapshots, hub)
    with pytest.raises(Interrupted):
        await copy.begin(snapshots.folder.folder, advance=interrupting(6))

    if how == "snapshot":
        report = await copy.begin(snapshots.folder.folder)
        assert report is not None
        assert 0 < report.applied < report.size
    else:
        await follow(copy.database, hub.federation.hub, page=2)

    assert await digest(copy.database) == await hub_digest(hub)
    assert await quarantined(copy.database) == {}


async def test_one_that_would_take_a_copy_back_is_refused(
    hub: Hub, snapshots: Snapshots, copy: Copy
) -> None:
    await write(snapshots, hub)
    hub.offers("gz-centre", 1, first=60)
    await hub.publish()
    await follow(copy.database, hub.federation.hub)

    with pytest.raises(SnapshotRefused) as refused:
        await copy.begin(snapshots.folder.folder)

    assert refused.value.code == "snapshot.behind"


async def test_an_erasure_drops_every_snapshot_made_before_it(
    hub: Hub, snapshots: Snapshots
) -> None:
    offered = hub.offers("gz-centre", 1, first=70)[0]
    await hub.publish()
    manifest = await write(snapshots, hub)
    hub.federation.erase(offered.last)
    await hub.publish()

    dropped = await snapshots.drop_erased()
    again = await write(snapshots, hub)

    assert dropped == [manifest.size]
    kept = list((snapshots.folder.folder / "parts").iterdir())
    assert {file.name for file in kept} == {part.name for part in again.parts}
    bodies = {entry.object_bytes for entry in entries_of(snapshots.folder, again)}
    assert offered.last.raw not in bodies


async def test_the_former_one_is_kept_older_ones_and_their_parts_are_not(
    hub: Hub, snapshots: Snapshots
) -> None:
    sizes = []
    for number in range(3):
        hub.offers("gz-centre", 2, first=80 + 2 * number)
        await hub.publish()
        sizes.append((await write(snapshots, hub)).size)

    assert snapshots.folder.sizes() == sizes[1:]
    needed = {
        part.name for size in sizes[1:] for part in written(snapshots.folder.manifest(size)).parts
    }
    assert {file.name for file in (snapshots.folder.folder / "parts").iterdir()} == needed


async def test_parts_without_news_are_those_of_the_former_snapshot(
    hub: Hub, snapshots: Snapshots
) -> None:
    first = await write(snapshots, hub)
    hub.offers("gz-centre", 2, first=90)
    await hub.publish()

    second = await write(snapshots, hub)

    assert {part.name for part in first.parts[:-1]} <= {part.name for part in second.parts}


async def test_what_a_crash_left_half_written_is_never_read_and_taken_away(
    hub: Hub, snapshots: Snapshots, copy: Copy
) -> None:
    manifest = await write(snapshots, hub)
    folder = snapshots.folder.folder
    drafts = [
        folder / "manifests" / f"{manifest.size + 5:019d}.json.draft",
        folder / "parts" / f"{'0' * 64}.ndjson.zst.draft",
    ]
    for draft in drafts:
        draft.write_bytes(b"half")

    report = await copy.begin(folder)
    await write(snapshots, hub)

    assert report is not None
    assert report.size == manifest.size
    assert not any(draft.exists() for draft in drafts)


async def test_a_new_one_is_due_after_enough_entries_or_time_with_growth(
    hub: Hub, snapshots: Snapshots
) -> None:
    clock = SetClock()
    chore = SnapshotChore(snapshots, SnapshotPace(entries=3, hours=24), Signals(), clock)
    before_the_first = await chore.look()
    await snapshots.write(now=clock.now())

    at_once = await chore.look()
    clock.advance(25 * 3600)
    without_growth = await chore.look()
    hub.offers("gz-centre", 1, first=95)
    await hub.publish()
    with_growth = await chore.look()
    hub.offers("gz-centre", 3, first=96)
    await hub.publish()
    after_entries = await chore.look()

    assert (before_the_first, at_once, without_growth) == (False, False, False)
    assert (with_growth, after_entries) == (True, True)
