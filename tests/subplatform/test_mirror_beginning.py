"""An empty copy begins with the hub's snapshot, and with the log where that cannot be believed."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from typing_extensions import override

from shared_platform.alarms.alarms import list_alarms
from shared_platform.catalogue.snapshot_copy import Beginning
from shared_platform.catalogue.snapshot_source import FolderSnapshots
from shared_platform.transport.outbound import PeerUnreachable
from shared_schema.snapshot import SnapshotPart
from subplatform.catalogue_mirror.pull import Mirroring, pull
from subplatform.catalogue_mirror.verify import verify_mirror
from tests.main_platform.snapshot_places import Published, published_log
from tests.shared_platform.served_log import a_life
from tests.subplatform.hub_peer import SetClock

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return published_log(a_life().hub, tmp_path / "snapshots")


def mirroring(
    published: Published, folder: Path, *, source: FolderSnapshots | None = None, smallest: int = 1
) -> Mirroring:
    hub = published.hub
    source = source or FolderSnapshots(published.folder.folder)
    beginning = Beginning(source, hub.anchor, folder, smallest=smallest)
    return Mirroring(hub, hub.anchor, SetClock(hub.now), beginning=beginning)


def pages_asked(published: Published) -> list[str]:
    return [asked for asked in published.hub.asked if asked.startswith("entries")]


async def test_it_begins_with_the_snapshot_and_asks_for_no_page(
    node_sessions: Sessions, published: Published, tmp_path: Path
) -> None:
    report = await pull(node_sessions, mirroring(published, tmp_path / "taking"))

    assert report.size == published.hub.size
    assert pages_asked(published) == []
    async with node_sessions() as session:
        proof = await verify_mirror(session, published.hub.anchor)
        assert list(await list_alarms(session)) == []
    assert proof.problems == ()


async def test_a_small_log_is_followed_page_by_page(
    node_sessions: Sessions, published: Published, tmp_path: Path
) -> None:
    await pull(node_sessions, mirroring(published, tmp_path / "taking", smallest=1_000))

    assert pages_asked(published) != []


async def test_a_refused_snapshot_raises_its_alarm_and_the_log_is_followed_instead(
    node_sessions: Sessions, published: Published, tmp_path: Path
) -> None:
    published.part_file(1).write_bytes(b"half")

    report = await pull(node_sessions, mirroring(published, tmp_path / "taking"))

    async with node_sessions() as session:
        raised = [(alarm.code, alarm.detail) for alarm in await list_alarms(session)]
    assert report.size == published.hub.size
    assert [code for code, _ in raised] == ["snapshot_refused"]
    assert raised[0][1].startswith("snapshot.part_truncated: ")
    assert pages_asked(published) != []


async def test_parts_of_a_snapshot_that_was_given_up_do_not_stay_on_the_disk(
    node_sessions: Sessions, published: Published, tmp_path: Path
) -> None:
    taking = tmp_path / "taking"
    published.part_file(1).write_bytes(b"half")
    await pull(node_sessions, mirroring(published, taking))
    left = list(taking.iterdir())

    await pull(node_sessions, mirroring(published, taking))

    assert left != []
    assert not taking.exists()


class Silent(FolderSnapshots):
    @override
    async def part(self, size: int, part: SnapshotPart) -> bytes:
        if part.first:
            raise PeerUnreachable("no route")
        return await super().part(size, part)


async def test_silence_is_no_fault_of_the_snapshot_and_parts_are_not_fetched_twice(
    node_sessions: Sessions, published: Published, tmp_path: Path
) -> None:
    taking = tmp_path / "taking"
    silent = Silent(published.folder.folder)

    with pytest.raises(PeerUnreachable):
        await pull(node_sessions, mirroring(published, taking, source=silent))
    published.part_file(0).unlink()
    report = await pull(node_sessions, mirroring(published, taking))

    assert report.size == published.hub.size
    assert pages_asked(published) == []


async def test_a_copy_that_has_begun_never_asks_for_a_snapshot_again(
    node_sessions: Sessions, published: Published, tmp_path: Path
) -> None:
    await pull(node_sessions, mirroring(published, tmp_path / "taking"))
    silent = Silent(published.folder.folder)

    report = await pull(node_sessions, mirroring(published, tmp_path / "taking", source=silent))

    assert (report.size, report.applied) == (published.hub.size, 0)
