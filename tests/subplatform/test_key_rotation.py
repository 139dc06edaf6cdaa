"""Keys that change while statements travel: nothing is lost, every entry counts at its place."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from main_platform.jobs.key_ends import KeyEnds
from main_platform.review.decide import Ruling
from main_platform.review.tables import ReviewRow
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_schema.catalogue_fold import fold, prove_claims, read_claims, read_entries
from shared_schema.key_change import OVERLAP, KeyChange
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_entry import ListingOffered
from shared_schema.log_page import read_page
from shared_schema.signing_key import SigningKey
from subplatform.declarations.tables import DeclarationRow
from subplatform.hub_client.hub import Hub
from subplatform.hub_client.key_files import has_next, kept_change, next_key
from subplatform.hub_client.node_keys import key_file, read_key
from subplatform.hub_client.rotate import Rotated, Rotation, revoke_key, rotate_key
from subplatform.outbox.condition import resume
from subplatform.outbox.deliver import deliver_due
from subplatform.outbox.tables import OutboxMessageRow
from subplatform.recommendation.sign_again import sign_again
from tests.subplatform.hub_pair import Pair, a_pair

WAITING = 300


@pytest.fixture
async def pair(
    hub_committed: Database, node_committed: Database, tmp_path: Path
) -> AsyncIterator[Pair]:
    async with a_pair(hub_committed, node_committed, tmp_path) as opened:
        yield opened


def recovery_of(pair: Pair) -> SigningKey:
    return read_key(key_file(pair.folder, "recovery"))


def present(pair: Pair) -> str:
    return read_key(key_file(pair.folder, "statement")).key_id


async def rotate(pair: Pair, *, hub: Hub | None = None, **wanted: Any) -> Rotated:
    return await rotate_key(
        hub or pair.client, pair.folder, Rotation(**wanted), now=pair.node.clock.now()
    )


async def emergency(pair: Pair, **wanted: Any) -> Rotated:
    """The stolen key is replaced and ends at once."""
    recovery, none = recovery_of(pair), timedelta()
    return await rotate(pair, recovery=recovery, overlap=none, reason="key_compromise", **wanted)


async def settle(pair: Pair) -> bool:
    """What the hub's own loop does about keys."""
    service = pair.hub.context.service
    ends = KeyEnds(service.database.sessions, service.signals, pair.hub.clock)
    return await ends.do_all()


def pass_time(pair: Pair, span: timedelta) -> None:
    pair.hub.clock.instant += span
    pair.node.clock.instant = pair.hub.clock.instant


async def offers_as_a_stranger_reads_them(pair: Pair) -> dict[UUID, ListingOffered]:
    """Every offer of the log, read and proven from its first entry on by somebody new."""
    delivered = []
    source, first = pair.client.log(), 0
    while page := read_page(
        await source.entries(first, limit=1_000), first=first, limit=1_000
    ).entries:
        delivered += [(one.serial, one.leaf, one.object_bytes) for one in page]
        first = page[-1].serial + 1
    entries, directory = read_entries(delivered, KeyDirectory())
    folded = fold(entries, prove_claims(read_claims(entries, directory)), {})
    assert [one.checked.quarantine for one in folded.judged if one.checked.quarantine] == []
    return {
        one.entry.listing: one.entry for one in entries if isinstance(one.entry, ListingOffered)
    }


async def states(pair: Pair) -> dict[str, int]:
    """How many declarations of the node stand in which state."""
    async with pair.node.sessions() as session:
        found = await session.execute(
            select(DeclarationRow.state, func.count()).group_by(DeclarationRow.state)
        )
        return {state: count for state, count in found}  # noqa: C416 - rows, not pairs


async def undelivered(pair: Pair) -> dict[str, int]:
    async with pair.node.sessions() as session:
        found = await session.execute(
            select(OutboxMessageRow.state, func.count()).group_by(OutboxMessageRow.state)
        )
        return {state: count for state, count in found}  # noqa: C416 - rows, not pairs


@pytest.mark.timeout(240)
async def test_a_key_is_stolen_while_three_hundred_statements_travel_and_nothing_is_lost(
    pair: Pair,
) -> None:
    old = present(pair)
    node = pair.node
    reviewed = await node.recommended(100)  # under review, some of them approved and queued
    await pair.decide(Ruling("approve"))
    await node.recommended(100)  # waiting for an examiner
    listings = await node.verified(100)  # signed and not sent
    await node.recommend(*listings)

    done = await emergency(pair)
    await settle(pair)
    await node.deliver_all()
    await pair.follow()  # returned for the key, signed again
    await node.deliver_all()
    await pair.decide(Ruling("approve"))
    await pair.follow()

    offers = await offers_as_a_stranger_reads_them(pair)
    assert await states(pair) == {"published": WAITING}
    assert set(await undelivered(pair)) == {"sent"}
    assert len(offers) == WAITING
    assert {offers[listing].key_id for listing in reviewed} == {old}
    others = {one.key_id for listing, one in offers.items() if listing not in reviewed}
    assert others == {done.key_id} == {present(pair)}


async def test_a_planned_rotation_in_the_middle_of_delivery_is_noticed_by_nobody(
    pair: Pair,
) -> None:
    node = pair.node
    listings = await node.verified(40)
    await node.recommend(*listings)
    node.sending = replace(node.sending, batch=7)

    async def deliver() -> None:
        await node.deliver_all()

    await asyncio.gather(deliver(), rotate(pair))
    await node.deliver_all()
    await pair.decide(Ruling("approve"))
    pass_time(pair, OVERLAP)
    settled = await settle(pair)
    await pair.hub.context.sequencer.drain()
    await pair.follow()

    assert settled
    assert len(await offers_as_a_stranger_reads_them(pair)) == 40
    assert set(await undelivered(pair)) == {"sent"}
    assert await states(pair) == {"published": 40}


async def test_an_approved_offer_that_the_revocation_overtook_goes_back_and_comes_again(
    pair: Pair,
) -> None:
    (listing,) = await pair.node.recommended()
    hub = pair.hub
    await pair.decide(Ruling("approve"), sequences=False)
    await emergency(pair)
    unfinished = await settle(pair)
    await hub.context.sequencer.drain()  # the revocation first: the offer does not count behind it
    finished = await settle(pair)

    await pair.follow()
    await pair.node.deliver_all()
    await pair.decide(Ruling("approve"))
    await pair.follow()

    offers = await offers_as_a_stranger_reads_them(pair)
    assert (unfinished, finished) == (False, True)
    assert (offers[listing].version, offers[listing].key_id) == (2, present(pair))
    assert await states(pair) == {"published": 1}
    async with hub.database.sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM held_entry")) == 0


async def test_what_came_since_the_key_was_suspect_is_put_back_to_the_examiner(
    pair: Pair,
) -> None:
    (before,) = await pair.node.recommended()
    pass_time(pair, timedelta(hours=2))
    since = pair.hub.clock.now()
    (after,) = await pair.node.recommended()

    await emergency(pair, suspect_from=since)
    await settle(pair)

    async with pair.hub.database.sessions() as session:
        found = await session.execute(
            select(ReviewRow.listing, ReviewRow.state, ReviewRow.finding_codes)
        )
        shown = {listing: (state, codes) for listing, state, codes in found}
    assert shown[before][0] == "returned"
    assert shown[after][0] == "waiting"
    assert "KEY-SUSPECT" in shown[after][1]
    await pair.decide(Ruling("approve"))
    assert await offers_as_a_stranger_reads_them(pair) == {}


async def test_what_is_public_and_suspect_is_listed_and_stays(pair: Pair) -> None:
    old = present(pair)
    await pair.node.recommended()
    await pair.decide(Ruling("approve"))
    pass_time(pair, timedelta(hours=2))
    since = pair.hub.clock.now()
    (listing,) = await pair.node.recommended()
    await pair.decide(Ruling("approve"))
    await emergency(pair, suspect_from=since)
    await settle(pair)
    await pair.hub.hire("sun.lei", "examiner")

    path = f"/api/v1/keys/{old}/suspect-listings"
    found = (await pair.hub.ask("GET", path, by="sun.lei")).json()
    paged = (await pair.hub.ask("GET", f"{path}?limit=1", by="sun.lei")).json()
    unknown = await pair.hub.ask("GET", "/api/v1/keys/none/suspect-listings", by="sun.lei")

    assert [one["listing"] for one in found["items"]] == [str(listing)]
    assert (found["next"], paged["next"]) == (None, found["items"][0]["serial"])
    assert unknown.status_code == 404
    assert listing in await offers_as_a_stranger_reads_them(pair)


async def test_deliveries_pause_when_the_key_expires_and_go_on_after_its_rotation(
    pair: Pair,
) -> None:
    node = pair.node
    listings = await node.verified(3)
    await node.recommend(*listings)
    pass_time(pair, timedelta(days=366))
    paused = await deliver_due(node.sessions, node.sending)

    await rotate(pair)
    async with node.sessions.begin() as session:
        await resume(session, now=node.clock.now())
    await node.deliver_all()

    assert paused.paused == "key_expired"
    assert await undelivered(pair) == {"sent": 3}


class Cut:
    """A line that breaks before or after the hub has acted."""

    def __init__(self, hub: Hub, *, arrives: bool) -> None:
        self._hub = hub
        self._arrives = arrives
        self.node = hub.node

    async def change_keys(self, *given: Any, **named: Any) -> Any:
        if self._arrives:
            await self._hub.change_keys(*given, **named)
        raise ConnectionError


@pytest.mark.parametrize("overlap", [timedelta(), OVERLAP], ids=["at once", "a week"])
@pytest.mark.parametrize("arrives", [False, True], ids=["before", "after"])
async def test_a_rotation_that_was_killed_is_repeated_with_the_same_successor(
    pair: Pair, arrives: bool, overlap: timedelta
) -> None:
    old = present(pair)
    cut: Any = Cut(pair.client, arrives=arrives)
    with pytest.raises(ConnectionError):
        await rotate(pair, hub=cut, overlap=overlap)
    successor = next_key(pair.folder, "statement").key_id
    still = present(pair)

    done = await rotate(pair, overlap=overlap)

    assert still == old
    assert done.key_id == successor == present(pair)
    assert done.written.status == (200 if arrives else 201)
    assert not has_next(pair.folder, "statement")
    assert "messages" in await pair.client.inbox(after=0, wait_seconds=0)


async def test_an_attempt_of_days_ago_is_signed_anew_for_the_same_successor(pair: Pair) -> None:
    cut: Any = Cut(pair.client, arrives=False)
    with pytest.raises(ConnectionError):
        await rotate(pair, hub=cut)
    first = kept_change(pair.folder, "statement")
    pass_time(pair, timedelta(days=3))

    done = await rotate(pair)

    assert first is not None
    assert done.signed.change.key == first.change.key or done.key_id == first.change.key.key_id  # type: ignore[union-attr]
    assert done.signed.change_hash != first.change_hash
    assert done.written.status == 201


async def test_every_use_is_rotated_by_the_key_that_answers_for_it(pair: Pair) -> None:
    cosigner = await rotate(pair, use="cosigner")
    old = recovery_of(pair)
    recovery = await rotate(pair, use="recovery", recovery=old)

    path = f"/api/v1/nodes/{pair.node_id}"
    found = (await pair.hub.ask("GET", path, by="wang.wei")).json()["keys"]
    active = {key["key_id"] for key in found if key["state"] == "active"}
    assert {cosigner.key_id, recovery.key_id} < active
    assert recovery_of(pair).key_id == recovery.key_id


async def test_the_recovery_key_revokes_without_anybody_at_the_hub(pair: Pair) -> None:
    recovery = recovery_of(pair)
    change = KeyChange(
        node=pair.node_id,
        action="revoke",
        key_id=present(pair),
        reason="key_compromise",
        authorised_by=recovery.key_id,
        issued_at=pair.hub.clock.now(),
    )
    await revoke_key(pair.client, change, recovery=recovery)

    with pytest.raises(PeerRefusal) as refused:
        await pair.client.inbox(after=0, wait_seconds=0)

    assert refused.value.code == "key_revoked"


async def test_an_offer_waits_for_a_new_key_before_it_is_signed_again(pair: Pair) -> None:
    (listing,) = await pair.node.recommended()
    recovery = recovery_of(pair)
    members: dict[str, Any] = {"action": "revoke", "key_id": present(pair), "reason": "lost"}
    change = KeyChange(
        node=pair.node_id,
        authorised_by=recovery.key_id,
        issued_at=pair.hub.clock.now(),
        **members,
    )
    await revoke_key(pair.client, change, recovery=recovery)
    async with pair.node.sessions.begin() as session:
        row = await session.get_one(DeclarationRow, listing)
        row.needs_signature = True
    async with pair.node.sessions.begin() as session:
        early = await sign_again(session, signer=pair.node.signer, now=pair.node.now)

    await emergency(pair)  # replaces nothing: the old key has ended already
    async with pair.node.sessions.begin() as session:
        then = await sign_again(session, signer=pair.node.signer, now=pair.node.now)

    assert (early, then) == (0, 1)
