"""A copy follows the log: page by page, each in one transaction, whatever interrupts it."""

import asyncio
from collections import Counter

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy import event, func, select
from sqlalchemy.engine import Connection

from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.log_source import HttpLogSource
from shared_platform.catalogue.sync import SyncBounds, sync_once
from shared_platform.catalogue.tables import catalogue_listing, log_entry
from shared_platform.database.engine import Database
from shared_platform.transport.outbound import Outbound, PeerAnsweredBadly, PeerUnreachable
from shared_schema.proof_text import GrowthProof, read_proof, write_growth_proof
from shared_schema.sync_refusals import PositionMoved
from tests.shared_platform.catalogue_copies import digest, empty, follow, make_tables
from tests.shared_platform.hub_log_peer import Federation, HubLog, Liar, a_number


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


@pytest.fixture
def federation() -> Federation:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    offers = [federation.offer(node, a_number(serial)) for serial in range(8)]
    federation.change(offers[0], "withdraw")
    federation.offer_again(offers[1])
    federation.erase(offers[1].versions[0])
    return federation


async def test_a_fresh_copy_reaches_the_signed_size_and_root(
    copy: Database, federation: Federation
) -> None:
    hub = federation.hub

    report = await follow(copy, hub)

    assert (report.applied, report.size, report.stopped) == (hub.size, hub.size, None)
    assert report.root == hub.range.root()
    async with copy.sessions() as session:
        position = await read_position(session)
        states = (await session.scalars(select(catalogue_listing.c.state))).all()
    assert position.is_complete
    assert position.vouched.note == hub.note()
    assert position.vouched.seen_at == hub.now
    assert Counter(states) == {"published": 7, "withdrawn": 1}


async def test_the_size_of_pages_does_not_matter(copy: Database, federation: Federation) -> None:
    await follow(copy, federation.hub)
    in_one = await digest(copy)

    for page in (1, 2, 3, 5):
        await empty(copy)
        report = await follow(copy, federation.hub, page=page)

        assert await digest(copy) == in_one
        assert report.pages == -(-federation.hub.size // page)


async def test_a_level_copy_asks_for_the_checkpoint_only(
    copy: Database, federation: Federation
) -> None:
    await follow(copy, federation.hub)
    federation.hub.asked.clear()

    report = await follow(copy, federation.hub)

    assert (report.applied, report.pages) == (0, 0)
    assert federation.hub.asked == ["checkpoint"]


async def test_a_delta_is_fetched_from_where_the_copy_stands(
    copy: Database, federation: Federation
) -> None:
    await follow(copy, federation.hub)
    federation.hub.asked.clear()
    federation.offer("gz-exchange", a_number(70))

    report = await follow(copy, federation.hub)

    assert report.applied == 1
    assert federation.hub.asked == ["checkpoint", f"entries {federation.hub.size - 1} 0"]


async def test_entries_beyond_the_checkpoint_are_left_for_the_next_run(
    copy: Database, federation: Federation
) -> None:
    older = federation.hub.note()
    size = federation.hub.size
    federation.offer("gz-exchange", a_number(70))

    report = await follow(copy, federation.hub, source=Liar(federation.hub, note=lambda _: older))

    assert report.size == size
    assert (await follow(copy, federation.hub)).size == size + 1


@pytest.mark.parametrize(
    ("bounds", "name"),
    [
        (SyncBounds(page_entries=2, pages=2), "pages"),
        (SyncBounds(page_entries=2, bytes=2_000), "bytes"),
        (SyncBounds(page_entries=2, seconds=0.0), "seconds"),
    ],
)
async def test_a_run_stops_at_its_bound_and_the_next_goes_on(
    copy: Database, federation: Federation, bounds: SyncBounds, name: str
) -> None:
    hub = federation.hub

    report = await sync_once(copy.sessions, hub, hub.anchor, now=hub.now, bounds=bounds)

    assert report.stopped == name
    assert report.size < hub.size
    assert (await follow(copy, hub)).size == hub.size


async def test_a_growth_proof_with_its_checkpoint_is_understood_too(
    copy: Database, federation: Federation
) -> None:
    hub = federation.hub

    def with_checkpoint(proof: bytes) -> bytes:
        return write_growth_proof(GrowthProof(1, read_proof(proof), hub.note()))

    report = await follow(copy, hub, source=Liar(hub, proof=with_checkpoint), page=3)

    assert report.size == hub.size


async def test_a_crash_at_any_statement_leaves_the_old_page_or_the_new_one(
    copy: Database, federation: Federation
) -> None:
    await follow(copy, federation.hub)
    federation.offer("gz-exchange", a_number(70))
    before = await digest(copy)
    crashes = 0

    while await _follow_until_statement(copy, federation.hub, crashes):
        assert await digest(copy) == before
        crashes += 1

    assert crashes >= 8
    followed = await digest(copy)
    await empty(copy)
    await follow(copy, federation.hub)
    assert await digest(copy) == followed


class Crashed(Exception):
    """The process died."""


async def _follow_until_statement(copy: Database, hub: HubLog, last: int) -> bool:
    """Follow, dying before statement number `last`; whether it died."""
    seen = 0

    def die(*_: object) -> None:
        nonlocal seen
        if seen == last:
            raise Crashed
        seen += 1

    event.listen(copy.engine.sync_engine, "before_cursor_execute", die)
    try:
        await follow(copy, hub)
    except Crashed:
        return True
    finally:
        event.remove(copy.engine.sync_engine, "before_cursor_execute", die)
    return False


async def test_a_failing_commit_leaves_the_old_page(copy: Database, federation: Federation) -> None:
    await follow(copy, federation.hub)
    federation.offer("gz-exchange", a_number(70))
    before = await digest(copy)

    def die(_: Connection) -> None:
        raise Crashed

    event.listen(copy.engine.sync_engine, "commit", die)
    try:
        with pytest.raises(Crashed):
            await follow(copy, federation.hub)
    finally:
        event.remove(copy.engine.sync_engine, "commit", die)

    assert await digest(copy) == before
    assert (await follow(copy, federation.hub)).applied == 1


async def test_two_runs_at_once_apply_every_entry_once(
    copy: Database, federation: Federation
) -> None:
    runs = await asyncio.gather(
        *(follow(copy, federation.hub, page=2) for _ in range(3)), return_exceptions=True
    )

    assert all(not isinstance(run, BaseException) or isinstance(run, PositionMoved) for run in runs)
    report = await follow(copy, federation.hub)
    assert report.size == federation.hub.size
    async with copy.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(log_entry)) == report.size


def served(hub: HubLog) -> HttpLogSource:
    """The hub's log through HTTP, in this process."""
    app = FastAPI()

    @app.get("/federation/v1/log/checkpoint")
    async def checkpoint() -> Response:
        return Response(await hub.checkpoint(), media_type="text/plain")

    @app.get("/federation/v1/log/entries")
    async def entries(request: Request) -> Response:
        asked = request.query_params
        body = await hub.entries(
            int(asked["from"]), limit=int(asked["limit"]), wait_seconds=int(asked["wait"])
        )
        return Response(body, media_type="application/json")

    @app.get("/federation/v1/proofs/consistency")
    async def consistency(request: Request) -> Response:
        asked = request.query_params
        return Response(await hub.consistency(int(asked["from"]), int(asked["to"])))

    outbound = Outbound(transport=httpx.ASGITransport(app))
    return HttpLogSource(outbound, "https://hub.example/federation/v1")


async def test_the_log_is_followed_over_http(copy: Database, federation: Federation) -> None:
    await follow(copy, federation.hub)
    in_process = await digest(copy)
    await empty(copy)

    report = await follow(copy, federation.hub, source=served(federation.hub), page=3)

    assert report.size == federation.hub.size
    assert await digest(copy) == in_process


async def test_a_long_poll_waits_no_longer_than_the_protocol_allows() -> None:
    hub = HubLog()

    await served(hub).entries(1, limit=5, wait_seconds=300)

    assert hub.asked == ["entries 1 25"]


@pytest.mark.parametrize(("status", "refusal"), [(404, PeerAnsweredBadly), (503, PeerUnreachable)])
async def test_a_source_that_answers_badly_is_told_from_a_busy_one(
    status: int, refusal: type[Exception]
) -> None:
    app = FastAPI()

    @app.get("/federation/v1/log/checkpoint")
    async def checkpoint() -> Response:
        return Response(status_code=status, headers={"retry-after": "7"})

    outbound = Outbound(transport=httpx.ASGITransport(app))

    with pytest.raises(refusal) as refused:
        await HttpLogSource(outbound, "https://hub.example/federation/v1").checkpoint()

    assert getattr(refused.value, "retry_after_s", None) == (7 if status == 503 else None)
