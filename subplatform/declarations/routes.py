"""The declarations of a node: list, show, create, edit, delete, and the acceptance procedure."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import parse_application_number
from shared_schema.rules import ProfileUnknown
from subplatform.accounts.errors import NoOrganisation, OrganisationNotFound
from subplatform.accounts.permissions import Verifier
from subplatform.accounts.scope import DeclarationEditor, DeclarationReader
from subplatform.declarations.drafts import create_draft, delete_draft, find_declaration
from subplatform.declarations.edit import edit_draft
from subplatform.declarations.errors import (
    DeclarationChanged,
    DeclarationExists,
    DeclarationNotFound,
    NumberChanged,
)
from subplatform.declarations.procedure import (
    demand_report,
    refuse_declaration,
    submit_draft,
    take_up,
)
from subplatform.declarations.reach import EditedListing, ReadListing
from subplatform.declarations.read_declarations import (
    MAX_PAGE,
    DeclarationQuery,
    count_declarations,
    findings_csv,
    list_declarations,
)
from subplatform.declarations.schemas import (
    CountsOut,
    DeclarationOut,
    DraftIn,
    EditIn,
    PageOut,
    ReasonIn,
)
from subplatform.declarations.states import DeclarationStateConflict, State

_USER = (NotSignedIn, PermissionDenied)
_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {}}, "description": "UTF-8 with a byte order mark"}
}

router = APIRouter(
    prefix="/api/v1/declarations", tags=["declarations"], route_class=StrictJsonRoute
)


def read_query(
    state: Annotated[list[State] | None, Query(description="状态，可重复 / repeatable")] = None,
    number: Annotated[
        str | None, Query(max_length=60, examples=["ZL 2014 1 0042209.4"], description="专利号")
    ] = None,
    finding: Annotated[
        str | None, Query(pattern=r"^DEC-[0-9]{2}$", examples=["DEC-08"], description="规则")
    ] = None,
    blocked: Annotated[bool | None, Query(description="有错误的 / with an error")] = None,
    import_id: Annotated[UUID | None, Query(description="来自哪次导入 / of which import")] = None,
    words: Annotated[
        str | None,
        Query(max_length=100, description="号码、名称、专利权人 / number, title, holder"),
    ] = None,
    before: Annotated[UUID | None, Query(description="上一页的 next / of the last page")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> DeclarationQuery:
    """The query of a request.

    Raises:
        IdentifierRefused: the number is not one.
    """
    return DeclarationQuery(
        states=tuple(state or ()),
        number=parse_application_number(number) if number is not None else None,
        finding=finding,
        blocked=blocked,
        import_id=import_id,
        words=words,
        before=before,
        limit=limit,
    )


Wanted = Annotated[DeclarationQuery, Depends(read_query)]


@router.get("", responses=problems(*_USER, IdentifierRefused))
async def read_declarations(
    query: Wanted, session: Transaction, reader: DeclarationReader
) -> PageOut:
    """List declarations, the newest first."""
    return PageOut.of(await list_declarations(session, query, within=reader))


@router.get("/counts", responses=problems(*_USER))
async def read_counts(session: Transaction, reader: DeclarationReader) -> CountsOut:
    """Count declarations by state and by finding."""
    return CountsOut.of(await count_declarations(session, within=reader))


@router.get(
    "/findings.csv",
    response_class=StreamingResponse,
    responses=_CSV | problems(*_USER, IdentifierRefused),
)
async def export_findings(
    query: Wanted, http: Request, reader: DeclarationReader
) -> StreamingResponse:
    """Give every finding of the matching declarations for a spreadsheet."""
    lines = findings_csv(http.app.state.sessions, query, within=reader)
    name = {"content-disposition": 'attachment; filename="findings.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=name)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *_USER, DeclarationExists, ProfileUnknown, NoOrganisation, OrganisationNotFound
    ),
)
async def add_declaration(
    body: DraftIn, session: Transaction, editor: DeclarationEditor, now: Now, ids: Ids
) -> DeclarationOut:
    """Add a draft; the answer says what the rules object to."""
    draft = body.wanted(editor)
    row = await create_draft(session, draft, by=editor.name, now=now, ids=ids)
    return DeclarationOut.of(row)


@router.get("/{listing}", responses=problems(*_USER, DeclarationNotFound))
async def read_declaration(session: Transaction, listing: ReadListing) -> DeclarationOut:
    """Show one declaration with its findings."""
    return DeclarationOut.of(await find_declaration(session, listing.id))


@router.put(
    "/{listing}",
    responses=problems(
        *_USER,
        DeclarationNotFound,
        DeclarationChanged,
        DeclarationStateConflict,
        NumberChanged,
        ProfileUnknown,
    ),
)
async def change_declaration(
    body: EditIn, session: Transaction, listing: EditedListing, now: Now
) -> DeclarationOut:
    """Replace the content of a draft, or its extension."""
    row = await edit_draft(session, listing.id, body.wanted(), by=listing.name, now=now)
    return DeclarationOut.of(row)


@router.delete(
    "/{listing}",
    status_code=204,
    responses=problems(*_USER, DeclarationNotFound, DeclarationStateConflict),
)
async def remove_declaration(session: Transaction, listing: EditedListing, now: Now) -> None:
    """Delete a declaration of which nothing was signed."""
    await delete_draft(session, listing.id, by=listing.name, now=now)


@router.post(
    "/{listing}/submission",
    responses=problems(*_USER, DeclarationNotFound, DeclarationStateConflict),
)
async def submit(session: Transaction, listing: EditedListing, now: Now) -> DeclarationOut:
    """Hand the draft in for verification."""
    return DeclarationOut.of(await submit_draft(session, listing.id, by=listing.name, now=now))


@router.post(
    "/{listing}/verification",
    responses=problems(*_USER, DeclarationNotFound, DeclarationStateConflict),
)
async def begin_verification(
    listing: UUID, session: Transaction, verifier: Verifier, now: Now
) -> DeclarationOut:
    """Take up a submitted declaration."""
    return DeclarationOut.of(await take_up(session, listing, by=verifier.name, now=now))


@router.post(
    "/{listing}/report-demand",
    responses=problems(*_USER, DeclarationNotFound, DeclarationStateConflict),
)
async def ask_for_report(
    listing: UUID, session: Transaction, verifier: Verifier, now: Now
) -> DeclarationOut:
    """Demand an evaluation or search report (DEC-14)."""
    return DeclarationOut.of(await demand_report(session, listing, by=verifier.name, now=now))


@router.post(
    "/{listing}/refusal",
    responses=problems(*_USER, DeclarationNotFound, DeclarationStateConflict),
)
async def refuse(
    listing: UUID, body: ReasonIn, session: Transaction, verifier: Verifier, now: Now
) -> DeclarationOut:
    """Refuse a declaration with a reason."""
    row = await refuse_declaration(session, listing, reason=body.reason, by=verifier.name, now=now)
    return DeclarationOut.of(row)
