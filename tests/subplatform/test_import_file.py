"""Importing lists into the node's tables: batches, second runs, refusals, reports."""

import asyncio
import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from typing_extensions import override

from shared_platform.database.engine import Database
from shared_schema.declaration import Declaration
from shared_schema.identities import SeededIds
from shared_schema.register_facts import RegisterFacts
from subplatform.declarations.desk import Desk
from subplatform.declarations.drafts import find_declaration
from subplatform.declarations.edit import Edit, edit_draft
from subplatform.declarations.import_file import Imported, ListImport, import_file
from subplatform.declarations.importing.list_refused import ListRefused
from subplatform.declarations.importing.profile_files import load_profile
from subplatform.declarations.importing.report import Outcome
from subplatform.declarations.states import State
from subplatform.declarations.tables import DeclarationRow, ImportRunRow
from subplatform.patent_register.file_register import FileRegister, RegisterFileRefused
from subplatform.patent_register.tables import RegisterSnapshotRow
from tests.subplatform.node_builders import (
    BY,
    NOW,
    SUPPLIED,
    TODAY,
    KnownRegister,
    a_desk,
    a_list,
    a_number,
    a_row,
    facts_of,
)

Sessions = async_sessionmaker[AsyncSession]
PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "published_listings"


def wanted(path: Path, **changes: Any) -> ListImport:
    given: dict[str, Any] = {
        "path": path,
        "file_name": path.name,
        "profile": load_profile("guangdong"),
        "data_dir": path.parent / "node",
        "supplied": SUPPLIED,
    }
    return ListImport(**(given | changes))


async def run(desk: Desk, path: Path, **changes: Any) -> Imported:
    return await import_file(desk, wanted(path, **changes), by=BY)


def outcomes(imported: Imported) -> dict[str, int]:
    return {outcome.value: count for outcome, count in imported.report.outcomes.items() if count}


async def stored(sessions: Sessions) -> list[DeclarationRow]:
    async with sessions() as session:
        found = await session.scalars(select(DeclarationRow).order_by(DeclarationRow.listing))
        return list(found)


async def one(sessions: Sessions) -> DeclarationRow:
    (row,) = await stored(sessions)
    return row


async def set_state(sessions: Sessions, state: State) -> None:
    async with sessions.begin() as session:
        await session.execute(update(DeclarationRow).values(state=state))


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


async def test_the_record_and_both_reports_add_up(tmp_path: Path, node_sessions: Sessions) -> None:
    rows = [a_row(a_number(1)), a_row("x"), a_row(a_number(1)), a_row(a_number(2), patent_owner="")]
    path = a_list(tmp_path / "list.csv", *rows)

    imported = await run(a_desk(node_sessions), path)

    async with node_sessions() as session:
        record = await session.get_one(ImportRunRow, imported.run)
    counted = (record.rows_new, record.rows_updated, record.rows_unchanged, record.rows_refused)
    assert (record.state, counted) == ("completed", (2, 0, 0, 2))
    assert record.counts == imported.report.to_json()
    folder = tmp_path / "node" / "imports" / str(imported.run)
    as_json = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert Counter(row["outcome"] for row in as_json["rows"]) == {"new": 2, "refused": 2}
    assert as_json["report"] == record.counts
    with (folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert {line[0] for line in lines[1:]} == {"2", "3", "4", "5"}


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


async def test_progress_tells_the_rows_done_and_their_total(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    path = a_list(tmp_path / "list.csv", *(a_row(a_number(place)) for place in range(1, 602)))
    told: list[tuple[int, int | None]] = []

    await import_file(
        a_desk(node_sessions),
        wanted(path),
        by=BY,
        on_progress=lambda done, total: told.append((done, total)),
    )

    assert told == [(500, 601), (601, 601)]


async def test_a_broken_import_leaves_whole_batches_and_the_next_one_completes_it(
    tmp_path: Path, node_committed: Database
) -> None:
    path = a_list(tmp_path / "list.csv", *(a_row(a_number(place)) for place in range(1, 1201)))
    register = FileThatBreaks(tmp_path / "none.csv", good_calls=1)
    broken = a_desk(node_committed.sessions, register=register)

    with pytest.raises(RegisterFileRefused):
        await run(broken, path)

    async with node_committed.sessions() as session:
        record = (await session.scalars(select(ImportRunRow))).one()
    assert (record.state, record.rows_new, record.counts) == ("interrupted", 500, None)
    assert len(await stored(node_committed.sessions)) == 500

    again = await run(a_desk(node_committed.sessions, ids=SeededIds(8)), path)

    assert outcomes(again) == {"unchanged": 500, "new": 700}


async def test_a_run_whose_process_died_is_marked_when_its_file_comes_again(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    desk = a_desk(node_sessions)
    path = a_list(tmp_path / "list.csv", a_row(a_number(1)))
    first = await run(desk, path)
    async with node_sessions.begin() as session:
        await session.execute(update(ImportRunRow).values(state="running", finished_at=None))

    await run(desk, path)

    async with node_sessions() as session:
        assert (await session.get_one(ImportRunRow, first.run)).state == "interrupted"


async def test_two_imports_at_once_make_one_draft_for_each_patent(
    tmp_path: Path, node_committed: Database
) -> None:
    path = a_list(tmp_path / "list.csv", *(a_row(a_number(place)) for place in range(1, 701)))

    both = await asyncio.gather(
        run(a_desk(node_committed.sessions, ids=SeededIds(1)), path),
        run(a_desk(node_committed.sessions, ids=SeededIds(2)), path),
    )

    total = both[0].report.outcomes + both[1].report.outcomes
    assert total == {Outcome.NEW: 700, Outcome.UNCHANGED: 700}
    assert len(await stored(node_committed.sessions)) == 700


async def test_a_batch_takes_few_statements(tmp_path: Path, node_committed: Database) -> None:
    path = a_list(tmp_path / "list.csv", *(a_row(a_number(place)) for place in range(1, 501)))
    register = KnownRegister(*(facts_of(a_number(place)) for place in range(1, 501)))
    desk = a_desk(node_committed.sessions, register=register)
    statements: list[str] = []
    engine = node_committed.engine.sync_engine

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement.split("\n", maxsplit=1)[0])

    event.listen(engine, "before_cursor_execute", note)
    try:
        await run(desk, path)
    finally:
        event.remove(engine, "before_cursor_execute", note)

    record_keeping = [s for s in statements if "import_run" in s or "audit_record" in s]
    assert len(statements) - len(record_keeping) <= 6
    assert len(record_keeping) <= 5


@pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published listings are not beside the repository"
)
async def test_guangdong_s_list_gives_the_counts_that_the_design_computed(
    tmp_path: Path, node_sessions: Sessions
) -> None:
    path = PUBLISHED / "guangdong.csv"
    desk = a_desk(node_sessions)

    imported = await run(desk, path, data_dir=tmp_path)
    again = await run(desk, path, data_dir=tmp_path)

    report = imported.report
    assert (report.rows_read, report.drafts) == (1916, 1898)
    assert report.refusal_rules == {"DEC-05": 7, "DEC-06": 11}
    assert report.refusals["fee.negotiable"] == 7
    assert {rule: count for (rule, _), count in report.findings.items()} == {
        "DEC-02": 25,
        "DEC-05": 6,
        "DEC-07": 5,
        "DEC-08": 18,  # 10 end after the patent does, 8 had ended by that day
        "DEC-09": 504,
        "DEC-19": 128,
    }
    assert outcomes(again) == {"unchanged": 1898, "refused": 18}


class FileThatBreaks(FileRegister):
    """A register file that is there for some calls and then is not."""

    def __init__(self, file: Path, *, good_calls: int) -> None:
        super().__init__(file)
        self.good_calls = good_calls

    @override
    async def facts(self, numbers: Iterable[str]) -> Mapping[str, RegisterFacts]:
        if self.good_calls:
            self.good_calls -= 1
            return {}
        return await super().facts(numbers)
