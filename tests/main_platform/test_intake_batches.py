"""Batches: each line stands or falls alone, the order holds, repeating is safe, SQL stays flat."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from main_platform.intake.screen import Screen, screen_one
from main_platform.intake.sender import Sender
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_client import Content
from shared_schema.entry_parts import NodeScope
from shared_schema.rules import PROFILES
from shared_schema.signing_key import SigningKey
from shared_schema.statement import Statement, Subject, sign_statement
from tests.main_platform.hub_builders import (
    NDJSON,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    an_offer_of,
    results_of,
)
from tests.main_platform.hub_places import NOW

KEY = SigningKey.from_seed(b"k" * 32)
SCREEN = Screen(
    Sender("gz-centre", NodeScope(regions=("44",), kinds=("licence",)), {KEY.key_id: KEY.public}),
    PROFILES["pilot-gd-2022"],
    NOW,
)
GOOD = sign_statement(
    Statement(
        origin="gz-centre",
        listing=UUID("019a8c00-0000-7000-8000-000000000001"),
        oseq=1,
        version=1,
        prev=None,
        op="offer",
        subject=Subject(application_number=a_number(1)),
        salt="A" * 22,
        body=an_offer_of(a_number(1)).model_dump(mode="json", by_alias=True),
        issued_at=NOW,
    ),
    KEY,
).raw


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """The SQL statements that are executed meanwhile."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_poison_lines_harm_only_themselves(hub: ReviewingHub, node: SendingNode) -> None:
    good = [node.offer(a_number(number)) for number in (1, 2)]
    bad_signature = node.offer(a_number(3)).last.raw.replace(b'"sig":"', b'"sig":"AAAA')
    lines = [
        b"not json",
        good[0].last.raw,
        b"",
        b'{"payload":1}',
        bad_signature,
        b"\xff\xfe",
        b"[" * 5000,
        good[1].last.raw,
    ]

    results = results_of(await node.post(lines))

    assert [one["line"] for one in results] == list(range(1, 9))
    assert [one["oseq"] for one in results] == [None, 1, None, None, 3, None, None, 2]
    assert [one["status"] for one in results] == [422, 201, 422, 422, 401, 422, 422, 201]
    assert all(("receipt" in one) != ("problem" in one) for one in results)
    assert await hub.scalar("SELECT count(*) FROM submission") == 2


async def test_a_receipt_in_a_batch_is_the_one_a_repeat_gets(node: SendingNode) -> None:
    listing = node.offer(a_number(1))

    (result,) = await node.send(listing.last)
    again = await node.put(listing.last)

    assert result["receipt"] == results_of(again)[0]


async def test_versions_follow_each_other_within_a_batch(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = node.offer(a_number(1))
    second = node.next_offer(listing, period={"end": "2029-12-31"})

    results = await node.send(*listing.versions)

    assert [one["status"] for one in results] == [201, 201]
    assert await hub.state_of(listing, 1) == "superseded"
    assert await hub.state_of(listing, 2) == "waiting"
    assert second.statement.prev == listing.versions[0].payload_hash


async def test_a_batch_may_offer_and_withdraw_at_once(hub: ReviewingHub, node: SendingNode) -> None:
    listing = node.offer(a_number(1))
    node.change(listing, "withdraw")

    results = await node.send(*listing.versions)

    assert [one["status"] for one in results] == [201, 201]
    assert await hub.state_of(listing, 1) == "superseded"


async def test_two_statements_under_one_oseq_in_a_batch_are_an_equivocation(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = node.offer(a_number(1))
    other = node.sign(listing.last.statement.model_dump() | {"salt": node.ids.new_token()})

    results = await node.send(listing.last, other)

    assert [one["status"] for one in results] == [201, 409]
    assert await hub.scalar("SELECT count(*) FROM equivocation") == 1


async def test_the_same_statement_twice_in_a_batch_is_a_repeat(node: SendingNode) -> None:
    listing = node.offer(a_number(1))

    first, second = await node.send(listing.last, listing.last)

    assert (first["status"], second["status"]) == (201, 200)
    assert first["receipt"] == second["receipt"]


async def test_a_batch_sent_again_under_its_key_gets_its_first_answer(
    hub: ReviewingHub, node: SendingNode
) -> None:
    lines = [node.offer(a_number(number)).last.raw for number in (1, 2)]

    first = await node.post([*lines, b"poison"], key="same-key-1")
    again = await node.post([*lines, b"poison"], key="same-key-1")

    assert again.replayed
    assert again.body == first.body
    assert await hub.scalar("SELECT count(*) FROM submission") == 2


async def test_a_batch_sent_again_under_another_key_changes_nothing(
    hub: ReviewingHub, node: SendingNode
) -> None:
    lines = [node.offer(a_number(number)).last.raw for number in (1, 2)]

    await node.post(lines)
    again = results_of(await node.post(lines))

    assert [one["status"] for one in again] == [200, 200]
    assert await hub.scalar("SELECT count(*) FROM review") == 2


async def test_equal_batches_at_once_create_everything_once(
    hub: ReviewingHub, node: SendingNode
) -> None:
    lines = [node.offer(a_number(number)).last.raw for number in range(1, 21)]

    written = await asyncio.gather(*(node.post(lines) for _ in range(3)))

    statuses = sorted(one["status"] for each in written for one in results_of(each))
    assert statuses == [200] * 40 + [201] * 20
    assert await hub.scalar("SELECT count(*) FROM submission") == 20


async def test_a_key_used_for_another_batch_is_refused(node: SendingNode) -> None:
    await node.post([node.offer(a_number(1)).last.raw], key="same-key-1")

    with pytest.raises(PeerRefusal, match="idempotency_mismatch"):
        await node.post([node.offer(a_number(2)).last.raw], key="same-key-1")


async def test_a_batch_needs_a_key(node: SendingNode) -> None:
    content = Content(node.offer(a_number(1)).last.raw, NDJSON)

    with pytest.raises(PeerRefusal, match="schema_invalid"):
        await node.client().post("/federation/v1/intake", content)


@pytest.mark.parametrize("lines", [[b"{}"] * 501, [b"x" * 1024] * 499 + [b"y" * 4 * 1024 * 1024]])
async def test_too_large_a_batch_is_refused_whole(node: SendingNode, lines: list[bytes]) -> None:
    with pytest.raises(PeerRefusal, match="payload_too_large"):
        await node.post(lines)


async def test_a_batch_may_be_compressed(node: SendingNode) -> None:
    body = gzip.compress(node.offer(a_number(1)).last.raw)
    content = Content(body, NDJSON, encoding="gzip", idempotency_key="compressed")

    (result,) = results_of(await node.client().post("/federation/v1/intake", content))

    assert result["status"] == 201


async def test_the_number_of_sql_statements_does_not_grow_with_the_batch(
    hub: ReviewingHub, node: SendingNode
) -> None:
    few = [node.offer(a_number(number)).last.raw for number in range(1, 3)]
    many = [node.offer(a_number(number)).last.raw for number in range(3, 103)]

    with counted_statements(hub.database) as for_few:
        await node.post(few)
    with counted_statements(hub.database) as for_many:
        await node.post(many)

    assert len(for_many) == len(for_few)
    assert len(for_many) <= 28, for_many


def test_a_good_statement_passes_the_screen() -> None:
    screened = screen_one(GOOD, SCREEN)

    assert screened.refusal is None
    assert screened.violation is None
    assert screened.declaration is not None


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, len(GOOD) - 1), with_=st.binary(max_size=4), cut=st.integers(0, 40))
def test_whatever_is_done_to_a_statement_screening_answers(
    place: int, with_: bytes, cut: int
) -> None:
    mutated = GOOD[:place] + with_ + GOOD[place + cut :]

    screened = screen_one(mutated, SCREEN)

    changed = mutated != GOOD
    assert (screened.refusal is not None) or not changed or screened.signed is not None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_screening_fail(line: bytes) -> None:
    assert screen_one(line, SCREEN).refusal is not None
