"""Checking drafts in bulk: findings, states, register readings, and what a second run changes."""

from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.tables import audit_record
from shared_platform.database.engine import Database
from shared_schema.identities import SeededIds
from subplatform.declarations.import_file import ListImport, import_file
from subplatform.declarations.importing.profile_files import load_profile
from subplatform.declarations.states import State
from subplatform.declarations.tables import DeclarationRow
from subplatform.patent_register.snapshots import kept_facts
from subplatform.verification.check import check_drafts
from tests.subplatform.node_builders import (
    BY,
    SUPPLIED,
    TODAY,
    KnownRegister,
    a_desk,
    a_draft,
    a_list,
    a_number,
    a_row,
    facts_of,
)

Sessions = async_sessionmaker[AsyncSession]
PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "published_listings"


async def file(
    sessions: Sessions, place: int, state: State = State.DRAFT, **changes: object
) -> str:
    """A stored declaration; its number."""
    async with sessions.begin() as session:
        row = await a_draft(session, a_number(place), ids=SeededIds(place), **changes)
        row.state = state
    return a_number(place)


async def stored(sessions: Sessions, number: str) -> DeclarationRow:
    async with sessions() as session:
        found = await session.scalars(
            select(DeclarationRow).where(DeclarationRow.application_number == number)
        )
        return found.one()


async def test_a_sound_draft_is_verified_and_a_wrong_one_goes_to_correction(
    node_sessions: Sessions,
) -> None:
    sound = await file(node_sessions, 1)
    wrong = await file(node_sessions, 2, period={"end": "2099-12-31"})

    summary = await check_drafts(a_desk(node_sessions), by=BY)

    assert (await stored(node_sessions, sound)).state == "verified"
    assert (await stored(node_sessions, wrong)).state == "correction"
    assert (summary.checked, summary.verified, summary.correction) == (2, 1, 1)
    assert (summary.moved, summary.unknown_patents) == (2, 2)
    assert summary.findings == {("DEC-08", "error"): 1}
    assert summary.unchecked["DEC-03"] == 2


async def test_the_register_is_asked_and_its_reading_stored(node_sessions: Sessions) -> None:
    number = await file(node_sessions, 1)
    register = KnownRegister(facts_of(number, holders=["别的公司"]))

    summary = await check_drafts(a_desk(node_sessions, register=register), by=BY)

    row = await stored(node_sessions, number)
    assert (row.state, row.finding_codes, row.unchecked_rules) == ("correction", ["DEC-04"], [])
    assert (row.status_as_of, row.status_source) == (TODAY, "登记簿副本")
    assert summary.unknown_patents == 0
    async with node_sessions() as session:
        assert (await kept_facts(session, [number]))[number] == register.rows[number]


async def test_a_second_check_over_the_same_facts_moves_nothing(node_sessions: Sessions) -> None:
    number = await file(node_sessions, 1)
    desk = a_desk(node_sessions, register=KnownRegister(facts_of(number)))
    await check_drafts(desk, by=BY)
    before = await stored(node_sessions, number)

    summary = await check_drafts(desk, by=BY)

    after = await stored(node_sessions, number)
    assert summary.moved == 0
    assert (after.state, after.findings, after.row_version) == (
        before.state,
        before.findings,
        before.row_version,
    )
    async with node_sessions() as session:
        acts = (await session.scalars(select(audit_record.c.act))).all()
    assert acts.count("declarations_checked") == 1


async def test_a_verified_draft_falls_back_when_the_register_changes(
    node_sessions: Sessions,
) -> None:
    number = await file(node_sessions, 1)
    register = KnownRegister(facts_of(number))
    desk = a_desk(node_sessions, register=register)
    await check_drafts(desk, by=BY)
    register.say(facts_of(number, status="lapsed"))

    await check_drafts(desk, by=BY)

    row = await stored(node_sessions, number)
    assert (row.state, row.finding_codes) == ("correction", ["DEC-03"])


@pytest.mark.parametrize("state", [State.RECOMMENDED, State.PUBLISHED, State.REFUSED])
async def test_what_is_past_verification_is_left_alone(
    node_sessions: Sessions, state: State
) -> None:
    number = await file(node_sessions, 1, state, period={"end": "2099-12-31"})

    summary = await check_drafts(a_desk(node_sessions), by=BY)

    assert summary.checked == 0
    assert (await stored(node_sessions, number)).state == state


@pytest.mark.parametrize("state", [State.SUBMITTED, State.VERIFYING, State.CORRECTION])
async def test_the_check_decides_in_every_earlier_state(
    node_sessions: Sessions, state: State
) -> None:
    number = await file(node_sessions, 1, state)

    await check_drafts(a_desk(node_sessions), by=BY)

    assert (await stored(node_sessions, number)).state == "verified"


async def test_only_the_chosen_listings_are_checked(node_sessions: Sessions) -> None:
    chosen, other = await file(node_sessions, 1), await file(node_sessions, 2)
    listing = (await stored(node_sessions, chosen)).listing

    await check_drafts(a_desk(node_sessions), [listing], by=BY)

    assert (await stored(node_sessions, chosen)).state == "verified"
    assert (await stored(node_sessions, other)).state == "draft"


async def test_every_page_is_checked_and_progress_told_in_few_statements(
    tmp_path: Path, node_committed: Database
) -> None:
    path = a_list(tmp_path / "list.csv", *(a_row(a_number(place)) for place in range(1, 602)))
    register = KnownRegister(*(facts_of(a_number(place)) for place in range(1, 602)))
    desk = a_desk(node_committed.sessions, register=register)
    await import_file(desk, wanted(path, tmp_path), by=BY)
    told: list[tuple[int, int | None]] = []
    statements: list[str] = []
    engine = node_committed.engine.sync_engine

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        summary = await check_drafts(
            desk, by=BY, on_progress=lambda done, total: told.append((done, total))
        )
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert (summary.checked, summary.verified, told) == (601, 601, [(500, 601), (601, 601)])
    assert len(statements) <= 2 * 6 + 2


@pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published listings are not beside the repository"
)
async def test_guangdong_s_drafts_are_verified_or_corrected_as_the_rules_say(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    desk = a_desk(node_sessions)
    await import_file(desk, wanted(PUBLISHED / "guangdong.csv", tmp_path), by=BY)

    summary = await check_drafts(desk, by=BY)

    assert (summary.checked, summary.verified, summary.correction) == (1898, 1721, 177)
    assert summary.findings[("DEC-02", "error")] == 25


def wanted(path: Path, folder: Path) -> ListImport:
    return ListImport(
        path=path,
        file_name=path.name,
        profile=load_profile("guangdong"),
        data_dir=folder / "node",
        supplied=SUPPLIED,
    )
