"""Spreadsheet imports: template, upload, what would happen to each row, then the import itself."""

import asyncio
import shutil
from pathlib import Path, PurePath
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import UploadFile

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.forms import FilledWithFile, FormView, form_with_file, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.text import shown
from subplatform.accounts.errors import NoOrganisation, OrganisationNotFound
from subplatform.accounts.organisations import find_organisation
from subplatform.accounts.scope import Scope
from subplatform.declarations.import_jobs import WantedJob, ask_job, list_jobs, list_of
from subplatform.declarations.importing.profile_files import (
    OWN_TEMPLATE,
    load_profile,
    profile_names,
)
from subplatform.declarations.importing.template_files import template_csv, template_workbook
from subplatform.declarations.tables import ImportJobRow
from subplatform.operator_pages.callers import Importer, ImportScope
from subplatform.operator_pages.import_forms import ImportForm
from subplatform.operator_pages.import_words import IMPORT_WORDS, JOB_STATES

router = APIRouter(include_in_schema=False)
IMPORTS: Final = "/imports"
PAGE: Final = 20
_MIB: Final = 1024 * 1024
_WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SentImport = Annotated[FilledWithFile[ImportForm], Depends(form_with_file(ImportForm, "file"))]


@router.get(IMPORTS)
async def imports_page(
    visit: Importer,
    scope: ImportScope,
    session: Transaction,
    ids: Ids,
    profile: Annotated[str, Query(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = OWN_TEMPLATE,
    before: UUID | None = None,
) -> Response:
    """The template, the upload, and what was imported before."""
    form = fresh(visit.reader, key=ids.new_token(), values={"profile": profile})
    return await _page(visit, session, scope, form=form, before=before)


@router.post(IMPORTS)
async def upload_list(
    visit: Importer,
    scope: ImportScope,
    sent: SentImport,
    session: Transaction,
    now: Now,
    ids: Ids,
) -> Response:
    """Take the list in and have it read; nothing is imported yet."""
    filled, file = sent.filled, sent.file
    if file is None:
        filled = filled.with_error("file", IMPORT_WORDS["file_missing"])

    async def act() -> Done:
        assert filled.model is not None
        assert file is not None
        given = filled.model
        organisation = scope.filing_for(given.organisation, None)
        job = ids.new_id()
        place = list_of(visit.request.app.state.settings.data_dir, job)
        await asyncio.to_thread(_keep, file, place)
        wanted = WantedJob(_name(file), given.profile, given.supplied(), organisation=organisation)
        await ask_job(session, job, wanted, by=visit.caller.name, now=now)
        said = Words("文件已收到，正在预检。", "The file has arrived and is being read.")
        return Done(f"{IMPORTS}/{job}", said)

    try:
        if filled.model is not None and not filled.errors:
            answer = await submit_once(visit, filled, act, session=session, now=now)
            return followed_by_htmx(visit.request, answer)
    except (NoOrganisation, OrganisationNotFound) as refusal:
        filled = filled.refused(refusal)
    return await _page(visit, session, scope, form=filled.view(visit.reader), status=422)


@router.get(f"{IMPORTS}/template.xlsx")
async def workbook_template(visit: Importer) -> Response:  # noqa: ARG001  named caller
    """Our template as a workbook."""
    content = await asyncio.to_thread(template_workbook, load_profile(OWN_TEMPLATE))
    return attachment(content, "kaixu-template.xlsx", _WORKBOOK)


@router.get(f"{IMPORTS}/template.csv")
async def csv_template(visit: Importer) -> Response:  # noqa: ARG001  named caller
    """Our template as CSV."""
    content = template_csv(load_profile(OWN_TEMPLATE))
    return attachment(content, "kaixu-template.csv", "text/csv; charset=utf-8")


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """A file to be saved; kept by no cache."""
    fields = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=media_type, headers=fields)


def followed_by_htmx(request: Request, answer: Response) -> Response:
    """A form that htmx sent follows the redirect as a page, not into a fragment of the old one."""
    if request.headers.get("hx-request") != "true" or "location" not in answer.headers:
        return answer
    return Response(status_code=204, headers={"hx-redirect": answer.headers["location"]})


def job_line(job: ImportJobRow, reader: Reader) -> dict[str, Any]:
    """One import in a list."""
    return {
        "id": str(job.id),
        "file_name": job.file_name,
        "profile": job.profile,
        "state": job.state,
        "state_word": reader.says(JOB_STATES[job.state]),
        "asked_at": local_time(job.asked_at),
        "asked_by": job.asked_by,
        "rows": job.rows_done,
    }


def profile_choices(reader: Reader) -> list[tuple[str, str]]:
    """The profiles by name, our own template first."""
    profiles = [load_profile(name) for name in profile_names()]
    found = [(one.name, reader.says(Words(one.title_zh, one.title_en))) for one in profiles]
    return sorted(found, key=lambda one: one[0] != OWN_TEMPLATE)


async def _page(
    visit: Visit,
    session: Transaction,
    scope: Scope,
    *,
    form: FormView,
    before: UUID | None = None,
    status: int = 200,
) -> Response:
    jobs = await list_jobs(session, within=scope, before=before, limit=PAGE)
    following = [("before", str(jobs[-1].id))] if len(jobs) == PAGE else None
    reader, settings = visit.reader, visit.request.app.state.settings
    facts: dict[str, Any] = {
        "form": form,
        "jobs": [job_line(job, reader) for job in jobs],
        "profiles": profile_choices(reader),
        "most_megabytes": settings.max_attachment_bytes // _MIB,
        "next_url": reader.link(IMPORTS, following) if following else None,
        "before": before,
        "organisations": await _organisations(session, scope),
    }
    template = "subplatform.operator_pages:imports.html"
    return show_page(visit, template, facts, words=IMPORT_WORDS, status=status)


async def _organisations(session: Transaction, scope: Scope) -> list[tuple[str, str]]:
    """For whom an agent may import; empty where that is no question."""
    if scope.is_everything:
        return []
    reached = scope.whole_organisations()
    if reached == [scope.own]:
        return []
    return [(str(one), (await find_organisation(session, one)).name) for one in reached]


def _keep(file: UploadFile, place: Path) -> None:
    """Copy what was uploaded to the job's place; half a file leaves nothing.

    Raises:
        OSError: the disk does not take it.
    """
    place.parent.mkdir(parents=True)
    try:
        with place.open("xb") as kept:
            shutil.copyfileobj(file.file, kept)
    except OSError:
        shutil.rmtree(place.parent, ignore_errors=True)
        raise


def _name(file: UploadFile) -> str:
    """The file's name without any folder its owner had it in; shown, never opened."""
    return shown(PurePath((file.filename or "list").replace("\\", "/")).name, 100) or "list"
