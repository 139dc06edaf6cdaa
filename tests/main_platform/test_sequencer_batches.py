"""One batch: dense serials, the right order, everything or nothing, and the checkpoint after it."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.errors import (
    HeldEntryNotFound,
    LogBelongsToAnother,
    LogNotOpened,
    SequencerPaused,
)
from main_platform.catalogue.open_log import open_log
from main_platform.catalogue.publish import Queued, publish, queue_entries, queue_entry
from main_platform.catalogue.queue_rows import queue_depth, read_held, release_held
from main_platform.catalogue.sequencer import Sequenced, sequence_batch
from main_platform.catalogue.tables import PublishQueueRow
from shared_platform.audit.trail import Subject
from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.tables import catalogue_listing
from shared_schema.checkpoint import open_checkpoint
from shared_schema.entry_parts import Notice
from shared_schema.log_entry import HubNotice, KeyRevoked, NodeSuspended
from shared_schema.signing_key import SigningKey
from tests.main_platform.hub_log import Hub, a_hub
from tests.shared_platform.hub_log_peer import BEGAN, HubLog

Sessions = async_sessionmaker[AsyncSession]


def a_notice(text: str = "维护") -> HubNotice:
    return HubNotice(at=BEGAN, code="maintenance", notice=Notice(zh=text, en=text))


async def tell_nobody(_: AsyncSession, entries: Sequence[Sequenced]) -> None:
    """Nothing follows from these serials."""


@pytest.fixture
async def hub(hub_sessions: Sessions) -> Hub:
    return await a_hub(hub_sessions)


async def test_the_log_is_the_one_that_was_decided(hub: Hub) -> None:
    first, second = hub.offers("gz-centre", 2)
    await hub.publish()
    hub.federation.offer_again(second)
    hub.federation.change(first, "suspend")
    hub.federation.decide(second)
    await hub.publish()

    head = await hub.head()

    peer = hub.federation.hub.leaves
    suspension = peer.pop(5)
    assert await hub.leaves() == [*peer[:4], suspension, *peer[4:]]
    assert head.size == 7
    assert await hub.violations() == []


async def test_a_checkpoint_signs_the_committed_size_and_root(hub: Hub) -> None:
    hub.offers("gz-centre", 3)
    await hub.publish()

    head = await hub.head()

    anchor = hub.federation.hub.anchor
    assert head.checkpoint == hub.federation.hub.note()
    signed = open_checkpoint(
        head.checkpoint, origin=anchor.log_origin, log_key=anchor.log_key()
    ).checkpoint
    assert (signed.size, signed.root) == (head.size, head.range.root())
    assert (await hub.sequencer().sign()).checkpoint == head.checkpoint


async def test_a_withdrawal_goes_before_offers_that_were_queued_earlier(hub: Hub) -> None:
    (published,) = hub.offers("gz-centre", 1)
    await hub.publish()
    hub.offers("gz-centre", 5, first=10)
    hub.federation.change(published, "withdraw")
    await hub.queue()

    await hub.sequencer(batch=1).drain()

    assert (await hub.leaves())[3] == hub.federation.hub.leaves[-1]
    assert await hub.violations() == []


async def test_a_withdrawal_takes_the_offer_it_withdraws_along(hub: Hub) -> None:
    hub.offers("gz-centre", 3, first=10)
    (brief,) = hub.offers("gz-centre", 1)
    hub.federation.offer_again(brief)
    hub.federation.change(brief, "withdraw")
    peer = hub.federation.hub.leaves
    await hub.queue()

    await hub.sequencer(batch=1).drain()

    assert (await hub.leaves())[2:5] == peer[5:8]
    assert await hub.violations() == []


async def test_what_follows_from_a_serial_is_told_in_the_same_transaction(hub: Hub) -> None:
    subject = Subject("review", "42")
    async with hub.sessions.begin() as session:
        await queue_entry(session, a_notice(), subject=subject)
        await publish(session, a_notice("再次维护"))

    await hub.sequencer().drain()

    assert [(one.serial, one.subject) for one in hub.told[-2:]] == [(2, subject), (3, None)]


async def test_a_failing_consequence_undoes_the_whole_batch(hub: Hub) -> None:
    hub.offers("gz-centre", 3)
    await hub.queue()
    before = await hub.head()

    async def fail(_: AsyncSession, entries: Sequence[Sequenced]) -> None:
        raise RuntimeError(len(entries))

    with pytest.raises(RuntimeError):
        async with hub.sessions.begin() as session:
            await sequence_batch(session, limit=10, now=BEGAN, on_sequenced=fail)

    assert await hub.waiting() == 3
    assert await hub.head() == before
    assert len(await hub.leaves()) == 2
    assert await hub.violations() == []


async def test_what_a_crash_left_unsigned_is_signed_at_the_next_start(hub: Hub) -> None:
    hub.offers("gz-centre", 2)
    await hub.queue()
    async with hub.sessions.begin() as session:
        await sequence_batch(session, limit=10, now=BEGAN, on_sequenced=tell_nobody)
    crashed = await hub.head()

    await hub.sequencer().drain()

    assert (crashed.size, crashed.checkpoint_size) == (4, 2)
    assert (await hub.head()).checkpoint == hub.federation.hub.note()
    assert await hub.violations() == []


async def test_nothing_is_added_or_signed_while_a_node_has_seen_more(hub: Hub) -> None:
    hub.offers("gz-centre", 1)
    await hub.queue()
    before = await hub.head()
    hub.cosigned = 3

    with pytest.raises(SequencerPaused):
        await hub.sequencer().drain()
    with pytest.raises(SequencerPaused):
        await hub.sequencer().sign()

    assert await hub.head() == before
    hub.cosigned = 2
    assert await hub.sequencer().drain() == 1


async def test_an_entry_no_reader_would_accept_is_held_and_harms_nothing_else(hub: Hub) -> None:
    hub.offers("gz-centre", 2)
    hub.federation.enrol("sz-centre")
    (good,) = hub.offers("sz-centre", 1, first=20)
    hub.federation.revoke("gz-centre")
    await hub.queue()

    await hub.sequencer().drain()

    async with hub.sessions() as session:
        held = await read_held(session)
        depth = await queue_depth(session)
        listed = (await session.scalars(select(catalogue_listing.c.listing))).all()
    assert [one.refusal.code for one in held] == ["key_revoked"] * 2
    assert (depth.waiting, depth.held) == (0, 2)
    assert list(listed) == [good.listing]
    assert await hub.violations() == []


async def test_a_batch_of_nothing_but_refused_entries_writes_nothing(hub: Hub) -> None:
    (offered,) = hub.offers("gz-centre", 1)
    hub.decided()
    hub.federation.change(offered, "withdraw")  # of an offer that the log does not have
    await hub.queue()

    entries = await hub.sequencer().drain()

    assert (entries, (await hub.head()).size, await hub.waiting()) == (0, 2, 0)


async def test_a_held_entry_can_be_released_when_its_cause_is_gone(hub: Hub) -> None:
    (offered,) = hub.offers("gz-centre", 1)
    offer = hub.decided()
    hub.federation.change(offered, "suspend")
    await hub.publish()
    async with hub.sessions.begin() as session:
        await queue_entries(session, offer)
    await hub.sequencer().drain()
    async with hub.sessions.begin() as session:
        (held,) = await read_held(session)
        await release_held(session, held.id, reason="mended", by="sun.lei", now=BEGAN)

    await hub.sequencer().drain()

    assert await hub.leaves() == hub.federation.hub.leaves
    async with hub.sessions.begin() as session:
        assert not await read_held(session)
        with pytest.raises(HeldEntryNotFound):
            await release_held(session, held.id, reason="mended", by="sun.lei", now=BEGAN)


async def test_the_queue_tells_how_much_waits_and_since_when(hub: Hub) -> None:
    async with hub.sessions.begin() as session:
        await queue_entries(session, [Queued(a_notice(str(number))) for number in range(5)])
        depth = await queue_depth(session)

    assert (depth.waiting, depth.oldest, depth.held) == (5, BEGAN, 0)


async def test_nothing_comes_before_the_entry_that_opens_the_log(hub_sessions: Sessions) -> None:
    hub = Hub(hub_sessions)
    async with hub.sessions.begin() as session:
        await publish(session, a_notice())
    with pytest.raises(LogNotOpened):
        await hub.sequencer().drain()

    await hub.open()
    await hub.sequencer().drain()

    assert (await hub.leaves())[0] == hub.federation.hub.leaves[0]
    assert await hub.violations() == []


async def test_a_log_is_opened_once_and_for_one_key(hub_sessions: Sessions) -> None:
    hub = Hub(hub_sessions)
    anchor = hub.federation.hub.anchor
    async with hub.sessions.begin() as session:
        again = [await open_log(session, anchor, now=BEGAN) for _ in range(2)]
    await hub.sequencer().drain()
    async with hub.sessions.begin() as session:
        again.append(await open_log(session, anchor, now=BEGAN))
        with pytest.raises(LogBelongsToAnother):
            await open_log(session, HubLog(seed=9).anchor, now=BEGAN)

    assert again == [True, False, False]
    assert len(await hub.leaves()) == 1


async def test_an_envelope_must_be_the_one_its_entry_names(hub: Hub) -> None:
    hub.offers("gz-centre", 1)
    (offer,) = hub.decided()
    async with hub.sessions.begin() as session:
        with pytest.raises(ValueError, match="names statement"):
            await queue_entry(session, offer.entry)
        with pytest.raises(ValueError, match="names statement"):
            await queue_entry(session, offer.entry, envelope=b"{}")
        with pytest.raises(ValueError, match="names statement"):
            await queue_entry(session, a_notice(), envelope=b"{}")
        await queue_entries(session, [])

    assert await hub.waiting() == 0


async def test_the_projections_cursor_moves_with_the_head(hub: Hub) -> None:
    hub.offers("gz-centre", 2)
    await hub.publish()

    async with hub.sessions() as session:
        position = await read_position(session)

    assert position.range == (await hub.head()).range


async def test_what_readers_would_set_aside_keeps_its_reason(hub: Hub) -> None:
    async with hub.sessions.begin() as session:
        await publish(session, NodeSuspended(at=BEGAN, node="unknown-node", reason="misuse"))
        key = SigningKey.from_seed(sha256(b"nobody's").digest())
        await publish(
            session,
            KeyRevoked(at=BEGAN, node="gz-centre", key_id=key.key_id, reason="key_lost"),
        )

    await hub.sequencer().drain()

    async with hub.sessions() as session:
        held = await read_held(session)
    assert [one.refusal.code for one in held] == ["directory_conflict"] * 2
    assert (await hub.head()).size == 2


async def test_a_row_that_is_no_entry_is_held_too(hub: Hub) -> None:
    row = {"priority": 1, "leaf": b"{}", "queued_at": BEGAN}
    async with hub.sessions.begin() as session:
        await session.execute(insert(PublishQueueRow), [row])
    hub.offers("gz-centre", 1)
    await hub.queue()

    entries = await hub.sequencer().drain()

    async with hub.sessions() as session:
        (held,) = await read_held(session)
    assert (entries, held.leaf, held.refusal.code) == (1, b"{}", "entry_malformed")
    assert await hub.violations() == []
