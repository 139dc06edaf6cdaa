"""A hub that lost everything but its key makes its own rows again from what nodes give back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from main_platform.catalogue.log_head import lock_head
from main_platform.catalogue.open_log import open_log
from main_platform.catalogue.verify import verify_log
from main_platform.cosigning.shown import show_checkpoint
from main_platform.recovery.accept import Sender, accept_recovery
from main_platform.recovery.errors import RecoveryRefused
from shared_platform.catalogue.rebuild import catalogue_digest
from shared_platform.database.engine import Database
from shared_platform.database.migrate import upgrade
from shared_schema.identities import SeededIds
from shared_schema.log_page import PageEntry, read_page, write_page
from shared_schema.merkle import leaf_hash
from shared_schema.recovery_page import LeafHashes, write_recovery
from tests.main_platform.cosigning_nodes import checkpoint, claim
from tests.main_platform.hub_builders import ReviewingHub, a_number, a_reviewing_hub
from tests.main_platform.hub_places import NOW

SAME = {
    "node": "SELECT id, name_zh, name_en, state, scope FROM node ORDER BY id",
    "node_key": "SELECT key_id, node, use, algorithm, public_key, state, not_after FROM node_key"
    " ORDER BY key_id",
    "enrolment": "SELECT node, fingerprint, state FROM enrolment ORDER BY node",
    "submission": "SELECT origin, oseq, listing, version, op, application_number, key_id, prev,"
    " statement_hash, object_hash, envelope, reason_code, issued_at FROM submission"
    " WHERE object_hash IN (SELECT encode(object_hash, 'hex') FROM log_entry) ORDER BY 1, 2",
    "listing": "SELECT listing, origin, application_number, version, statement_hash, declared_at,"
    " live, period_end, offered_version, withdrawn_at FROM intake_listing ORDER BY listing",
    "review": "SELECT origin, listing, version, application_number, statement_hash, title,"
    " holder_names, regions, state, standing, primary_listing, serial FROM review"
    " WHERE state = 'sequenced' ORDER BY serial",
    "change": "SELECT listing, origin, application_number, kind, by, version, statement_hash,"
    " reason_code, others, needs_entry, serial FROM listing_change ORDER BY serial",
    "tile": "SELECT level, n, hashes FROM log_tile ORDER BY 1, 2",
    "head": "SELECT size, root, compact_range FROM log_head",
}


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as reviewing:
        yield reviewing


@pytest.fixture
async def empty(empty_database: Database, hub: ReviewingHub) -> Database:
    """A hub of the same key whose log is open, and that is all: restored from the first minute."""
    await upgrade(empty_database.engine, "main_platform")
    async with empty_database.sessions.begin() as session:
        await open_log(session, hub.context.log_key.anchor, now=NOW)
    return empty_database


async def a_busy_year(hub: ReviewingHub) -> None:
    """Two nodes offer, replace, suspend and withdraw; the hub withdraws and decides primaries."""
    first, second = await hub.admit("gz-centre"), await hub.admit("sz-centre")
    mine = [await first.recommend(a_number(place)) for place in range(1, 7)]
    await hub.publish(*mine)
    twin = await second.recommend(a_number(1))
    await hub.publish(twin)
    first.next_offer(mine[1])
    await first.send(mine[1].last)
    await hub.publish(mine[1])
    await first.send(first.change(mine[2], "suspend"), first.change(mine[3], "withdraw"))
    await first.send(first.change(mine[0], "withdraw"))
    await hub.sequence()
    await first.send(first.change(mine[2], "resume"))
    again = await first.recommend(a_number(4))
    await hub.publish(again)
    body = {"reason": "court", "text": None}
    gone = await hub.ask("POST", f"/api/v1/listings/{mine[4].id}/withdrawal", body, by="sun.lei")
    assert gone.status_code in {200, 201, 202}, gone.text
    await hub.sequence()


async def entries_of(hub: ReviewingHub) -> Sequence[PageEntry]:
    answer = await hub.ask("GET", "/federation/v1/log/entries?bodies=1")
    return read_page(answer.content, first=0, limit=1_000).entries


def pages(entries: Sequence[PageEntry], note: bytes, *, width: int) -> list[bytes]:
    """The log as a node gives it back, in pages of this width."""
    hashes = LeafHashes(0, [leaf_hash(one.leaf) for one in entries])
    found = []
    for first in range(0, len(entries), width):
        part = entries[first : first + width]
        page = write_page(first, part, tree_size=len(entries))
        rest = hashes.rest_after(first + len(part))
        found.append(write_recovery(page, checkpoint=note, rest=rest))
    return found


async def lose(hub: ReviewingHub, database: Database) -> None:
    """Let the empty hub know that it has lost all that the other has signed."""
    note, anchor = await checkpoint(hub), hub.context.log_key.anchor
    async with database.sessions.begin() as session:
        assert await show_checkpoint(session, note, anchor=anchor, now=NOW)


async def give_back(hub: ReviewingHub, database: Database, body: bytes) -> int:
    sender = Sender("gz-centre", hub.context.log_key.anchor)
    async with database.sessions.begin() as session:
        ids = SeededIds(int.from_bytes(sha256(body).digest()[:4]))
        applied = await accept_recovery(session, body, sender=sender, ids=ids, now=NOW)
        assert isinstance(applied, int), "no fork"
        return applied


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    async with database.sessions() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def test_the_hubs_own_rows_are_made_again_of_the_log(
    hub: ReviewingHub, empty: Database
) -> None:
    await a_busy_year(hub)
    await lose(hub, empty)
    entries, note = await entries_of(hub), await checkpoint(hub)

    for body in pages(entries, note, width=7):
        assert await give_back(hub, empty, body) > 0

    for name, query in SAME.items():
        assert await rows(empty, query) == await rows(hub.database, query), name
    assert await rows(empty, "SELECT * FROM publish_queue") == [], "entry 0 is not published twice"
    async with empty.sessions() as session:
        found = await verify_log(session, hub.context.log_key.anchor)
        assert {one.code for one in found} <= {"checkpoint.missing"}, "the sequencer signs next"
        restored = await catalogue_digest(session)
    async with hub.database.sessions() as session:
        assert restored == await catalogue_digest(session)


async def test_pages_may_come_twice_and_from_anybody(hub: ReviewingHub, empty: Database) -> None:
    await a_busy_year(hub)
    await lose(hub, empty)
    entries, note = await entries_of(hub), await checkpoint(hub)
    narrow, wide = pages(entries, note, width=5), pages(entries, note, width=12)

    applied = [await give_back(hub, empty, body) for body in (narrow[0], narrow[0], *wide, *narrow)]

    assert applied[:2] == [5, 0]
    assert sum(applied) == len(entries)
    assert await rows(empty, SAME["head"]) == await rows(hub.database, SAME["head"])


async def test_what_the_hubs_key_has_not_signed_changes_nothing(
    hub: ReviewingHub, empty: Database
) -> None:
    await a_busy_year(hub)
    await lose(hub, empty)
    entries = list(await entries_of(hub))
    true, other = await checkpoint(hub), claim(hub, len(entries))
    stranger = true.replace(b"\n" + str(len(entries)).encode(), b"\n1" + str(len(entries)).encode())
    changed = [*entries[:3], PageEntry(3, entries[4].leaf, entries[4].object_bytes), *entries[4:]]
    refused = {
        "recovery.root": [pages(entries, other, width=9)[0], pages(changed, true, width=9)[0]],
        "recovery.gap": [pages(entries, true, width=9)[1]],
        "note.signature_invalid": [pages(entries, stranger, width=9)[0]],
        "recovery.form": [b"{}", b"\xff"],
    }

    for code, bodies in refused.items():
        for body in bodies:
            with pytest.raises(RecoveryRefused) as why:
                await give_back(hub, empty, body)
            assert why.value.errors[0].code == code

    assert await rows(empty, "SELECT * FROM log_entry") == []


async def test_a_page_that_proves_nothing_waits_for_nobody(
    hub: ReviewingHub, empty: Database
) -> None:
    await a_busy_year(hub)
    entries, other = await entries_of(hub), claim(hub, 99)
    junk = [b"{}", pages(entries, other, width=9)[0]]
    nobody_asked = [await give_back(hub, empty, body) for body in junk]
    await lose(hub, empty)

    async with empty.sessions.begin() as working, asyncio.timeout(30):
        await lock_head(working)
        for body in junk:
            with pytest.raises(RecoveryRefused):
                await give_back(hub, empty, body)

    assert nobody_asked == [0, 0]


async def test_a_statement_that_is_sent_again_after_the_recovery_is_known(
    hub: ReviewingHub, empty: Database
) -> None:
    await a_busy_year(hub)
    await lose(hub, empty)
    entries, note = await entries_of(hub), await checkpoint(hub)
    for body in pages(entries, note, width=1_000):
        await give_back(hub, empty, body)

    query = "SELECT origin, received, highest FROM intake_counter ORDER BY origin"
    assert await rows(empty, query) == await rows(hub.database, query)
    receipts = await rows(empty, "SELECT receipt FROM submission ORDER BY origin, oseq")
    assert all(b'"state":"received"' in receipt for (receipt,) in receipts)
