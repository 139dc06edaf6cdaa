"""Withdrawing, suspending, resuming and correcting what was recommended."""

from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.refusal import DomainError
from shared_schema.statement import SignedStatement
from subplatform.declarations.edit import Edit, edit_draft
from subplatform.declarations.errors import DeclarationNotFound
from subplatform.declarations.states import DeclarationStateConflict, State
from subplatform.declarations.tables import DeclarationRow
from subplatform.outbox.states import DeliveryState
from subplatform.recommendation.change_standing import SignChanges
from subplatform.recommendation.correct import take_back_refused
from subplatform.recommendation.errors import ConsentMissing, NothingRefused
from subplatform.recommendation.suspend import Suspension, suspend
from subplatform.recommendation.withdraw import Withdrawal, withdraw
from subplatform.verification.recheck import recheck_sent
from subplatform.verification.resume import Proof, resume_listing
from tests.subplatform.hub_peer import rule_violation
from tests.subplatform.node_builders import (
    KnownRegister,
    StoppedClock,
    a_declaration,
    a_desk,
    a_number,
    facts_of,
)
from tests.subplatform.recommending import BY, Recommending, put_into, state_of

Sessions = async_sessionmaker[AsyncSession]
WISH = Withdrawal("holder_wish", "专利权人申请撤回", all_owners_consent=True)
TWO_HOLDERS = [
    {"name": "五邑大学", "kind": "university", "consents": True},
    {"name": "江门公司", "kind": "enterprise", "consents": True},
]


@pytest.fixture
def node(node_sessions: Sessions) -> Recommending:
    return Recommending(node_sessions)


async def withdrawn(node: Recommending, listing: UUID, wish: Withdrawal = WISH) -> DeclarationRow:
    async with node.sessions.begin() as session:
        return await withdraw(session, listing, wish, signer=node.signer, by=BY, now=node.now)


async def suspended(node: Recommending, listing: UUID) -> DeclarationRow:
    reason = Suspension("holder_wish", "暂停接受")
    async with node.sessions.begin() as session:
        return await suspend(session, listing, reason, signer=node.signer, by=BY, now=node.now)


async def corrected(node: Recommending, listing: UUID, number: str) -> None:
    row = await node.row(listing)
    changed = a_declaration(number, period={"end": "2027-12-31"})
    async with node.sessions.begin() as session:
        await edit_draft(session, listing, Edit(row.row_version, changed), by=BY, now=node.now)
    await node.check()


def said(arrived: list[SignedStatement]) -> list[tuple[str, int]]:
    return [(one.statement.op, one.statement.version) for one in arrived]


async def test_a_published_listing_is_withdrawn_by_its_next_version(node: Recommending) -> None:
    (listing,) = await node.recommended()
    await put_into(node, listing, State.PUBLISHED)

    row = await withdrawn(node, listing)
    await node.deliver_all()

    assert (row.state, row.version) == ("withdrawal_requested", 2)
    assert said(node.peer.arrivals) == [("offer", 1), ("withdraw", 2)]
    last = node.peer.arrivals[-1].statement
    assert last.prev == node.peer.arrivals[0].payload_hash
    assert last.reason is not None
    assert (last.reason.code, last.reason.text) == ("holder_wish", "专利权人申请撤回")


async def test_what_never_left_the_node_is_withdrawn_at_once(node: Recommending) -> None:
    (listing,) = await node.verified()
    await node.recommend(listing)

    row = await withdrawn(node, listing)
    await node.deliver_all()

    assert (row.state, row.version, row.last_statement_hash) == ("withdrawn", 0, None)
    assert not node.peer.arrivals
    assert [one.state for one in await node.outbox()] == ["cancelled"]


async def test_what_the_hub_may_have_is_withdrawn_by_a_statement(node: Recommending) -> None:
    (listing,) = await node.verified()
    await node.recommend(listing)
    node.line.faults.append("lost")
    await node.deliver_all()

    row = await withdrawn(node, listing)
    node.clock.advance(60)
    await node.deliver_all()

    assert (row.state, row.version) == ("withdrawal_requested", 2)
    assert said(node.peer.arrivals) == [("offer", 1), ("withdraw", 2)]


async def test_several_owners_must_all_consent(node: Recommending) -> None:
    (listing,) = await node.drafts(holders=TWO_HOLDERS)
    await node.check(with_register=False)
    await node.recommend(listing, accepts_unchecked=True)
    await node.deliver_all()
    alone = Withdrawal("holder_wish", "申请撤回")

    with pytest.raises(ConsentMissing) as refused:
        await withdrawn(node, listing, alone)

    assert refused.value.errors[0].pointer == "/all_owners_consent"
    assert await state_of(node, listing) == "recommended"
    assert (await withdrawn(node, listing)).state == "withdrawal_requested"


@pytest.mark.parametrize("state", [State.DRAFT, State.REFUSED, State.WITHDRAWN, State.EXPIRED])
async def test_only_what_was_sent_and_stands_is_withdrawn(node: Recommending, state: State) -> None:
    (listing,) = await node.drafts()
    await put_into(node, listing, state)

    with pytest.raises(DeclarationStateConflict):
        await withdrawn(node, listing)
    with pytest.raises(DeclarationNotFound):
        await withdrawn(node, UUID(int=7))


async def test_a_suspended_listing_is_resumed_on_the_word_of_a_document(node: Recommending) -> None:
    (listing,) = await node.recommended()
    await put_into(node, listing, State.PUBLISHED)

    row = await suspended(node, listing)
    async with node.sessions.begin() as session:
        resumed = await resume_listing(
            session,
            listing,
            Proof("恢复申请 2026-11-22"),
            sign=SignChanges(node.signer),
            by=BY,
            now=node.now,
        )
    await node.deliver_all()

    assert (row.state, resumed.state) == ("suspended", "published")
    assert said(node.peer.arrivals) == [("offer", 1), ("suspend", 2), ("resume", 3)]


async def test_a_lapsed_patent_is_suspended_or_withdrawn_by_the_recheck(node: Recommending) -> None:
    sent, unsent, public = await node.verified(3)
    await node.recommend(sent, public)
    await node.deliver_all()
    await node.recommend(unsent)
    await put_into(node, public, State.PUBLISHED)
    lapsed = [facts_of(a_number(place), status="lapsed") for place in (1, 2, 3)]
    desk = a_desk(node.sessions, register=KnownRegister(*lapsed), clock=StoppedClock(node.now))

    await recheck_sent(desk, sign=SignChanges(node.signer), by=BY)
    await node.deliver_all()

    assert await state_of(node, sent) == "withdrawal_requested"
    assert await state_of(node, unsent) == "withdrawn"
    assert await state_of(node, public) == "suspended"
    assert sorted(said(node.peer.arrivals)[2:]) == [("suspend", 2), ("withdraw", 2)]


async def test_what_the_intake_refused_is_corrected_and_sent_as_the_same_version(
    node: Recommending,
) -> None:
    (listing,) = await node.verified()
    node.peer.refusing[listing] = rule_violation
    await node.recommend(listing)
    await node.deliver_all()

    async with node.sessions.begin() as session:
        row = await take_back_refused(session, listing, by=BY, now=node.now)
    assert (row.state, row.version) == ("correction", 0)
    assert row.return_reasons[0]["code"] == "DEC-08"
    assert row.return_reasons[0]["pointer"] == "/period/end"
    del node.peer.refusing[listing]
    await corrected(node, listing, a_number(1))
    made = await node.recommend(listing)
    await node.deliver_all()

    assert (made.recommended[0].oseq, made.recommended[0].version) == (2, 1)
    assert said(node.peer.arrivals) == [("offer", 1)]
    assert [one.state for one in await node.outbox()] == ["cancelled", "sent"]


async def test_what_was_not_refused_is_not_taken_back(node: Recommending) -> None:
    (listing,) = await node.recommended()

    async with node.sessions() as session:
        with pytest.raises(NothingRefused):
            await take_back_refused(session, listing, by=BY, now=node.now)


async def test_a_refusal_without_fields_is_its_own_reason(node: Recommending) -> None:
    class Denied(DomainError):
        problem = rule_violation().problem

    (listing,) = await node.verified()
    node.peer.refusing[listing] = lambda: Denied("范围外 / out of scope")
    await node.recommend(listing)
    await node.deliver_all()

    async with node.sessions.begin() as session:
        row = await take_back_refused(session, listing, by=BY, now=node.now)

    assert row.return_reasons == [
        {"code": "rule_violated", "text": "范围外 / out of scope", "pointer": ""}
    ]


async def test_a_returned_offer_is_corrected_and_sent_as_the_next_version(
    node: Recommending,
) -> None:
    (listing,) = await node.recommended()
    first = node.peer.arrivals[0]
    node.peer.say(
        "decision",
        verdict="returned",
        listing=str(listing),
        version=1,
        statement_hash=first.payload_hash,
        reasons=[{"code": "text_unclear", "zh": "含糊", "text": "请写明领域"}],
    )

    await node.read_inbox()
    assert (await node.row(listing)).return_reasons[0]["text"] == "请写明领域"
    await corrected(node, listing, a_number(1))
    await node.recommend(listing)
    await node.deliver_all()

    assert said(node.peer.arrivals) == [("offer", 1), ("offer", 2)]
    assert node.peer.arrivals[1].statement.prev == first.payload_hash
    row = await node.row(listing)
    assert (row.state, row.version, row.return_reasons) == ("recommended", 2, [])
    assert {one.state for one in await node.outbox()} == {DeliveryState.SENT}
