"""Snapshots over HTTP: the latest, its parts, ranges of them, and none once it is outdated."""

from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.publish import queue_entries
from main_platform.catalogue.tables import ERASURE
from shared_platform.audit.trail import Subject
from shared_schema.snapshot import Manifest, open_manifest
from shared_schema.statement import read_statement
from tests.main_platform.hub_app import a_reader_of, an_app_of
from tests.main_platform.hub_log import Hub, a_hub
from tests.main_platform.log_readers import code_of
from tests.main_platform.snapshot_places import snapshots_of, written

BASE = "/federation/v1/snapshots"
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def hub(hub_sessions: Sessions) -> Hub:
    hub = await a_hub(hub_sessions)
    hub.offers("gz-centre", 3)
    await hub.publish()
    return hub


@pytest.fixture
async def reader(hub: Hub, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with a_reader_of(an_app_of(hub, snapshots=tmp_path)) as client:
        yield client


@pytest.fixture
async def manifest(hub: Hub, tmp_path: Path) -> Manifest:
    now = hub.federation.hub.now
    return written(await snapshots_of(hub, tmp_path).write(now=now))


async def test_the_latest_is_signed_by_the_logs_key_and_answered_with_304_while_it_stays(
    hub: Hub, reader: httpx.AsyncClient, manifest: Manifest
) -> None:
    answer = await reader.get(f"{BASE}/latest")
    again = await reader.get(f"{BASE}/latest", headers={"if-none-match": answer.headers["etag"]})

    opened, vouched = open_manifest(answer.content, hub.federation.hub.anchor)
    assert opened == manifest
    assert vouched.size == hub.federation.hub.size
    assert (again.status_code, again.content) == (304, b"")


async def test_a_part_has_its_hash_and_caches_ask_each_time(
    reader: httpx.AsyncClient, manifest: Manifest
) -> None:
    for part in manifest.parts:
        answer = await reader.get(f"{BASE}/{manifest.size}/{part.name}")

        assert sha256(answer.content).hexdigest() == part.sha256
        assert int(answer.headers["content-length"]) == part.bytes
        assert answer.headers["cache-control"] == "public, no-cache"
        assert answer.headers["etag"] == f'"{part.sha256}"'


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, None),
        ("bytes=-7", -7, None),
        ("bytes=3-99999999", 3, None),
    ],
)
async def test_a_broken_download_goes_on_with_a_range(
    asked: str, begin: int, end: int | None, reader: httpx.AsyncClient, manifest: Manifest
) -> None:
    part = manifest.parts[0]
    whole = (await reader.get(f"{BASE}/{manifest.size}/{part.name}")).content

    answer = await reader.get(f"{BASE}/{manifest.size}/{part.name}", headers={"range": asked})

    expected = whole[begin:end]
    first = whole.index(expected)
    assert (answer.status_code, answer.content) == (206, expected)
    place = f"bytes {first}-{first + len(expected) - 1}/{part.bytes}"
    assert answer.headers["content-range"] == place


@pytest.mark.parametrize("asked", ["bytes=-", "items=0-3", "bytes=0-1,4-5", "bytes=x-"])
async def test_what_is_no_single_range_gets_the_whole(
    asked: str, reader: httpx.AsyncClient, manifest: Manifest
) -> None:
    part = manifest.parts[0]

    answer = await reader.get(f"{BASE}/{manifest.size}/{part.name}", headers={"range": asked})

    assert (answer.status_code, len(answer.content)) == (200, part.bytes)


async def test_a_range_beyond_the_end_and_one_of_another_file_are_told_apart(
    reader: httpx.AsyncClient, manifest: Manifest
) -> None:
    part = manifest.parts[0]
    address = f"{BASE}/{manifest.size}/{part.name}"

    beyond = await reader.get(address, headers={"range": f"bytes={part.bytes}-"})
    other = await reader.get(address, headers={"range": "bytes=0-3", "if-range": '"other"'})

    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{part.bytes}")
    assert (other.status_code, len(other.content)) == (200, part.bytes)


async def test_what_is_not_there_is_not_found(
    reader: httpx.AsyncClient, manifest: Manifest
) -> None:
    name = f"{'0' * 64}.ndjson.zst"

    answers = [
        await reader.get(f"{BASE}/{manifest.size}/{name}"),
        await reader.get(f"{BASE}/{manifest.size + 1}/{manifest.parts[0].name}"),
    ]

    assert {code_of(answer) for answer in answers} == {(404, "not_found")}


async def test_without_a_snapshot_there_is_none(reader: httpx.AsyncClient) -> None:
    assert code_of(await reader.get(f"{BASE}/latest")) == (404, "not_found")


async def test_a_confirmed_erasure_takes_it_away_before_it_is_in_the_log(
    hub: Hub, reader: httpx.AsyncClient, manifest: Manifest, tmp_path: Path
) -> None:
    snapshots = snapshots_of(hub, tmp_path)
    hub.federation.erase(read_statement(next(iter(hub.federation.envelopes.values()))))
    async with hub.sessions.begin() as session:
        queued = [replace(one, subject=Subject(ERASURE, "019a")) for one in hub.decided()]
        await queue_entries(session, queued)

    part = await reader.get(f"{BASE}/{manifest.size}/{manifest.parts[0].name}")
    another = await snapshots.write(now=hub.federation.hub.now)
    dropped = await snapshots.drop_erased()
    await hub.sequencer().drain()
    after = await snapshots.write(now=hub.federation.hub.now)

    assert code_of(part) == (404, "not_found")
    assert another is None
    assert dropped == [manifest.size]
    assert written(after).size == manifest.size + 1
    again = await reader.get(f"{BASE}/{written(after).size}/{written(after).parts[0].name}")
    assert again.status_code == 200


async def test_an_erasure_takes_it_away_at_once_before_any_file_is_deleted(
    hub: Hub, reader: httpx.AsyncClient, manifest: Manifest, tmp_path: Path
) -> None:
    (offered,) = hub.offers("gz-centre", 1, first=40)
    await hub.publish()
    hub.federation.erase(offered.last)
    await hub.publish()

    latest = await reader.get(f"{BASE}/latest")
    part = await reader.get(f"{BASE}/{manifest.size}/{manifest.parts[0].name}")

    assert {code_of(latest), code_of(part)} == {(404, "not_found")}
    assert (tmp_path / "parts" / manifest.parts[0].name).exists()
