"""Runs of an import: their record and reports, batches, broken and simultaneous runs."""

import asyncio
import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update
from typing_extensions import override

from shared_platform.database.engine import Database
from shared_schema.identities import SeededIds
from shared_schema.register_facts import RegisterFacts
from subplatform.declarations.import_file import import_file
from subplatform.declarations.importing.report import Outcome
from subplatform.declarations.tables import ImportRunRow
from subplatform.patent_register.file_register import FileRegister, RegisterFileRefused
from tests.subplatform.list_imports import Sessions, outcomes, run, stored, wanted
from tests.subplatform.node_builders import (
    BY,
    KnownRegister,
    a_desk,
    a_list,
    a_number,
    a_row,
    facts_of,
)

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "published_listings"


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
