"""A hub that has lived a little, its snapshot folder, and copies that begin with it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from main_platform.catalogue.log_key import LogKey
from main_platform.catalogue.snapshot_files import SnapshotFolder
from main_platform.catalogue.write_snapshot import Snapshots
from shared_platform.catalogue.snapshot_copy import (
    Advance,
    Beginning,
    SnapshotReport,
    copy_snapshot,
)
from shared_platform.catalogue.snapshot_source import FolderSnapshots, SnapshotSource
from shared_platform.database.engine import Database
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Instant
from shared_schema.log_page import PageEntry
from shared_schema.signing_key import SigningKey
from shared_schema.snapshot import Manifest, read_part, sign_manifest, write_part
from tests.main_platform.hub_log import Hub
from tests.shared_platform.hub_log_peer import ORIGIN, HubLog, Offered, a_number


def snapshots_of(hub: Hub, folder: Path, *, part_entries: int = 4) -> Snapshots:
    """The hub's snapshots, in parts so small that every log here has several."""
    peer = hub.federation.hub
    key = LogKey(peer.key, peer.anchor)
    return Snapshots(hub.sessions, SnapshotFolder(folder), key, part_entries)


async def live(hub: Hub) -> Offered:
    """An ordinary year: new versions, suspensions, a withdrawal, a conflict, an erasure."""
    federation = hub.federation
    second = federation.enrol("sz-centre")
    renewed, ended, gone = hub.offers("gz-centre", 3)
    other = federation.offer(second, a_number(1))
    federation.offer_again(renewed)
    federation.offer_again(renewed)
    await hub.publish()
    steps: list[Callable[[], object]] = [
        lambda: federation.decide(renewed, other),
        lambda: federation.change(ended, "suspend"),
        lambda: federation.change(ended, "resume"),
        lambda: federation.change(gone, "withdraw"),
        lambda: federation.hub_change(other, "suspend"),
        lambda: federation.erase(gone.versions[0]),
    ]
    for step in steps:  # one at a time: the sequencer puts withdrawals first
        step()
        await hub.publish()
    return renewed


@dataclass
class Copy:
    """A copy of the catalogue that may begin with a snapshot."""

    database: Database
    anchor: FederationAnchor
    now: Instant
    folder: Path

    async def begin(
        self,
        source: Path | SnapshotSource,
        *,
        page_entries: int = 3,
        advance: Advance = lambda _done, _total: None,
    ) -> SnapshotReport | None:
        where = FolderSnapshots(source) if isinstance(source, Path) else source
        beginning = Beginning(where, self.anchor, self.folder, page_entries=page_entries)
        return await copy_snapshot(self.database.sessions, beginning, now=self.now, advance=advance)


def written(manifest: Manifest | None) -> Manifest:
    assert manifest is not None
    return manifest


@dataclass
class Published:
    """A snapshot in a folder, and what a lying hub would sign another one with."""

    hub: HubLog
    folder: SnapshotFolder
    manifest: Manifest

    @property
    def key(self) -> SigningKey:
        return self.hub.key

    def part_file(self, place: int) -> Path:
        return self.folder.folder / "parts" / self.manifest.parts[place].name

    def entries(self) -> list[PageEntry]:
        return entries_of(self.folder, self.manifest)


def published_log(hub: HubLog, folder: Path) -> Published:
    """A whole snapshot of a log in memory, nothing left out, four entries a part."""
    files = SnapshotFolder(folder)
    files.prepare()
    parts = []
    for first in range(0, hub.size, 4):
        page = hub.page(first, 4)
        last = page[-1].serial
        parts.append(files.store_part(write_part(page), first=first, last=last))
    manifest = Manifest(
        origin=ORIGIN,
        size=hub.size,
        root=hub.range.root().hex(),
        checkpoint=hub.note().decode(),
        created_at=hub.now,
        left_out=0,
        parts=tuple(parts),
    )
    files.publish(sign_manifest(manifest, hub.key), size=hub.size)
    return Published(hub, files, manifest)


def entries_of(folder: SnapshotFolder, manifest: Manifest) -> list[PageEntry]:
    found: list[PageEntry] = []
    for part in manifest.parts:
        file = folder.part_file(manifest.size, part.name)
        assert file is not None
        with file.open("rb") as opened:
            found += read_part(opened, part)
    return found
