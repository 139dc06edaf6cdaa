"""Importing lists into the node's tables: what becomes of each row, also a second time."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from shared_schema.declaration import Declaration
from subplatform.declarations.drafts import find_declaration
from subplatform.declarations.edit import Edit, edit_draft
from subplatform.declarations.importing.list_refused import ListRefused
from subplatform.declarations.states import State
from subplatform.declarations.tables import ImportRunRow
from subplatform.patent_register.tables import RegisterSnapshotRow
from tests.subplatform.list_imports import Sessions, one, outcomes, run, set_state, stored
from tests.subplatform.node_builders import (
    BY,
    NOW,
    TODAY,
    KnownRegister,
    a_desk,
    a_list,
    a_number,
    a_row,
    facts_of,
)


async def test_each_patent_of_a_list_becomes_a_draft_with_its_findings(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    late = a_row(a_number(2), license_deadline="2099-12-31")
    path = a_list(tmp_path / "list.csv", a_row(a_number(1)), late)

    imported = await run(a_desk(node_sessions), path)

    sound, blocked = await stored(node_sessions)
    assert outcomes(imported) == {"new": 2}
    assert (sound.state, sound.is_blocked, sound.finding_codes) == ("draft", False, [])
    assert (blocked.is_blocked, blocked.finding_codes) == (True, ["DEC-08"])
    assert "DEC-03" in sound.unchecked_rules
    assert sound.source == {
        "kind": "import",
        "file": "list.csv",
        "profile": "guangdong",
        "row": 2,
    }
    assert (sound.import_id, sound.status_as_of) == (imported.run, None)


async def test_a_second_run_changes_nothing(tmp_path: Path, node_sessions: Sessions) -> None:
    path = a_list(tmp_path / "list.csv", a_row(a_number(1)), a_row(a_number(2)))
    desk = a_desk(node_sessions)
    await run(desk, path)
    before = [(row.listing, row.row_version, row.import_id) for row in await stored(node_sessions)]

    imported = await run(desk, path)

    after = [(row.listing, row.row_version, row.import_id) for row in await stored(node_sessions)]
    assert outcomes(imported) == {"unchanged": 2}
    assert after == before


async def test_a_changed_row_updates_its_draft(tmp_path: Path, node_sessions: Sessions) -> None:
    desk = a_desk(node_sessions)
    await run(desk, a_list(tmp_path / "list.csv", a_row(a_number(1))))
    before = await one(node_sessions)
    changed = a_row(a_number(1), license_deadline="2020-01-01")

    imported = await run(desk, a_list(tmp_path / "list.csv", changed))

    after = await one(node_sessions)
    assert outcomes(imported) == {"updated": 1}
    assert (after.listing, after.row_version) == (before.listing, 2)
    assert after.finding_codes == ["DEC-08", "DEC-09"]
    assert after.content_hash == after.imported_hash != before.content_hash


async def test_a_changed_row_of_a_verified_draft_must_be_checked_again(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    desk = a_desk(node_sessions)
    await run(desk, a_list(tmp_path / "list.csv", a_row(a_number(1))))
    await set_state(node_sessions, State.VERIFIED)

    await run(desk, a_list(tmp_path / "list.csv", a_row(a_number(1), license_location="广东省")))

    assert (await one(node_sessions)).state == "draft"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.VERIFYING, "import.in_verification"),
        (State.RECOMMENDED, "import.already_sent"),
        (State.PUBLISHED, "import.already_sent"),
        (State.SUSPENDED, "import.already_sent"),
        (State.WITHDRAWAL_REQUESTED, "import.already_sent"),
    ],
)
async def test_what_is_out_of_hand_is_not_changed_by_an_import(
    tmp_path: Path, node_sessions: Sessions, state: State, code: str
) -> None:
    desk = a_desk(node_sessions)
    await run(desk, a_list(tmp_path / "list.csv", a_row(a_number(1))))
    await set_state(node_sessions, state)
    before = (await one(node_sessions)).content_hash
    changed = a_list(tmp_path / "list.csv", a_row(a_number(1), license_location="广东省"))

    imported = await run(desk, changed)

    assert outcomes(imported) == {"refused": 1}
    assert imported.report.refusals == {code: 1}
    assert (await one(node_sessions)).content_hash == before


async def test_equal_content_is_unchanged_even_when_published(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    desk = a_desk(node_sessions)
    path = a_list(tmp_path / "list.csv", a_row(a_number(1)))
    await run(desk, path)
    await set_state(node_sessions, State.PUBLISHED)

    assert outcomes(await run(desk, path)) == {"unchanged": 1}


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.EXPIRED, State.REFUSED])
async def test_after_the_end_the_patent_is_declared_anew(
    tmp_path: Path, node_sessions: Sessions, state: State
) -> None:
    desk = a_desk(node_sessions)
    path = a_list(tmp_path / "list.csv", a_row(a_number(1)))
    await run(desk, path)
    await set_state(node_sessions, state)

    imported = await run(desk, path)

    assert outcomes(imported) == {"new": 1}
    assert [row.state for row in await stored(node_sessions)] == [state, "draft"]


async def test_an_edit_by_hand_is_kept_and_another_row_refused(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    desk = a_desk(node_sessions)
    path = a_list(tmp_path / "list.csv", a_row(a_number(1)))
    await run(desk, path)
    row = await one(node_sessions)
    async with node_sessions.begin() as session:
        declaration = (await find_declaration(session, row.listing)).body | {"abstract": "手工补充"}
        edit = Edit(1, Declaration.model_validate(declaration))
        await edit_draft(session, row.listing, edit, by=BY, now=NOW)

    same = await run(desk, path)
    changed = a_list(tmp_path / "list.csv", a_row(a_number(1), license_location="广东省"))
    other = await run(desk, changed)

    assert outcomes(same) == {"unchanged": 1}
    assert other.report.refusals == {"import.edited_here": 1}
    assert (await one(node_sessions)).body["abstract"] == "手工补充"


async def test_refused_rows_are_named_and_the_others_stay(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    rows = [a_row(a_number(1)), a_row("2019100000012"), a_row(a_number(3), patent_type="发明申请")]
    path = a_list(tmp_path / "list.csv", *rows)

    imported = await run(a_desk(node_sessions), path)

    assert outcomes(imported) == {"new": 1, "refused": 2}
    assert imported.report.refusals == {"patent_number.check_digit": 1, "import.unknown_kind": 1}


async def test_a_dry_run_reports_and_writes_nothing(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    desk = a_desk(node_sessions)
    await run(desk, a_list(tmp_path / "list.csv", a_row(a_number(1))))
    rows = [a_row(a_number(1), license_location="广东省"), a_row(a_number(2)), a_row("x")]
    path = a_list(tmp_path / "list.csv", *rows)

    imported = await run(desk, path, dry_run=True, data_dir=tmp_path / "unused")

    async with node_sessions() as session:
        runs = await session.scalar(select(func.count()).select_from(ImportRunRow))
    assert outcomes(imported) == {"updated": 1, "new": 1, "refused": 1}
    assert (imported.run, runs, len(await stored(node_sessions))) == (None, 1, 1)
    assert not (tmp_path / "unused").exists()


async def test_a_list_without_the_profile_s_columns_is_refused_before_anything_is_written(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(ListRefused):
        await run(a_desk(node_sessions), path)

    async with node_sessions() as session:
        assert await session.scalar(select(func.count()).select_from(ImportRunRow)) == 0


async def test_a_register_is_read_during_the_import_and_its_readings_are_kept(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    number = a_number(1)
    register = KnownRegister(facts_of(number, status="lapsed"))
    path = a_list(tmp_path / "list.csv", a_row(number))

    await run(a_desk(node_sessions, register=register), path)

    row = await one(node_sessions)
    assert (row.finding_codes, row.unchecked_rules) == (["DEC-03"], [])
    assert (row.status_as_of, row.status_source) == (TODAY, "登记簿副本")
    async with node_sessions() as session:
        kept = await session.get_one(RegisterSnapshotRow, number)
    assert (kept.as_of, kept.facts["status"]) == (TODAY, "lapsed")
