"""`kaixu-verify --snapshot`: what the log gives, from a few files; refused by the same codes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.instants import SystemClock
from shared_schema.log_page import PageEntry
from shared_schema.reader.command import main
from shared_schema.reader.following import Followed, follow
from shared_schema.reader.kept import Kept, open_kept
from shared_schema.reader.snapshots import Beginning, FolderSnapshot
from shared_schema.snapshot import SnapshotRefused, write_part
from tests.attacks.attack import Attack
from tests.attacks.snapshot_attacks import SNAPSHOT_ATTACKS, Spoil, resigned
from tests.main_platform.hub_log import Hub, a_hub
from tests.main_platform.snapshot_places import (
    Published,
    live,
    published_log,
    snapshots_of,
    written,
)
from tests.shared_platform.hub_log_peer import Liar
from tests.shared_platform.served_log import Served, a_life, listening

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return published_log(a_life().hub, tmp_path / "snapshots")


@pytest.fixture
def kept() -> Iterator[Kept]:
    with open_kept(None) as opened:
        yield opened


def begin(published: Published, kept: Kept) -> Followed:
    beginning = Beginning(FolderSnapshot(published.folder.folder), published.hub.now)
    return follow(
        kept, None, published.hub.anchor, advance=lambda _done, _total: None, beginning=beginning
    )


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    status = main(["--json", "--tries", "1", "--today", "2026-01-06", *arguments])
    return status, json.loads(capsys.readouterr().err)


async def test_it_gives_the_same_catalogue_as_the_log_by_bytes(
    hub_sessions: Sessions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub: Hub = await a_hub(hub_sessions)
    renewed = await live(hub)
    snapshots = snapshots_of(hub, tmp_path / "snapshots")
    manifest = written(await snapshots.write(now=SystemClock().now()))
    folder, state = str(snapshots.folder.folder), str(tmp_path / "state")
    log = Served(Liar(hub.federation.hub))
    outs = [tmp_path / name for name in ("offline", "by-log", "grown", "grown-by-log")]
    with listening(log, tmp_path) as anchor:
        by = ("--anchor", str(anchor), "--out")
        offline = run(capsys, *by, str(outs[0]), "--snapshot", folder, "--state", state)
        asked = list(log.asked)
        by_log = run(capsys, *by, str(outs[1]))
        hub.federation.offer_again(renewed)
        grown = run(capsys, *by, str(outs[2]), "--state", state)
        grown_by_log = run(capsys, *by, str(outs[3]))

    assert manifest.left_out > 0
    assert asked == [], "a folder alone needs no network"
    assert offline[1] | {"new_entries": 0} == by_log[1] | {"new_entries": 0}
    assert grown[1]["new_entries"] == 1
    assert grown[1]["set_aside"] == grown_by_log[1]["set_aside"]
    assert outs[0].read_bytes() == outs[1].read_bytes() != outs[2].read_bytes()
    assert outs[2].read_bytes() == outs[3].read_bytes()


@pytest.mark.parametrize(
    ("attack", "way"),
    [(attack, way) for attack in SNAPSHOT_ATTACKS for way in attack.ways],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_what_is_not_the_snapshot_is_refused_by_its_code_and_nothing_is_kept(
    attack: Attack[Spoil], way: str, published: Published, kept: Kept
) -> None:
    attack.ways[way](published)

    with pytest.raises(SnapshotRefused) as refused:
        begin(published, kept)

    assert attack.is_met_by(refused.value), refused.value.errors
    assert kept.begin(published.hub.anchor).size == 0
    assert kept.count() == 0


def test_one_that_would_take_the_state_back_is_refused(published: Published, kept: Kept) -> None:
    begin(published, kept)
    shorter = published_log(a_life().hub, published.folder.folder.with_name("older"))
    begin(shorter, kept)  # of the same size: nothing to do
    hub = a_life().hub
    older = Published(hub, shorter.folder, shorter.manifest)
    resigned(
        older,
        size=hub.size - 1,
        root=hub.ranges[hub.size - 1].root().hex(),
        checkpoint=hub.note(hub.size - 1).decode(),
        parts=_without_the_last(older),
    )
    with pytest.raises(SnapshotRefused) as refused:
        begin(older, kept)

    assert refused.value.code == "snapshot.behind"


def _without_the_last(published: Published) -> tuple[Any, ...]:
    parts = published.manifest.parts
    last = published.entries()[parts[-1].first : -1]
    if not last:
        return parts[:-1]
    store = published.folder.store_part
    shorter = store(write_part(last), first=parts[-1].first, last=last[-1].serial)
    return (*parts[:-1], shorter)


def test_a_standing_statement_cannot_be_left_out_unnoticed(
    published: Published, kept: Kept
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

    begin(published, kept)

    standing = {5, 7, 11, 12}  # as in a node's copy, tests/main_platform/test_snapshot_lies.py
    assert {(one.serial, one.code) for one in kept.set_aside()} == {
        (serial, "object_missing") for serial in standing
    }
