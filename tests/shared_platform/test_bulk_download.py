"""The bulk file: the whole catalogue at one place of the log, from which `changes` goes on."""

import gzip
import io
import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from shared_platform.bulk_download.bulk_files import BulkFile, BulkFolder, BulkManifest, Generation
from shared_platform.database.engine import Database
from tests.shared_platform.bulk_places import NOON, Service, bulk_service
from tests.shared_platform.catalogue_copies import empty, follow
from tests.shared_platform.hub_log_peer import Federation, Offered, a_number


@pytest.fixture
async def service(empty_database: Database, tmp_path: Path) -> AsyncIterator[Service]:
    async with bulk_service(empty_database, tmp_path) as service:
        yield service


def lines_of(file: BulkFile, raw: bytes) -> bytes:
    if file.coding == "gz":
        return gzip.decompress(raw)
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read()


def listings_in(lines: bytes) -> dict[str, Any]:
    shown = [orjson.loads(line) for line in lines.splitlines()]
    return {one["listing"]: one for one in shown}


async def downloaded(service: Service) -> tuple[BulkManifest, dict[str, Any]]:
    """The latest manifest and the listings of its zstd file, every hash of both checked."""
    manifest = BulkManifest.model_validate(await service.json("/bulk"))
    contents = set()
    for file in manifest.files:
        raw = (await service.get(f"/bulk/{file.name}")).content
        assert (len(raw), sha256(raw).hexdigest()) == (file.bytes, file.sha256)
        contents.add(lines_of(file, raw))
    (lines,) = contents
    assert (len(lines), sha256(lines).hexdigest()) == (
        manifest.content_bytes,
        manifest.content_sha256,
    )
    assert lines.count(b"\n") == manifest.listings
    return manifest, listings_in(lines)


class History:
    """A federation that does anything a log may hold, by chance."""

    def __init__(self, federation: Federation, seed: int) -> None:
        self.federation = federation
        self.random = random.Random(seed)
        self.nodes = [federation.enrol("gz-exchange"), federation.enrol("sz-centre")]
        self.live: list[Offered] = []
        self.suspended: list[Offered] = []
        self.erasable: list[Offered] = []
        self.made = 0

    def steps(self, count: int) -> None:
        acts: list[Callable[[], object]] = [
            self.offer,
            self.offer,
            self.renew,
            self.suspend,
            self.resume,
            self.withdraw,
            self.erase,
        ]
        for _ in range(count):
            self.random.choice(acts)()

    def offer(self) -> None:
        self.made += 1
        node = self.random.choice(self.nodes)
        self.live.append(self.federation.offer(node, a_number(self.made)))

    def renew(self) -> None:
        for one in self._one_of(self.live):
            self.federation.offer_again(one)

    def suspend(self) -> None:
        for one in self._one_of(self.live, take=True):
            self.federation.change(one, "suspend")
            self.suspended.append(one)

    def resume(self) -> None:
        for one in self._one_of(self.suspended, take=True):
            self.federation.change(one, "resume")
            self.live.append(one)

    def withdraw(self) -> None:
        for one in self._one_of(self.live, take=True):
            self.federation.change(one, "withdraw")
            self.erasable.append(one)

    def erase(self) -> None:
        for one in self._one_of(self.erasable, take=True):
            for version in one.versions:
                if version.statement.op == "offer":
                    self.federation.erase(version)

    def _one_of(self, among: list[Offered], *, take: bool = False) -> Iterator[Offered]:
        if among:
            place = self.random.randrange(len(among))
            yield among.pop(place) if take else among[place]


@pytest.mark.parametrize("seed", range(4))
async def test_the_file_and_the_changes_after_it_are_the_whole_catalogue(
    seed: int, service: Service
) -> None:
    history = History(service.federation, seed)
    history.steps(40)
    history.offer()
    await service.follow()
    await service.write()
    manifest, listings = await downloaded(service)
    assert listings == await service.everything()
    assert await service.changes_after(manifest.next) == {}

    history.steps(25)
    await service.follow()

    later = listings | await service.changes_after(manifest.next)
    assert later == await service.everything()


async def test_the_file_is_in_the_order_of_changes_and_tells_its_place_in_the_log(
    service: Service,
) -> None:
    history = History(service.federation, 9)
    history.steps(30)
    await service.follow()

    manifest = await service.write()

    (_, listings) = await downloaded(service)
    changed = await service.json("/changes?limit=1000")
    assert list(listings) == [one["listing"] for one in changed["items"]]
    assert (manifest.next, manifest.log_size) == (changed["next"], service.federation.hub.size)
    assert manifest.root == service.federation.hub.range.root().hex()


async def test_two_copies_of_one_log_write_the_same_bytes(service: Service) -> None:
    history = History(service.federation, 5)
    history.steps(20)
    await service.follow()
    first = await service.write()
    await empty(service.database)
    await follow(service.database, service.federation.hub, page=3)
    service.keeper.folder = BulkFolder(service.keeper.folder.path.with_name("another"))

    second = await service.write()

    assert second == first


async def test_an_expired_offer_is_shown_as_of_the_day_of_the_file(service: Service) -> None:
    service.federation.enrol("gz-exchange")
    offered = service.federation.offer("gz-exchange", a_number(1))
    await service.follow()
    service.clock.at = datetime(2099, 1, 1, tzinfo=UTC)

    await service.write()

    manifest, listings = await downloaded(service)
    assert manifest.day == date(2099, 1, 1)
    assert listings[str(offered.listing)]["state"] == "expired"


async def test_after_an_erasure_no_older_file_is_given_out_and_the_next_is_without_it(
    service: Service,
) -> None:
    federation = service.federation
    node = federation.enrol("gz-exchange")
    kept, gone = (federation.offer(node, a_number(at)) for at in (1, 2))
    federation.offer_again(kept)
    await service.follow()
    before = await service.write()
    name = before.files[0].name
    assert (await service.get(f"/bulk/{name}")).status_code == 200
    federation.change(gone, "withdraw")
    federation.erase(gone.versions[0])
    await service.follow()

    answers = [await service.get("/bulk"), await service.get(f"/bulk/{name}")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].headers["retry-after"] == "30"
    written = await service.keeper.look()
    assert written is not None
    assert written.log_size == federation.hub.size
    assert not list(service.keeper.folder.path.glob(f"{before.generation.stem}*"))
    _, listings = await downloaded(service)
    assert listings[str(gone.listing)]["items"] is None
    assert listings == await service.everything()


async def test_it_is_written_again_when_the_log_has_grown_by_a_tenth_or_a_day_has_passed(
    service: Service,
) -> None:
    node = service.federation.enrol("gz-exchange")
    for number in range(28):
        service.federation.offer(node, a_number(number))
    await service.follow()  # 30 entries
    first = await service.keeper.look()
    assert first is not None

    async def is_due(*, entries: int, minutes: float) -> bool:
        for number in range(entries):
            service.federation.offer(node, a_number(100 + service.federation.hub.size + number))
        await service.follow()
        return await service.keeper.is_due(now=NOON + timedelta(minutes=minutes))

    assert not await is_due(entries=0, minutes=2)
    assert not await is_due(entries=2, minutes=2)
    assert not await is_due(entries=1, minutes=0.9)
    assert await is_due(entries=0, minutes=1)
    assert await is_due(entries=0, minutes=24 * 60)


async def test_nothing_changed_is_never_due_on_the_same_day_and_once_on_the_next(
    service: Service,
) -> None:
    service.federation.offer(service.federation.enrol("gz-exchange"), a_number(1))
    await service.follow()
    service.keeper.hours = 1.0
    assert await service.keeper.look() is not None

    assert await service.keeper.look() is None
    service.clock.at = NOON + timedelta(hours=2)
    assert await service.keeper.look() is None
    service.clock.at = NOON + timedelta(hours=14)
    tomorrow = await service.keeper.look()

    assert tomorrow is not None
    assert tomorrow.day == date(2026, 11, 23)
    assert len(service.keeper.folder.generations()) == 2


async def test_only_the_last_two_are_kept_and_drafts_of_a_crash_go(service: Service) -> None:
    node = service.federation.enrol("gz-exchange")
    folder = service.keeper.folder
    for number in range(3):
        service.federation.offer(node, a_number(number))
        await service.follow()
        written = await service.write()
        (folder.path / f"{written.generation.stem}.ndjson.zst.draft").write_bytes(b"half")
        (folder.path / "catalogue-1-20200101.ndjson.gz").write_bytes(b"of a crash before the end")
    last = folder.generations()[-1]

    folder.prepare()

    assert [one.log_size for one in folder.generations()] == [3 + 1, 3 + 2]
    names = sorted(file.name for file in folder.path.iterdir())
    assert len(names) == 6, names
    assert last.log_size == service.federation.hub.size


async def test_files_of_a_longer_log_than_the_catalogue_shows_are_dropped(
    service: Service,
) -> None:
    service.federation.offer(service.federation.enrol("gz-exchange"), a_number(1))
    await service.follow()
    manifest = await service.write()
    longer = replace(manifest.generation, log_size=manifest.log_size + 7)
    folder = service.keeper.folder
    folder.publish(manifest.model_copy(update={"log_size": longer.log_size}))
    assert folder.generations()[-1] == longer

    await service.keeper.drop_outdated()

    assert folder.generations() == [manifest.generation]


async def test_an_empty_copy_has_no_file_and_says_when_to_ask_again(service: Service) -> None:
    assert await service.keeper.look() is None

    answer = await service.get("/bulk")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["retry_after_s"] == 30


async def test_a_reader_that_knows_the_manifest_or_the_file_is_told_that_it_is_unchanged(
    service: Service,
) -> None:
    service.federation.offer(service.federation.enrol("gz-exchange"), a_number(1))
    await service.follow()
    manifest = await service.write()
    for path in ("/bulk", f"/bulk/{manifest.files[0].name}"):
        etag = (await service.get(path)).headers["etag"]

        again = await service.get(path, if_none_match=etag)

        assert (again.status_code, again.content) == (304, b""), path


async def test_a_broken_download_goes_on_if_it_is_the_same_file(service: Service) -> None:
    service.federation.offer(service.federation.enrol("gz-exchange"), a_number(1))
    await service.follow()
    file = (await service.write()).files[0]
    path = f"/bulk/{file.name}"
    whole = await service.get(path)

    rest = await service.get(path, range="bytes=100-", if_range=whole.headers["etag"])
    other = await service.get(path, range="bytes=100-", if_range='"another"')
    beyond = await service.get(path, range=f"bytes={file.bytes}-")

    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    assert rest.headers["content-range"] == f"bytes 100-{file.bytes - 1}/{file.bytes}"
    assert (other.status_code, other.content) == (200, whole.content)
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{file.bytes}")
    assert whole.headers["cache-control"] == "public, no-cache"
    assert whole.headers["content-disposition"] == f'attachment; filename="{file.name}"'


@pytest.mark.parametrize(
    "name",
    ["catalogue-3-20261122.ndjson.zst", "catalogue-3-20269999.ndjson.gz"],
    ids=["not there", "no day"],
)
async def test_another_file_is_not_found(name: str, service: Service) -> None:
    service.federation.offer(service.federation.enrol("gz-exchange"), a_number(1))
    await service.follow()
    await service.write()
    assert Generation(3, date(2026, 11, 22)) in service.keeper.folder.generations()
    wanted = name.replace("-3-", "-2-")

    assert (await service.get(f"/bulk/{wanted}")).status_code == 404
    assert (await service.get("/bulk/../secret")).status_code in {404, 422}
