"""Recommending: what may go goes signed, what may not is told, and nothing happens by halves."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.trail import records_of
from shared_platform.database.engine import Database
from shared_schema.statement import declaration_of, read_statement, verify_statement
from subplatform.declarations.drafts import subject_of
from subplatform.outbox.counter import take_issued_at
from subplatform.recommendation.errors import NotRecommendable
from subplatform.recommendation.recommend import Wanted, recommend
from tests.subplatform.hub_peer import NODE, NODE_KEY, NOW
from tests.subplatform.recommending import Recommending, state_of

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def node(node_sessions: Sessions) -> Recommending:
    return Recommending(node_sessions)


async def test_a_verified_declaration_is_signed_and_queued_as_version_one(
    node: Recommending,
) -> None:
    (listing,) = await node.verified()

    made = await node.recommend(listing)

    (one,) = made.recommended
    assert (one.oseq, one.version, made.refused, made.next) == (1, 1, (), None)
    (queued,) = await node.outbox()
    signed = read_statement(queued.envelope)
    said = verify_statement(signed, NODE_KEY.public)
    assert (said.origin, said.listing, said.op, said.prev) == (NODE, listing, "offer", None)
    assert declaration_of(said).patent.application_number == one.application_number
    row = await node.row(listing)
    assert (row.state, row.version, row.last_oseq) == ("recommended", 1, 1)
    assert row.last_statement_hash == signed.payload_hash == one.statement_hash


async def test_all_verified_declarations_go_in_pages_and_arrive_in_order(
    node: Recommending,
) -> None:
    listings = await node.verified(5)

    first = await node.recommend(limit=3)
    second = await node.recommend(limit=3, after=first.next)
    await node.deliver_all()

    assert [len(first.recommended), len(second.recommended)] == [3, 2]
    assert first.next is not None
    assert second.next is None
    arrived = [one.statement.oseq for one in node.peer.arrivals]
    assert arrived == [1, 2, 3, 4, 5]
    assert {one.statement.listing for one in node.peer.arrivals} == set(listings)


async def test_each_of_many_stands_or_falls_alone(node: Recommending) -> None:
    (good,) = await node.verified()
    (draft,) = await node.drafts()
    unknown = UUID(int=7)

    made = await node.recommend(good, draft, unknown)

    assert [one.listing for one in made.recommended] == [good]
    assert {(one.pointer, one.code) for one in made.refused} == {
        (f"/listings/{draft}", "recommendation.state"),
        (f"/listings/{unknown}", "recommendation.not_found"),
    }


async def test_naming_only_what_may_not_go_is_refused_and_takes_no_number(
    node: Recommending,
) -> None:
    (draft,) = await node.drafts()

    with pytest.raises(NotRecommendable) as refused:
        await node.recommend(draft)

    assert refused.value.errors[0].code == "recommendation.state"
    (listing,) = await node.verified()
    assert (await node.recommend(listing)).recommended[0].oseq == 1


async def test_nothing_is_recommended_twice(node: Recommending) -> None:
    (listing,) = await node.verified()
    await node.recommend(listing)

    with pytest.raises(NotRecommendable):
        await node.recommend(listing)

    assert len(await node.outbox()) == 1


async def test_unchecked_rules_go_only_when_somebody_answers_for_them(node: Recommending) -> None:
    (listing,) = await node.drafts()
    await node.check(with_register=False)

    with pytest.raises(NotRecommendable) as refused:
        await node.recommend(listing)
    made = await node.recommend(listing, accepts_unchecked=True)

    assert refused.value.errors[0].code == "recommendation.unchecked"
    assert len(made.recommended) == 1
    async with node.sessions() as session:
        records = await records_of(session, subject_of(listing))
    assert "DEC-03" in records[-1].facts["accepted_unchecked"]
    assert records[-1].actor == "li.na"


async def test_nobody_answers_for_unchecked_rules_under_the_statute(node: Recommending) -> None:
    (listing,) = await node.drafts(profile="statutory-2024")
    await node.check(with_register=False)

    with pytest.raises(NotRecommendable) as refused:
        await node.recommend(listing, accepts_unchecked=True)

    assert refused.value.errors[0].code == "recommendation.unchecked"


async def test_an_offer_whose_period_is_over_is_not_sent(node: Recommending) -> None:
    (listing,) = await node.verified()
    node.clock.instant = datetime(2029, 1, 1, tzinfo=UTC)

    with pytest.raises(NotRecommendable) as refused:
        await node.recommend(listing)

    assert refused.value.errors[0].code == "recommendation.ended"


async def test_a_rolled_back_recommendation_leaves_no_gap(node_committed: Database) -> None:
    node = Recommending(node_committed.sessions)
    first, second = await node.verified(2)

    async with node.sessions() as session:
        wanted = Wanted((first,))
        await recommend(session, wanted, signer=node.signer, by="li.na", now=node.now)
        await session.rollback()
    made = await node.recommend(second)

    assert made.recommended[0].oseq == 1
    assert await state_of(node, first) == "verified"


async def test_two_people_recommending_at_once_send_each_declaration_once(
    node_committed: Database,
) -> None:
    node = Recommending(node_committed.sessions)
    await node.verified(20)

    made = await asyncio.gather(*(node.recommend() for _ in range(4)))

    sent = [one for each in made for one in each.recommended]
    assert sorted(one.oseq for one in sent) == list(range(1, 21))
    assert len({one.listing for one in sent}) == 20


async def test_times_of_statements_never_go_back_unless_the_clock_was_wrong(
    node_sessions: Sessions,
) -> None:
    given = []
    for seconds in (0, -200, 5, 10_000, 60):
        async with node_sessions.begin() as session:
            given.append(await take_issued_at(session, NOW + timedelta(seconds=seconds)))

    assert given == [NOW + timedelta(seconds=one) for one in (0, 0, 5, 10_000, 60)]
