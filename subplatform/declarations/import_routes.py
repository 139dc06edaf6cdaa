"""Imports: upload a list, import it, read what became of its rows.

The file comes first and alone, so that contacts never stand in an address and a dry run needs no
second upload. The application gives `/api/v1/uploads` a body bound of `max_attachment_bytes`.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute
from subplatform.accounts.errors import NoOrganisation, OrganisationNotFound
from subplatform.accounts.scope import DeclarationEditor, DeclarationReader
from subplatform.declarations.errors import ImportNotFound, UploadNotFound, UploadTooLarge
from subplatform.declarations.import_file import ListImport, import_file
from subplatform.declarations.import_runs import list_runs, report_file
from subplatform.declarations.import_schemas import (
    ImportedOut,
    ImportIn,
    ImportRunOut,
    ReportKind,
    UploadOut,
)
from subplatform.declarations.importing.profile_files import choose_profile
from subplatform.declarations.reach import ReadRun
from subplatform.declarations.uploads import find_upload, receive_upload
from subplatform.patent_register.file_register import RegisterFileRefused

_USER = (NotSignedIn, PermissionDenied)
_BYTES = {"type": "string", "format": "binary"}
_LIST_EXAMPLE = (
    "专利号,专利类型,专利权人,许可使用费支付方式和标准,许可期限届满日,许可地域\n"
    "201410042209.4,发明,五邑大学,免费,2024-12-31,全国\n"
)
_LIST_BODY = {
    "required": True,
    "content": {
        "text/csv": {"schema": _BYTES, "example": _LIST_EXAMPLE},
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {"schema": _BYTES},
    },
}
_REPORT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {}, "application/json": {}}, "description": "the report"}
}

router = APIRouter(prefix="/api/v1", tags=["imports"], route_class=StrictJsonRoute)


@router.post(
    "/uploads",
    status_code=201,
    responses=problems(*_USER, UploadTooLarge),
    openapi_extra={"requestBody": _LIST_BODY},
)
async def add_upload(http: Request, editor: DeclarationEditor, now: Now, ids: Ids) -> UploadOut:
    """Take in a CSV or XLSX file as the body of the request."""
    settings = http.app.state.settings
    received = await receive_upload(
        http.stream(),
        upload=ids.new_id(),
        data_dir=settings.data_dir,
        owner=editor.name,
        max_bytes=settings.max_attachment_bytes,
        now=now,
    )
    return UploadOut.of(received)


# What a list or a profile is refused for has the rows of the two last ones here.
@router.post(
    "/imports",
    responses=problems(
        *_USER,
        UploadNotFound,
        RegisterFileRefused,
        UploadTooLarge,
        NoOrganisation,
        OrganisationNotFound,
    ),
)
async def add_import(http: Request, body: ImportIn, editor: DeclarationEditor) -> ImportedOut:
    """Import an uploaded list; the answer comes when all rows are done."""
    settings = http.app.state.settings
    data_dir = settings.data_dir
    wanted = ListImport(
        path=find_upload(data_dir, body.upload, owner=editor.name),
        file_name=body.shown_name,
        profile=choose_profile(body.profile, rules=body.rules, own_rules=settings.rule_profile),
        data_dir=data_dir,
        supplied=body.supplied.wanted(),
        dry_run=body.dry_run,
        organisation=editor.filing_for(body.organisation, None),
    )
    return ImportedOut.of(await import_file(http.app.state.desk, wanted, by=editor.name))


@router.get("/imports", responses=problems(*_USER))
async def read_imports(
    session: Transaction,
    reader: DeclarationReader,
    before: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[ImportRunOut]:
    """List imports, the newest first; `before` is the last id of the page before."""
    runs = await list_runs(session, within=reader, before=before, limit=limit)
    return [ImportRunOut.of(row) for row in runs]


@router.get("/imports/{run}", responses=problems(*_USER, ImportNotFound))
async def read_import(run: ReadRun) -> ImportRunOut:
    """Show one import."""
    return ImportRunOut.of(run)


@router.get(
    "/imports/{run}/report.{kind}",
    response_class=FileResponse,
    responses=_REPORT | problems(*_USER, ImportNotFound),
)
async def read_report(run: ReadRun, kind: ReportKind, http: Request) -> FileResponse:
    """Give the report of an import: what became of every row."""
    file = report_file(http.app.state.settings.data_dir, run.id, kind)
    return FileResponse(file, filename=f"import-{run.id}.{kind}")
