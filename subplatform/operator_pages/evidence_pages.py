"""What a holder handed in beside the declaration: who they are, the report as a file."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import FileResponse

from shared_platform.database.transaction import Transaction
from shared_platform.public_pages.markup import local_time
from subplatform.accounts.documents import DocumentNotFound, document_path, find_document
from subplatform.accounts.organisations import find_organisation
from subplatform.accounts.tables import DocumentRow
from subplatform.declarations.drafts import find_declaration
from subplatform.declarations.tables import DeclarationRow
from subplatform.operator_pages.callers import DeskVerifier

router = APIRouter(include_in_schema=False)
_KIB = 1024


@router.get("/verification/{listing}/report")
async def report_file(visit: DeskVerifier, listing: UUID, session: Transaction) -> FileResponse:
    """The evaluation or search report as it was handed in, as a download.

    Raises:
        DocumentNotFound: only its number was given, or nothing.
    """
    row = await find_declaration(session, listing)
    kept = await _report(session, row)
    if kept is None:
        raise DocumentNotFound("没有报告文件 / no report was handed in as a file")
    data_dir = visit.request.app.state.settings.data_dir
    place = document_path(data_dir, kept.organisation_id, kept.sha256)
    return FileResponse(place, filename=kept.name, media_type=kept.media_type)


async def evidence_of(session: AsyncSession, row: DeclarationRow) -> Mapping[str, Any]:
    """The organisation that files, and its report where one was handed in as a file."""
    found: dict[str, Any] = {"organisation": None, "report": None}
    if row.organisation_id is not None:
        found["organisation"] = (await find_organisation(session, row.organisation_id)).name
    kept = await _report(session, row)
    if kept is not None:
        size = max(kept.size // _KIB, 1)
        found["report"] = {"name": kept.name, "size": size, "at": local_time(kept.uploaded_at)}
    return found


async def _report(session: AsyncSession, row: DeclarationRow) -> DocumentRow | None:
    """The report's record; None where its declaration names no file that was handed in."""
    digest = (row.body.get("evaluation_report") or {}).get("sha256")
    if digest is None or row.organisation_id is None:
        return None
    try:
        return await find_document(session, row.organisation_id, digest)
    except DocumentNotFound:
        return None
