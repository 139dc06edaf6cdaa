"""One import: how far it is, what would become or became of its rows, and the next step."""

import asyncio
import json
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.frame import has_route
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words, halves
from shared_schema.rules.table import RULE_TABLE
from subplatform.accounts.permissions import NODE_POLICY, Permission
from subplatform.declarations.errors import ImportNotFound
from subplatform.declarations.import_jobs import (
    JobState,
    JobStateConflict,
    ask_again,
    find_job,
    list_of,
    problems_of,
)
from subplatform.declarations.import_runs import report_file
from subplatform.declarations.importing.marked_workbook import write_marked
from subplatform.declarations.tables import ImportJobRow
from subplatform.operator_pages.callers import Importer, ImportScope
from subplatform.operator_pages.desk_words import SEVERITY_WORDS
from subplatform.operator_pages.import_forms import StartForm
from subplatform.operator_pages.import_pages import IMPORTS, job_line
from subplatform.operator_pages.import_words import IMPORT_WORDS, OUTCOME_WORDS
from subplatform.operator_pages.problem_words import problem_in_words

router = APIRouter(include_in_schema=False)
ROWS: Final = 30
_WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SentStart = Annotated[Filled[StartForm], Depends(form_of(StartForm))]
Place = Annotated[int, Query(ge=0, lt=2**40)]


@router.get(f"{IMPORTS}/{{job}}")
async def job_page(
    visit: Importer,
    scope: ImportScope,
    job: UUID,
    session: Transaction,
    ids: Ids,
    at: Place = 0,
) -> Response:
    """How the import stands; its rows with problems from byte `at` of their file on."""
    form = fresh(visit.reader, key=ids.new_token())
    row = await find_job(session, job, within=scope)
    return await _page(visit, row, form=form, at=at)


@router.post(f"{IMPORTS}/{{job}}")
async def start(
    visit: Importer,
    scope: ImportScope,
    job: UUID,
    sent: SentStart,
    session: Transaction,
    now: Now,
) -> Response:
    """Import what was read, or try again what was interrupted."""
    row = await find_job(session, job, within=scope)

    async def act() -> Done:
        assert sent.model is not None
        wanted = sent.model
        await ask_again(
            session,
            job,
            dry_run=wanted.only_read,
            whole=wanted.whole,
            by=visit.caller.name,
            now=now,
        )
        return Done(f"{IMPORTS}/{job}", Words("已开始。", "It has begun."))

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except JobStateConflict as refusal:
        sent = sent.refused(refusal)
    return await _page(visit, row, form=sent.view(visit.reader), status=422)


@router.get(f"{IMPORTS}/{{job}}/problems.xlsx")
async def marked_list(
    visit: Importer, scope: ImportScope, job: UUID, session: Transaction
) -> Response:
    """The list as it was uploaded, with a column of problems.

    Raises:
        ImportNotFound: it is not kept any more.
    """
    row = await find_job(session, job, within=scope)
    data_dir: Path = visit.request.app.state.settings.data_dir
    source = list_of(data_dir, job)
    if not source.is_file():
        raise ImportNotFound(f"导入 {row.id} 的文件已清除 / the list of {row.id} was removed")
    folder = Path(await asyncio.to_thread(mkdtemp))
    file = folder / "problems.xlsx"
    said = await asyncio.to_thread(_texts, problems_of(data_dir, job))
    await asyncio.to_thread(write_marked, source, file, said)

    def remove() -> None:
        file.unlink(missing_ok=True)
        folder.rmdir()

    return FileResponse(
        file,
        media_type=_WORKBOOK,
        filename=f"problems-{job}.xlsx",
        background=BackgroundTask(remove),
    )


@router.get(f"{IMPORTS}/{{job}}/report.csv")
async def report(visit: Importer, scope: ImportScope, job: UUID, session: Transaction) -> Response:
    """What became of every row, once it was imported.

    Raises:
        ImportNotFound: nothing was imported yet.
    """
    row = await find_job(session, job, within=scope)
    if row.run is None:
        raise ImportNotFound(f"导入 {job} 还没有写入 / nothing of {job} was imported yet")
    file = report_file(visit.request.app.state.settings.data_dir, row.run, "csv")
    return FileResponse(file, media_type="text/csv", filename=f"import-{job}.csv")


async def _page(
    visit: Visit,
    row: ImportJobRow,
    *,
    form: FormView,
    at: int = 0,
    status: int = 200,
) -> Response:
    reader, job = visit.reader, row.id
    data_dir = visit.request.app.state.settings.data_dir
    lines, following = await asyncio.to_thread(_read_lines, problems_of(data_dir, job), at)
    goes_on = row.state in {JobState.WAITING, JobState.RUNNING}
    facts: dict[str, Any] = {
        "form": form,
        "job": job_line(row, reader),
        "row": row,
        "goes_on": goes_on,
        "problem": problem_in_words(row.problem, reader),
        "counts": _counts(row, reader),
        "lines": [] if goes_on else [_line(one, reader) for one in lines],
        "at": at,
        "next_url": reader.link(f"{IMPORTS}/{job}", [("at", str(following))])
        if following
        else None,
        "drafts_url": _drafts(visit, row),
        "has_list": list_of(data_dir, job).is_file(),
    }
    template = "subplatform.operator_pages:import_job.html"
    return show_page(visit, template, facts, words=IMPORT_WORDS, status=status)


def _counts(row: ImportJobRow, reader: Reader) -> dict[str, Any] | None:
    if row.counts is None:
        return None
    outcomes = row.counts["outcomes"]
    return {
        "outcomes": [
            (reader.says(words), outcomes[name], name) for name, words in OUTCOME_WORDS.items()
        ],
        "fit": outcomes["new"] + outcomes["updated"] + outcomes["unchanged"],
        "unread": row.counts["unread_columns"],
        "findings": [
            (
                one["rule"],
                reader.says(_check(one["rule"])),
                reader.says(SEVERITY_WORDS[one["severity"]]),
                one["drafts"],
            )
            for one in row.counts["findings"]
        ],
    }


def _drafts(visit: Visit, row: ImportJobRow) -> str:
    """Where the visitor sees what the import made; empty before it made anything."""
    if row.run is None:
        return ""
    if NODE_POLICY.allows(visit.caller, Permission.VERIFY_DECLARATIONS):
        return visit.reader.link("/verification", [("view", "all"), ("import", str(row.run))])
    return visit.reader.link("/declarations") if has_route(visit.request, "/declarations") else ""


def _check(code: str) -> Words:
    rule = RULE_TABLE[code]
    return Words(rule.check_zh, rule.check_en)


def _read_lines(file: Path, at: int) -> tuple[list[dict[str, Any]], int | None]:
    """A page of rows with problems from byte `at` on, and where the next page begins."""
    if not file.is_file():
        return [], None
    with file.open("rb") as lines:
        if at:
            lines.seek(at - 1)
            lines.readline()  # to the beginning of a line, wherever the address points
        found = [json.loads(raw) for raw in islice(iter(lines.readline, b""), ROWS)]
        place = lines.tell()
        return found, place if lines.read(1) else None


def _line(one: dict[str, Any], reader: Reader) -> dict[str, Any]:
    return {
        "row": one["row"],
        "number": one["number"],
        "outcome": reader.says(OUTCOME_WORDS[one["outcome"]]),
        "is_refused": one["outcome"] == "refused",
        "entries": [
            {
                "code": entry["code"],
                "place": entry["place"],
                "value": entry["value"],
                "message": reader.says(halves(entry["message"])),
                "hint": reader.says(halves(entry["hint"])) if entry["hint"] else "",
                "source": entry["source"],
            }
            for entry in one["entries"]
        ],
    }


def _texts(file: Path) -> dict[int, str]:
    """What is wrong with each row, by its number, in one cell of text."""
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {
        int(row["row"]): "\n".join(
            " ".join(
                part for part in (one["code"], one["place"], one["message"], one["hint"]) if part
            )
            for one in row["entries"]
        )
        for row in rows
    }
