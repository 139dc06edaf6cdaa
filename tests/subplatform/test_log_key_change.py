"""The hub changes the log's key while a node delivers and follows: nothing stops or is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from main_platform.catalogue.errors import (
    LogBelongsToAnother,
    LogKeyMissing,
    LogKeyStale,
)
from main_platform.catalogue.hub_key import KEY_FILE, create_next_key
from main_platform.catalogue.log_key_proposals import (
    Wanted,
    confirm_log_key,
    drop_log_key,
    propose_log_key,
)
from main_platform.catalogue.open_log import open_log
from main_platform.catalogue.verify import verify_log
from main_platform.context import read_log_key
from main_platform.review.decide import Ruling
from main_platform.two_people import ProposalDecided, SecondPersonRequired
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.database.engine import Database
from shared_schema.anchor import FederationAnchor
from shared_schema.identities import SeededIds
from shared_schema.log_handover import read_handovers
from shared_schema.signed_note import VerifierKey, format_vkey
from shared_schema.signing_key import SigningKey
from subplatform.catalogue_mirror.pull import Mirroring, pull
from subplatform.catalogue_mirror.verify import verify_mirror
from tests.subplatform.hub_pair import Pair, a_pair

HANDOVERS = "/federation/v1/log/handovers"


@pytest.fixture
async def pair(
    hub_committed: Database, node_committed: Database, tmp_path: Path
) -> AsyncIterator[Pair]:
    async with a_pair(hub_committed, node_committed, tmp_path) as opened:
        yield opened


async def decide(pair: Pair, wanted: Wanted) -> None:
    """One proposes, another one confirms, the log is signed."""
    hub = pair.hub
    async with hub.database.sessions.begin() as session:
        row = await propose_log_key(
            session, wanted, by="wang.wei", ids=hub.context.service.ids, now=hub.clock.now()
        )
        await confirm_log_key(session, row.id, by="zhao.lei", now=hub.clock.now())
    await hub.context.sequencer.drain()


async def rotate(pair: Pair) -> SigningKey:
    """The next key is on disk, and in the log."""
    async with pair.hub.database.sessions() as session:
        used = [one.key_id for one in (await read_log_keys(session)).records]
    new = create_next_key(pair.hub.context.settings.data_dir, used)
    await decide(pair, Wanted(new))
    return new


async def signers(pair: Pair) -> list[str]:
    """Who has signed the newest checkpoint, cosigners left out."""
    note = (await pair.hub.ask("GET", "/federation/v1/log/checkpoint")).text
    origin = pair.hub.context.log_key.anchor.log_origin
    return [line for line in note.splitlines() if line.startswith(f"— {origin} ")]


async def test_a_node_delivers_and_follows_through_a_whole_change(pair: Pair) -> None:
    first = pair.hub.context.log_key.key
    (listing,) = await pair.node.recommended()

    new = await rotate(pair)
    in_overlap, receipts_by = await signers(pair), pair.hub.context.log_key.key_id
    await pair.decide(Ruling("approve"))
    await pair.follow()
    await decide(pair, Wanted())
    alone = await signers(pair)
    await pair.follow()
    (later,) = await pair.node.recommended()
    await pair.decide(Ruling("approve"))
    await pair.follow()

    assert (len(in_overlap), receipts_by) == (2, first.key_id)
    assert (len(alone), pair.hub.context.log_key.key_id) == (1, new.key_id)
    for one in (listing, later):
        (line,) = (await pair.timeline(one)).statements
        assert (line.intake, line.inclusion) == ("verified", "verified")
    async with pair.node.sessions() as session:
        assert (await verify_mirror(session, pair.client.anchor)).problems == ()
        await session.rollback()
    async with pair.hub.database.sessions() as session:
        assert await verify_log(session, pair.hub.context.log_key.anchor) == []


async def test_a_stranger_with_the_first_anchor_reaches_the_log_after_two_changes(
    pair: Pair,
) -> None:
    for _ in range(2):
        await rotate(pair)
        await decide(pair, Wanted())
    mirroring = Mirroring(pair.client.log(), pair.client.anchor, pair.node.clock)

    report = await pull(pair.node.sessions, mirroring)

    listed = await pair.hub.ask("GET", HANDOVERS)
    told = read_handovers(listed.content)
    assert [len(one.note.split(b"\xe2\x80\x94 ")) - 1 for one in told] == [2, 2]
    assert report.size == pair.hub.context.sequencer.signed_size
    after = told[0].serial + 1
    further = (await pair.hub.ask("GET", f"{HANDOVERS}?from={after}")).content
    assert read_handovers(further) == told[1:]


async def test_the_hub_starts_again_with_the_key_that_counts(pair: Pair) -> None:
    new = await rotate(pair)
    await decide(pair, Wanted())
    settings = pair.hub.context.settings
    (settings.data_dir / KEY_FILE).unlink()  # retired: nothing needs it

    begun = read_log_key(settings)
    async with pair.hub.database.sessions.begin() as session:
        opened = await open_log(session, begun.anchor, now=pair.hub.clock.now())

    assert (begun.key_id, opened) == (new.key_id, False)


async def test_a_key_the_log_never_had_opens_nothing(pair: Pair) -> None:
    stranger = pair.hub.context.log_key.anchor.model_dump() | {
        "log_vkey": format_vkey(
            VerifierKey(pair.client.anchor.log_origin, SigningKey.from_seed(b"x" * 32).public)
        )
    }
    async with pair.hub.database.sessions.begin() as session:
        with pytest.raises(LogBelongsToAnother):
            await open_log(
                session, FederationAnchor.model_validate(stranger), now=pair.hub.clock.now()
            )


async def test_without_the_new_private_key_nothing_is_signed(pair: Pair) -> None:
    sequencer = pair.hub.context.sequencer
    before = sequencer.signed_size

    with pytest.raises(LogKeyMissing):
        await decide(pair, Wanted(SigningKey.generate()))

    assert sequencer.signed_size == before


async def test_two_people_change_the_key_one_step_at_a_time(pair: Pair) -> None:
    hub, ids, now = pair.hub, SeededIds(9), pair.hub.clock.now()
    new = create_next_key(hub.context.settings.data_dir)
    async with hub.database.sessions.begin() as session:
        with pytest.raises(LogKeyStale):
            await propose_log_key(session, Wanted(), by="wang.wei", ids=ids, now=now)
        row = await propose_log_key(session, Wanted(new), by="wang.wei", ids=ids, now=now)
        same = create_next_key(hub.context.settings.data_dir)
        again = await propose_log_key(session, Wanted(same), by="wang.wei", ids=ids, now=now)
        with pytest.raises(ProposalDecided):
            await propose_log_key(session, Wanted(new), by="zhao.lei", ids=ids, now=now)
        with pytest.raises(SecondPersonRequired):
            await confirm_log_key(session, row.id, by="wang.wei", now=now)
        await drop_log_key(session, row.id, by="wang.wei", now=now)
        with pytest.raises(ProposalDecided):
            await confirm_log_key(session, row.id, by="zhao.lei", now=now)

    assert again.id == row.id
    await rotate(pair)
    async with hub.database.sessions.begin() as session:
        with pytest.raises(LogKeyStale):
            await propose_log_key(session, Wanted(new), by="wang.wei", ids=ids, now=now)
