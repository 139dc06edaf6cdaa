"""The public interface of the log: bytes, caching, waiting, refusals."""

import asyncio
import gzip

import httpx
import pytest
import zstandard
from sqlalchemy import event

from main_platform.catalogue.checkpoint import sign_committed
from main_platform.catalogue.log_waiters import LogWaiters
from main_platform.catalogue.publish import queue_entries
from main_platform.catalogue.sequencer import sequence_batch
from shared_platform.database.engine import Database
from shared_schema.log_keys import NO_LOG_KEYS
from shared_schema.log_page import MAX_PAGE_BYTES, read_page
from shared_schema.merkle import leaf_hash
from shared_schema.tiles import Bundle, Tile, read_bundle, read_tile, tiles_to_write
from tests.main_platform.hub_app import BASE, a_reader_of, an_app_of
from tests.main_platform.hub_log import Hub, a_hub
from tests.main_platform.hub_places import until
from tests.main_platform.log_readers import (
    LOG,
    PROOFS,
    Sessions,
    add_notices,
    code_of,
    log_hub,  # noqa: F401 - the fixture `hub`
    log_reader,  # noqa: F401 - the fixture `reader`
    notices,
    page,
)
from tests.shared_platform.hub_log_peer import BEGAN


async def test_the_entrance_names_federation_log_key_limits_and_time(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    answer = await reader.get("/.well-known/kaixu")

    said, anchor = answer.json(), hub.federation.hub.anchor
    assert said["federation"] == anchor.federation
    assert said["versions"] == [1]
    assert said["log"]["vkey"] == anchor.log_vkey
    assert said["log"]["url"] == f"{BASE}{LOG}"
    assert said["limits"]["page_entries"] == 1000
    assert said["server_time"].endswith("Z")
    assert answer.headers["cache-control"] == "no-store"


async def test_the_checkpoint_is_answered_with_304_while_it_stays(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    first = await reader.get(f"{LOG}/checkpoint")
    held = {"if-none-match": first.headers["etag"]}
    same = await reader.get(f"{LOG}/checkpoint", headers=held)
    hub.offers("gz-centre", 1)
    await hub.publish()
    other = await reader.get(f"{LOG}/checkpoint", headers=held)

    assert first.headers["cache-control"] == "public, max-age=1"
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    assert (other.status_code, other.content) == (200, hub.federation.hub.note())


async def test_a_log_without_a_checkpoint_says_so(hub_sessions: Sessions) -> None:
    async with a_reader_of(an_app_of(Hub(hub_sessions))) as reader:
        answers = [
            await reader.get(f"{LOG}/{path}") for path in ("checkpoint", "entries", "tile/0/000")
        ]

    assert {code_of(answer) for answer in answers} == {(503, "sequencer_paused")}
    assert answers[0].headers["retry-after"] == "1"


async def test_pages_follow_each_other_to_the_end_of_the_signed_log(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    hub.offers("gz-centre", 5)
    await hub.publish()

    pages = [await page(reader, 0, 3, bodies=1), await page(reader, 3, 3), await page(reader, 6)]

    peer = hub.federation.hub
    assert [entry.leaf for one in pages for entry in one.entries] == peer.leaves
    assert [(one.first, one.next, one.tree_size) for one in pages] == [
        (0, 3, 7),
        (3, 6, 7),
        (6, 7, 7),
    ]
    assert pages[0].entries[2].object_bytes == peer.objects[peer.named[2] or ""]
    assert pages[1].entries[0].object_bytes is None
    assert (await page(reader, 7)).entries == ()
    assert (await page(reader, 10**6)).next == 10**6


async def test_what_is_committed_but_not_signed_is_not_shown(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    hub.offers("gz-centre", 1)
    await hub.queue()
    async with hub.sessions.begin() as session:
        await sequence_batch(
            session, limit=9, now=BEGAN, on_sequenced=hub.sequencer().consequences.on_sequenced
        )

    assert (await page(reader, 0)).next == 2
    assert code_of(await reader.get(f"{PROOFS}/entries/2?size=3")) == (404, "not_found")
    assert code_of(await reader.get(f"{LOG}/tile/0/000.p/3")) == (404, "not_found")


async def test_a_page_stops_at_eight_mebibytes(hub: Hub, reader: httpx.AsyncClient) -> None:
    await add_notices(hub, 800, letters=4_000)

    first = await reader.get(f"{LOG}/entries?from=0&limit=1000")

    shown = read_page(first.content, first=0, limit=1000)
    assert MAX_PAGE_BYTES * 0.9 < len(first.content) <= MAX_PAGE_BYTES
    assert 400 < shown.next < 802
    assert (await page(reader, shown.next)).next == 802


@pytest.mark.parametrize(
    "query", ["from=-1", "limit=0", "limit=1001", "wait=26", "from=x", "from=9223372036854775808"]
)
async def test_a_page_beyond_its_bounds_is_refused(reader: httpx.AsyncClient, query: str) -> None:
    assert code_of(await reader.get(f"{LOG}/entries?{query}")) == (422, "schema_invalid")


async def test_a_long_poll_wakes_when_the_log_grows(hub_committed: Database) -> None:
    hub = await a_hub(hub_committed.sessions)
    app = an_app_of(hub)
    waiters = app.state.log_waiters = LogWaiters(public=1, of_each_node=1)
    async with a_reader_of(app) as reader, asyncio.timeout(24):  # less than the poll waits
        waiting = asyncio.create_task(page(reader, 2, wait=25))
        await until(lambda: waiters.waiting == 1, seconds=20)
        hub.offers("gz-centre", 1)
        await hub.publish()

        woken = await waiting

    assert [entry.leaf for entry in woken.entries] == hub.federation.hub.leaves[2:]


async def test_a_long_poll_ends_with_an_empty_page(reader: httpx.AsyncClient) -> None:
    answer = await reader.get(f"{LOG}/entries?from=2&wait=1")

    assert answer.json() == {"from": 2, "next": 2, "tree_size": 2, "entries": []}
    assert len(answer.content) <= 300
    assert answer.headers["cache-control"] == "no-store"


async def test_idle_polls_cost_no_statement(hub_committed: Database) -> None:
    hub = await a_hub(hub_committed.sessions)
    statements: list[str] = []
    async with a_reader_of(an_app_of(hub)) as reader:
        etag = (await reader.get(f"{LOG}/checkpoint")).headers["etag"]
        watched = hub_committed.engine.sync_engine
        count = lambda *seen: statements.append(seen[2])  # noqa: E731 - removed by identity
        event.listen(watched, "before_cursor_execute", count)
        polls = [reader.get(f"{LOG}/checkpoint", headers={"if-none-match": etag}) for _ in range(9)]
        answers = await asyncio.gather(*polls)
        event.remove(watched, "before_cursor_execute", count)

    assert {answer.status_code for answer in answers} == {304}
    assert statements == []


async def test_every_tile_and_bundle_of_the_signed_log_is_served(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    await add_notices(hub, 600)
    peer = await hub.leaves()

    for tile in tiles_to_write(0, 602):
        answer = await reader.get(f"{LOG}/{tile.path}")
        assert len(read_tile(answer.content, width=tile.width)) == tile.width
        assert ("immutable" in answer.headers["cache-control"]) is tile.is_full
    entries: list[bytes] = []
    for bundle in (Bundle(0), Bundle(1), Bundle(2, 90)):
        answer = await reader.get(f"{LOG}/{bundle.path}")
        entries += read_bundle(answer.content, width=bundle.width)

    assert entries == peer
    level_0 = await reader.get(f"{LOG}/tile/0/002.p/7")
    assert level_0.content == b"".join(map(leaf_hash, peer[512:519]))


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("0/001", (404, "not_found")),
        ("0/000.p/3", (404, "not_found")),
        ("entries/000", (404, "not_found")),
        ("entries/000.p/3", (404, "not_found")),
        ("1/000.p/1", (404, "not_found")),
        ("0/0", (422, "schema_invalid")),
        ("64/000", (422, "schema_invalid")),
        ("entries/000.p/256", (422, "schema_invalid")),
    ],
)
async def test_other_tiles_are_refused(
    reader: httpx.AsyncClient, path: str, refused: tuple[int, str]
) -> None:
    assert code_of(await reader.get(f"{LOG}/tile/{path}")) == refused


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("zstd, gzip", "zstd"),
        ("gzip, deflate, br", "gzip"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
        ("*", "zstd"),
        ("zstd;q=much", None),
        ("identity", None),
        ("br", None),
    ],
)
async def test_bundles_and_pages_travel_as_the_reader_accepts(
    hub: Hub, reader: httpx.AsyncClient, accepted: str, sent: str | None
) -> None:
    hub.offers("gz-centre", 3)
    await hub.publish()
    await add_notices(hub, 260)
    headers = {"accept-encoding": accepted}
    for path in ("tile/entries/000", "entries?from=0&bodies=1&limit=9"):
        plain = await reader.get(f"{LOG}/{path}", headers={"accept-encoding": "identity"})
        async with reader.stream("GET", f"{LOG}/{path}", headers=headers) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])

        assert answer.headers.get("content-encoding") == sent
        assert answer.headers["vary"] == "accept-encoding"
        assert _plain(raw, sent) == plain.content


def _plain(raw: bytes, coding: str | None) -> bytes:
    if coding == "zstd":
        return zstandard.ZstdDecompressor().decompress(raw)
    return gzip.decompress(raw) if coding == "gzip" else raw


async def test_what_would_grow_too_much_at_the_reader_is_sent_as_it_is(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    async with hub.sessions.begin() as session:
        await queue_entries(session, notices(1) * 900)
    await hub.sequencer().drain()

    headers = {"accept-encoding": "zstd"}
    answers = [
        await reader.get(f"{LOG}/{path}", headers=headers)
        for path in ("entries?from=10", "tile/entries/001", "tile/entries/003.p/134")
    ]

    assert not any("content-encoding" in answer.headers for answer in answers)


async def test_a_view_learns_of_a_checkpoint_signed_elsewhere(
    hub: Hub, reader: httpx.AsyncClient
) -> None:
    assert (await page(reader, 0)).tree_size == 2
    hub.offers("gz-centre", 1)
    await hub.queue()
    sequencer = hub.sequencer()
    async with hub.sessions.begin() as session:
        await sequence_batch(
            session, limit=9, now=BEGAN, on_sequenced=sequencer.consequences.on_sequenced
        )
        await sign_committed(
            session,
            log_key=sequencer.log_key,
            keys=NO_LOG_KEYS,
            largest_cosigned=sequencer.consequences.largest_cosigned,
            now=BEGAN,
        )

    waited = await page(reader, 2, wait=1)  # no signal comes: the view looks again by itself

    assert waited.tree_size == 3
    assert Tile(0, 0, 3).path == "tile/0/000.p/3"


def test_the_interface_documents_every_route_and_refusal(hub: Hub) -> None:
    paths = an_app_of(hub).openapi()["paths"]

    assert set(paths) == {
        "/.well-known/kaixu",
        f"{LOG}/checkpoint",
        f"{LOG}/handovers",
        f"{LOG}/tile/{{place}}",
        f"{LOG}/entries",
        "/federation/v1/objects/sha256/{digest}",
        f"{PROOFS}/entries/{{serial}}",
        f"{PROOFS}/consistency",
        "/federation/v1/snapshots/latest",
        "/federation/v1/snapshots/{size}/{name}",
    }
    answers = paths["/federation/v1/objects/sha256/{digest}"]["get"]["responses"]
    assert set(answers) == {"200", "304", "404", "410", "422"}
