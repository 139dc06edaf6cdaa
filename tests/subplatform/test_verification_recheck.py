"""What was sent meets the register of a later day: suspended, withdrawn, resumed."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.trail import records_of
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant
from shared_schema.register_facts import RegisterFacts
from subplatform.declarations.desk import Desk
from subplatform.declarations.drafts import subject_of
from subplatform.declarations.states import DeclarationStateConflict, State
from subplatform.declarations.tables import DeclarationRow
from subplatform.verification.causes import FOR_GOOD, CauseCode, causes
from subplatform.verification.ports import StandingChange
from subplatform.verification.recheck import recheck_sent
from subplatform.verification.resume import CausesRemain, Proof, resume_listing
from tests.subplatform.node_builders import (
    BY,
    NOW,
    TODAY,
    KnownRegister,
    a_declaration,
    a_desk,
    a_draft,
    a_number,
    facts_of,
)

Sessions = async_sessionmaker[AsyncSession]
NUMBER = a_number(1)

CHANGES: list[tuple[dict[str, Any], CauseCode]] = [
    ({"status": "lapsed"}, CauseCode.LAPSED),
    ({"status": "invalidated"}, CauseCode.INVALIDATED),
    ({"status": "expired"}, CauseCode.RIGHT_EXPIRED),
    ({"granted": False, "status": "pending"}, CauseCode.NOT_GRANTED),
    (
        {"holders": ["某公司"], "transfers": [{"to": "某公司", "on": "2023-05-20"}]},
        CauseCode.TRANSFERRED,
    ),
    ({"holders": ["某公司"]}, CauseCode.HOLDER_CHANGED),
    ({"annual_fee": "unpaid"}, CauseCode.ANNUAL_FEE_UNPAID),
    ({"annual_fee": "in_grace"}, CauseCode.ANNUAL_FEE_UNPAID),
    ({"pledges": [{"pledgee": "某银行"}]}, CauseCode.PLEDGED_WITHOUT_CONSENT),
    ({"licences": [{"kind": "exclusive"}]}, CauseCode.EXCLUSIVE_LICENCE),
    ({"suspensions": [{"cause": "ownership"}]}, CauseCode.OWNERSHIP_DISPUTE),
    ({"suspensions": [{"cause": "preservation"}]}, CauseCode.PRESERVATION_ORDER),
]


class Signatures:
    """Stands where recommendation signs; keeps what it was asked for."""

    def __init__(self) -> None:
        self.changes: list[StandingChange] = []

    async def __call__(
        self, session: AsyncSession, change: StandingChange, *, by: str, now: Instant
    ) -> None:
        del session, by, now
        self.changes.append(change)


async def sent(sessions: Sessions, state: State = State.PUBLISHED) -> DeclarationRow:
    async with sessions.begin() as session:
        row = await a_draft(session, NUMBER, ids=SeededIds(1))
        row.state, row.version, row.last_oseq = state, 1, 1
        row.last_statement_hash = "0" * 64
    return row


async def stored(sessions: Sessions) -> DeclarationRow:
    async with sessions() as session:
        return (await session.scalars(select(DeclarationRow))).one()


def desk_with(sessions: Sessions, **changes: Any) -> tuple[Desk, KnownRegister]:
    register = KnownRegister(facts_of(NUMBER, **changes))
    return a_desk(sessions, register=register), register


@pytest.mark.parametrize(
    ("changes", "code"), CHANGES, ids=[f"{code}-{place}" for place, (_, code) in enumerate(CHANGES)]
)
def test_each_change_in_the_register_has_its_cause(
    changes: dict[str, Any], code: CauseCode
) -> None:
    found = causes(a_declaration(NUMBER), facts_of(NUMBER, **changes), today=TODAY)

    assert [cause.code for cause in found] == [code]
    assert found[0].text
    assert found[0].source


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"annual_fee": "due"},
        {"pledges": [{"pledgee": "某银行", "consent": True}]},
        {"licences": [{"kind": "ordinary"}, {"kind": "sole", "until": "2023-05-31"}]},
        {"suspensions": [{"cause": "ownership", "until": "2023-05-31"}]},
    ],
    ids=["nothing", "due", "consent", "ended-licence", "ended-dispute"],
)
def test_what_the_law_allows_is_no_cause(changes: dict[str, Any]) -> None:
    assert causes(a_declaration(NUMBER), facts_of(NUMBER, **changes), today=TODAY) == ()


def test_a_missing_consent_in_the_declaration_is_not_the_register_s_cause() -> None:
    holders = [{"name": "甲", "consents": True}, {"name": "乙", "consents": False}]
    facts = facts_of(NUMBER, holders=["甲", "乙"])

    assert causes(a_declaration(NUMBER, holders=holders), facts, today=TODAY) == ()


async def test_a_published_listing_with_a_cause_is_suspended(node_sessions: Sessions) -> None:
    row, sign = await sent(node_sessions), Signatures()
    desk, _ = desk_with(node_sessions, annual_fee="unpaid")

    summary = await recheck_sent(desk, sign=sign, by=BY)

    after = await stored(node_sessions)
    assert after.state == "suspended"
    assert after.suspension == {
        "since": "2023-06-01T02:00:00Z",
        "codes": ["annual_fee_unpaid"],
        "withdrawal_asked": False,
    }
    assert [(one.listing, one.codes) for one in summary.suspended] == [
        (row.listing, ("annual_fee_unpaid",))
    ]
    assert [(c.operation, c.code) for c in sign.changes] == [("suspend", "annual_fee_unpaid")]
    async with node_sessions() as session:
        (record,) = (await records_of(session, subject_of(row.listing)))[1:]
    assert (record.act, record.facts) == ("listing_suspended", {"causes": ["annual_fee_unpaid"]})


@pytest.mark.parametrize("code", sorted(FOR_GOOD))
async def test_a_cause_for_good_asks_the_holder_to_withdraw(
    node_sessions: Sessions, code: CauseCode
) -> None:
    await sent(node_sessions)
    changes = next(changes for changes, of in CHANGES if of is code)
    desk, _ = desk_with(node_sessions, **changes)

    await recheck_sent(desk, sign=Signatures(), by=BY)

    suspension = (await stored(node_sessions)).suspension
    assert suspension is not None
    assert suspension["withdrawal_asked"] is True


async def test_the_gravest_of_several_causes_is_published(node_sessions: Sessions) -> None:
    await sent(node_sessions)
    sign = Signatures()
    desk, _ = desk_with(node_sessions, status="lapsed", annual_fee="unpaid")

    summary = await recheck_sent(desk, sign=sign, by=BY)

    assert summary.suspended[0].codes == ("lapsed", "annual_fee_unpaid")
    assert [change.code for change in sign.changes] == ["lapsed"]


async def test_a_recommended_listing_with_a_cause_is_withdrawn(node_sessions: Sessions) -> None:
    await sent(node_sessions, State.RECOMMENDED)
    sign = Signatures()
    desk, _ = desk_with(node_sessions, status="lapsed")

    summary = await recheck_sent(desk, sign=sign, by=BY)

    assert (await stored(node_sessions)).state == "withdrawal_requested"
    assert [(c.operation, c.code) for c in sign.changes] == [("withdraw", "lapsed")]
    assert len(summary.withdrawn) == 1


async def test_without_a_cause_only_the_reading_is_stored(node_sessions: Sessions) -> None:
    await sent(node_sessions)
    sign = Signatures()
    desk, _ = desk_with(node_sessions)

    summary = await recheck_sent(desk, sign=sign, by=BY)

    row = await stored(node_sessions)
    assert (row.state, row.status_as_of, sign.changes) == ("published", TODAY, [])
    assert (summary.checked, summary.unknown) == (1, 0)


async def test_a_patent_the_register_does_not_know_is_counted_and_left_alone(
    node_sessions: Sessions,
) -> None:
    await sent(node_sessions)

    summary = await recheck_sent(a_desk(node_sessions), sign=Signatures(), by=BY)

    assert (summary.checked, summary.unknown) == (1, 1)
    assert (await stored(node_sessions)).state == "published"


async def test_a_second_recheck_signs_nothing_new(node_sessions: Sessions) -> None:
    await sent(node_sessions)
    sign = Signatures()
    desk, _ = desk_with(node_sessions, annual_fee="unpaid")
    await recheck_sent(desk, sign=sign, by=BY)

    summary = await recheck_sent(desk, sign=sign, by=BY)

    assert len(sign.changes) == 1
    assert [one.codes for one in summary.still_suspended] == [("annual_fee_unpaid",)]


async def test_when_the_causes_are_gone_a_document_resumes_the_listing(
    node_sessions: Sessions,
) -> None:
    row, sign = await sent(node_sessions), Signatures()
    desk, register = desk_with(node_sessions, annual_fee="unpaid")
    await recheck_sent(desk, sign=sign, by=BY)
    register.say(facts_of(NUMBER))
    summary = await recheck_sent(desk, sign=sign, by=BY)

    async with node_sessions.begin() as session:
        proof = Proof("缴费收据 2023-06-01")
        await resume_listing(session, row.listing, proof, sign=sign, by=BY, now=NOW)

    after = await stored(node_sessions)
    assert summary.resumable == [row.listing]
    assert (after.state, after.suspension) == ("published", None)
    assert [change.operation for change in sign.changes] == ["suspend", "resume"]
    async with node_sessions() as session:
        record = (await records_of(session, subject_of(row.listing)))[-1]
    assert (record.act, record.facts) == ("listing_resumed", {"document": "缴费收据 2023-06-01"})


async def test_a_listing_is_not_resumed_while_the_register_speaks_against_it(
    node_sessions: Sessions,
) -> None:
    row, sign = await sent(node_sessions), Signatures()
    desk, _ = desk_with(node_sessions, annual_fee="unpaid")
    await recheck_sent(desk, sign=sign, by=BY)

    async with node_sessions() as session:
        with pytest.raises(CausesRemain) as refused:
            await resume_listing(session, row.listing, Proof("收据"), sign=sign, by=BY, now=NOW)

    assert [error.code for error in refused.value.errors] == ["annual_fee_unpaid"]
    assert len(sign.changes) == 1


async def test_only_a_suspended_listing_is_resumed(node_sessions: Sessions) -> None:
    row = await sent(node_sessions)

    async with node_sessions() as session:
        with pytest.raises(DeclarationStateConflict):
            await resume_listing(
                session, row.listing, Proof("收据"), sign=Signatures(), by=BY, now=NOW
            )


async def test_a_later_reading_shows_since_when_the_patent_lapsed(node_sessions: Sessions) -> None:
    await sent(node_sessions)
    desk, register = desk_with(node_sessions, annual_fee="unpaid")
    await recheck_sent(desk, sign=Signatures(), by=BY)
    later: RegisterFacts = facts_of(NUMBER, status="lapsed", as_of="2023-07-01")
    register.say(later)

    await recheck_sent(desk, sign=Signatures(), by=BY)

    row = await stored(node_sessions)
    assert row.suspension is not None
    assert row.suspension["codes"] == ["lapsed"]
    assert row.suspension["withdrawal_asked"] is True
    assert (row.status_as_of, row.suspension["since"]) == (later.as_of, "2023-06-01T02:00:00Z")
