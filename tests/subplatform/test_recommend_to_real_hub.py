"""A node and the real hub in one process: from a verified declaration to its three receipts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from main_platform.review.decide import Ruling
from main_platform.review.reason_codes import Reason
from shared_platform.catalogue.rebuild import catalogue_digest
from shared_platform.database.engine import Database
from subplatform.catalogue_mirror.verify import verify_mirror
from subplatform.declarations.edit import Edit, edit_draft
from subplatform.outbox.reconcile import reconcile
from subplatform.recommendation.withdraw import Withdrawal, withdraw
from tests.subplatform.hub_pair import Pair, a_pair
from tests.subplatform.node_builders import a_declaration, a_number
from tests.subplatform.recommending import BY, state_of


@pytest.fixture
async def pair(
    hub_committed: Database, node_committed: Database, tmp_path: Path
) -> AsyncIterator[Pair]:
    async with a_pair(hub_committed, node_committed, tmp_path) as opened:
        yield opened


async def test_an_approved_declaration_ends_with_three_receipts_and_equal_copies(
    pair: Pair,
) -> None:
    listings = await pair.node.recommended(3)

    await pair.decide(Ruling("approve"))
    await pair.follow()

    for listing in listings:
        assert await state_of(pair.node, listing) == "published"
        (line,) = (await pair.timeline(listing)).statements
        assert (line.intake, line.inclusion) == ("verified", "verified")
        assert line.decision is not None
        assert line.decision["verdict"] == "approved"
        assert line.decision["serial"] == line.serial
    async with pair.node.sessions() as session:
        proof = await verify_mirror(session, pair.client.anchor)
        await session.rollback()
    async with pair.hub.database.sessions() as session:
        assert proof.digest == await catalogue_digest(session)
    assert proof.problems == ()


async def test_a_single_declaration_is_received_and_reconciles(pair: Pair) -> None:
    (listing,) = await pair.node.recommended()
    pair.node.clock.advance(1)

    found = await reconcile(pair.node.sessions, pair.client, clock=pair.node.clock)

    assert (found.contiguous_through, found.requeued, found.foreign) == (1, 0, [])
    (line,) = (await pair.timeline(listing)).statements
    assert (line.delivery, line.intake, line.inclusion) == ("sent", "verified", "missing")


async def test_a_published_listing_is_withdrawn_and_nobody_approves_it(pair: Pair) -> None:
    (listing,) = await pair.node.recommended()
    await pair.decide(Ruling("approve"))
    await pair.follow()
    node = pair.node
    async with node.sessions.begin() as session:
        wish = Withdrawal("holder_wish", "专利权人申请撤回")
        await withdraw(session, listing, wish, signer=node.signer, by=BY, now=node.now)

    await node.deliver_all()
    await pair.hub.context.sequencer.drain()
    await pair.follow()

    assert await state_of(node, listing) == "withdrawn"
    offer, withdrawal = (await pair.timeline(listing)).statements
    assert (offer.inclusion, withdrawal.inclusion) == ("verified", "verified")


async def test_a_withdrawal_of_what_was_never_approved_is_complete_when_recorded(
    pair: Pair,
) -> None:
    (listing,) = await pair.node.recommended()
    node = pair.node
    async with node.sessions.begin() as session:
        wish = Withdrawal("holder_wish", "专利权人申请撤回")
        await withdraw(session, listing, wish, signer=node.signer, by=BY, now=node.now)

    await node.deliver_all()
    await pair.follow()

    assert await state_of(node, listing) == "withdrawn"


async def test_a_holder_may_give_up_after_a_return(pair: Pair) -> None:
    node = pair.node
    (listing,) = await node.recommended()
    await pair.decide(Ruling("return", (Reason("text_unclear", "请写明技术领域"),)))
    await pair.follow()
    wish = Withdrawal("holder_wish", "不再开放许可", all_owners_consent=True)

    async with node.sessions.begin() as session:
        await withdraw(session, listing, wish, signer=node.signer, by=BY, now=node.now)
    await node.deliver_all()
    await pair.follow()

    assert await state_of(node, listing) == "withdrawn"


async def test_a_returned_declaration_comes_back_corrected_and_is_published(pair: Pair) -> None:
    (listing,) = await pair.node.recommended()
    await pair.decide(Ruling("return", (Reason("text_unclear", "请写明技术领域"),)))
    await pair.follow()
    row = await pair.node.row(listing)
    assert row.state == "correction"
    assert row.return_reasons[0]["text"] == "请写明技术领域"
    changed = a_declaration(a_number(1), period={"end": "2027-12-31"})
    async with pair.node.sessions.begin() as session:
        edit = Edit(row.row_version, changed)
        await edit_draft(session, listing, edit, by=BY, now=pair.node.now)

    await pair.node.check()
    made = await pair.node.recommend(listing)
    await pair.node.deliver_all()
    await pair.decide(Ruling("approve"))
    await pair.follow()

    assert made.recommended[0].version == 2
    assert await state_of(pair.node, listing) == "published"
