"""The hub's messages: applied in order, each once; what is not understood is kept."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.alarms.alarms import open_alarms
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from shared_platform.transport.outbound import PeerUnreachable
from subplatform.declarations.states import State
from subplatform.declarations.tables import DeclarationRow
from subplatform.recommendation.errors import MessagesMalformed
from subplatform.recommendation.inbox import Inbox, apply_messages, read_cursor
from subplatform.recommendation.run import Following, read_inbox, run_inbox
from subplatform.recommendation.tables import HubMessageRow
from tests.conftest import truncate_all
from tests.subplatform.hub_peer import NODE, NOW
from tests.subplatform.recommending import Recommending, put_into, state_of

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def node(node_sessions: Sessions) -> Recommending:
    return Recommending(node_sessions)


def decide(node: Recommending, listing: UUID, verdict: str, **changes: object) -> None:
    head = node.peer.heads[listing]
    members: dict[str, object] = {
        "verdict": verdict,
        "listing": str(listing),
        "version": head.statement.version,
        "statement_hash": head.payload_hash,
        "reasons": [{"code": "not_eligible"}],
    }
    node.peer.say("decision", **members | changes)


async def stored(node: Recommending) -> list[tuple[int, str, str]]:
    async with node.sessions() as session:
        found = await session.execute(select(HubMessageRow).order_by(HubMessageRow.seq))
        return [(row.seq, row.kind, row.outcome) for row in found.scalars()]


@pytest.mark.parametrize(
    ("verdict", "state", "outcome"),
    [
        ("returned", "correction", "applied"),
        ("rejected", "refused", "applied"),
        ("approved", "recommended", "noted"),
        ("conflict_hold", "recommended", "noted"),
        ("of another age", "recommended", "noted"),
    ],
)
async def test_a_decision_moves_the_declaration_or_is_noted(
    node: Recommending, verdict: str, state: str, outcome: str
) -> None:
    (listing,) = await node.recommended()
    decide(node, listing, verdict)

    await node.read_inbox()

    assert await state_of(node, listing) == state
    assert await stored(node) == [(1, "decision", outcome)]


@pytest.mark.parametrize(
    "changes", [{"version": 7}, {"statement_hash": "0" * 64}], ids=["version", "hash"]
)
async def test_a_decision_about_another_statement_changes_nothing(
    node: Recommending, changes: dict[str, object]
) -> None:
    (listing,) = await node.recommended()
    decide(node, listing, "returned", **changes)

    inbox = await node.read_inbox()

    assert inbox == Inbox(1, applied=0, noted=1, unknown=0, has_gap=False)
    assert await state_of(node, listing) == "recommended"


async def test_a_decision_that_comes_after_a_withdrawal_leaves_it(node: Recommending) -> None:
    (listing,) = await node.recommended()
    await put_into(node, listing, State.WITHDRAWAL_REQUESTED)
    decide(node, listing, "rejected")

    await node.read_inbox()

    assert await state_of(node, listing) == "withdrawal_requested"


@pytest.mark.parametrize(
    ("changes", "state"),
    [({}, "correction"), ({"offer": False}, "recommended"), ({"version": 2}, "recommended")],
    ids=["the last offer", "another change", "another version"],
)
async def test_an_offer_that_the_log_cannot_take_comes_back_with_the_reason(
    node: Recommending, changes: dict[str, object], state: str
) -> None:
    (listing,) = await node.recommended()
    head = node.peer.heads[listing]
    body: dict[str, object] = {
        "listing": str(listing),
        "version": 1,
        "offer": True,
        "statement_hash": head.payload_hash,
        "code": "key_revoked",
        "text": "请用新密钥",
    }
    node.peer.say("entry_held", **body)
    node.peer.say("entry_discarded", **body | changes)

    await node.read_inbox()

    assert await state_of(node, listing) == state
    async with node.sessions() as session:
        row = await session.get_one(DeclarationRow, listing)
    reasons = [(one["code"], one["rule"], one["text"]) for one in row.return_reasons]
    assert reasons == ([] if changes else [("not_logged", "key_revoked", "请用新密钥")])


async def test_a_withdrawal_of_what_was_never_public_is_complete_when_recorded(
    node: Recommending,
) -> None:
    (listing,) = await node.recommended()
    await put_into(node, listing, State.WITHDRAWAL_REQUESTED)
    node.peer.say("recorded", listing=str(listing), version=2, op="withdraw")
    node.peer.say("recorded", listing=str(listing), version=2, op="suspend")

    await node.read_inbox()

    assert await state_of(node, listing) == "withdrawn"
    assert [outcome for _, _, outcome in await stored(node)] == ["applied", "noted"]


async def test_what_this_version_does_not_understand_is_kept_and_passed_over(
    node: Recommending,
) -> None:
    (listing,) = await node.recommended()
    node.peer.say("acceptance", listing="not an id", words=["保留"])
    node.peer.say("decision", verdict=7)
    node.peer.say("equivocation", oseq=3, listing=str(listing))
    node.peer.say("sequenced", listing=str(listing), serial=9)
    decide(node, listing, "returned")

    inbox = await node.read_inbox()

    assert inbox == Inbox(5, applied=1, noted=2, unknown=2, has_gap=False)
    async with node.sessions() as session:
        kept = (await session.scalars(select(HubMessageRow).where(HubMessageRow.seq == 1))).one()
        (alarm,) = await open_alarms(session)
    assert alarm.code == "oseq_conflict", "people must look: a copied key or a restored node"
    assert kept.body == {"listing": "not an id", "words": ["保留"]}


async def test_a_decision_on_a_listing_nobody_knows_here_is_noted(node: Recommending) -> None:
    node.peer.say(
        "decision",
        verdict="returned",
        listing=str(UUID(int=9)),
        version=1,
        statement_hash="0" * 64,
    )

    assert (await node.read_inbox()).noted == 1


async def test_messages_after_a_gap_wait_until_it_is_closed(node: Recommending) -> None:
    (listing,) = await node.recommended()
    missing = node.peer.say("notice", text="一")
    node.peer.say("notice", text="二")
    decide(node, listing, "returned")
    node.peer.messages.remove(missing)

    gap = await node.read_inbox()
    node.peer.messages.insert(0, missing)
    closed = await node.read_inbox()

    assert gap == Inbox(0, applied=0, noted=0, unknown=0, has_gap=True)
    assert closed == Inbox(3, applied=1, noted=0, unknown=2, has_gap=False)


@pytest.mark.parametrize(
    "page",
    [{}, {"messages": "none"}, {"messages": [{"seq": 0, "kind": "x"}]}, {"messages": [{"seq": 1}]}],
    ids=["empty", "text", "seq 0", "no kind"],
)
async def test_a_page_in_another_form_is_refused(
    node: Recommending, page: dict[str, object]
) -> None:
    async with node.sessions() as session:
        with pytest.raises(MessagesMalformed):
            await apply_messages(session, page, now=NOW)


async def test_the_inbox_is_read_over_the_wire_from_its_cursor(node: Recommending) -> None:
    (listing,) = await node.recommended()
    for _ in range(3):
        node.peer.say("notice")
    decide(node, listing, "returned")
    following = Following(node.hub, NODE, node.clock)

    cursors = [(await read_inbox(node.sessions, following)).cursor for _ in range(3)]

    assert cursors == [2, 4, 4]
    assert await state_of(node, listing) == "correction"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pages=st.lists(st.lists(st.integers(1, 6), max_size=8), max_size=8),
    verdicts=st.lists(st.sampled_from(["returned", "approved"]), min_size=6, max_size=6),
)
async def test_any_order_of_pages_applies_each_message_once_and_in_order(
    node_committed: Database, pages: list[list[int]], verdicts: list[str]
) -> None:
    node = Recommending(node_committed.sessions)
    try:
        listings = await node.recommended(6)
        for listing, verdict in zip(listings, verdicts, strict=True):
            decide(node, listing, verdict)
        for page in [*pages, list(range(1, 7))]:
            messages = [node.peer.messages[number - 1] for number in page]
            async with node.sessions.begin() as session:
                await apply_messages(session, {"messages": messages}, now=NOW)

        expected = ["applied" if verdict == "returned" else "noted" for verdict in verdicts]
        assert [outcome for _, _, outcome in await stored(node)] == expected
        async with node.sessions() as session:
            assert await read_cursor(session) == 6
    finally:
        await truncate_all(node_committed)


async def test_the_loop_outlives_silence_and_applies_what_comes(node_committed: Database) -> None:
    node = Recommending(node_committed.sessions)
    (listing,) = await node.recommended()
    decide(node, listing, "returned")
    asked_again = asyncio.Event()

    class Moody:
        """Fails, then answers, then holds the poll for ever, as a quiet hub does."""

        calls = 0

        async def inbox(self, *, after: int, wait_seconds: int, last: str | None = None) -> Any:
            self.calls += 1
            if self.calls == 1:
                raise PeerUnreachable("no route")
            if after:
                assert wait_seconds == 25
                asked_again.set()
                await asyncio.Event().wait()
            return await node.hub.inbox(after=after, wait_seconds=wait_seconds, last=last)

        async def inclusion_proof(self, serial: int, *, size: int) -> bytes:
            return await node.hub.inclusion_proof(serial, size=size)

    signals = Signals()
    signals.close()  # pauses end at once
    following = Following(Moody(), NODE, node.clock)
    loop = asyncio.create_task(run_inbox(node.sessions, following, signals))
    async with asyncio.timeout(20):
        await asked_again.wait()
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop

    assert await state_of(node, listing) == "correction"
