"""Monthly issues over HTTP: anybody reads, the catalogue's managers freeze and correct them."""

from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from main_platform.monthly_issue.errata import add_erratum, errata_file, read_errata
from main_platform.monthly_issue.errors import (
    ErratumRefused,
    IssueBeingMade,
    IssueExists,
    IssueFileReplaced,
    LogUnsigned,
    MonthGone,
    MonthNotOver,
    MonthRefused,
    NoSuchIssue,
    NoSuchIssueFile,
)
from main_platform.monthly_issue.freeze import Freezing, Publisher, freeze
from main_platform.monthly_issue.issue_files import IssueFile, IssueFolder
from main_platform.monthly_issue.numbering import NUMBER_FORM
from main_platform.monthly_issue.read_issues import Issue, IssueState, find_issue, list_issues
from main_platform.monthly_issue.schemas import (
    ErratumIn,
    ErratumOut,
    IssueDocument,
    IssueIn,
    IssueOut,
    IssuePageOut,
)
from main_platform.staff.permissions import IssueCorrector, IssueFreezer
from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.conditional import is_fresh
from shared_platform.transport.mapped_file import FILE_ANSWERS, ServedFile, file_answer
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute

_STAFF: Final = (NotSignedIn, PermissionDenied)
_NDJSON: Final = "application/x-ndjson"
_FOR_A_MINUTE: Final = {"cache-control": "public, max-age=60"}
_IMMUTABLE: Final = "public, max-age=600, immutable"  # minutes: an erasure must end it
_SHOWN: Final = (".pdf", ".json")  # by browsers themselves
_UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "未变 / unchanged"}}
_BYTES: Final = {"type": "string", "format": "binary"}
_DOCUMENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": IssueDocument,
        "description": "文件；JSON 文件的格式如下 / the file; the JSON one has this form",
        "content": {"text/csv": {"schema": _BYTES}, "application/pdf": {"schema": _BYTES}},
    }
}
_LINES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "勘误，每行一条 / the errata, one a line",
        "content": {_NDJSON: {"schema": {"type": "string"}}},
    }
}

router = APIRouter(prefix="/api/v1", tags=["issues"])
staff_router = APIRouter(prefix="/api/v1", tags=["issues"], route_class=StrictJsonRoute)
Number = Annotated[str, Path(pattern=NUMBER_FORM, examples=["KX-2026-11"])]
FileName = Annotated[str, Path(pattern=r"^KX-[0-9A-Za-z.-]{1,40}$", examples=["KX-2026-11.pdf"])]


async def read_folder(request: Request) -> IssueFolder:
    """The hub's folder of issues."""
    folder: IssueFolder = request.app.state.issues
    return folder


Folder = Annotated[IssueFolder, Depends(read_folder)]


@router.get("/issues", summary="各期月度目录 / the monthly issues")
async def read_issues(
    session: Transaction,
    response: Response,
    before: Annotated[str | None, Query(pattern=NUMBER_FORM)] = None,
    limit: Annotated[int, Query(ge=1, le=120)] = 24,
) -> IssuePageOut:
    """List issues, newest first."""
    response.headers.update(_FOR_A_MINUTE)
    found = await list_issues(session, before=before, limit=limit + 1)
    items = [IssueOut.of(one) for one in found[:limit]]
    return IssuePageOut(items=items, next=items[-1].number if len(found) > limit else None)


@router.get(
    "/issues/{number}",
    summary="一期月度目录 / one issue",
    responses=problems(NoSuchIssue),
)
async def read_issue(session: Transaction, response: Response, number: Number) -> IssueOut:
    """One issue: its place in the log, its files with their hashes, its editions."""
    response.headers.update(_FOR_A_MINUTE)
    return IssueOut.of(await find_issue(session, number))


@router.get(
    "/issues/{number}/files/{name}",
    summary="一期的文件 / a file of an issue",
    response_class=Response,
    responses=_DOCUMENT
    | FILE_ANSWERS
    | problems(NoSuchIssue, NoSuchIssueFile, IssueBeingMade, IssueFileReplaced),
)
async def read_file(
    http: Request, session: Transaction, folder: Folder, number: Number, name: FileName
) -> Response:
    """The file by its name, whole or a range; never another one under the same name.

    Raises:
        NoSuchIssueFile: the issue never had it.
        IssueFileReplaced: it belongs to a former edition.
        IssueBeingMade: files are withheld until an erasure is carried out.
    """
    file = file_named(await find_issue(session, number), name)
    saved_as = None if file.name.endswith(_SHOWN) else file.name
    served = ServedFile(
        folder.path(file), file.media_type, f'"{file.sha256}"', _IMMUTABLE, saved_as
    )
    try:
        return file_answer(http, served)
    except FileNotFoundError as lost:
        again = "文件正在重新生成 / the file is being made again"
        raise IssueBeingMade(again, retry_after_s=60) from lost


@router.get(
    "/issues/{number}/errata",
    summary="勘误 / the errata of an issue",
    response_class=Response,
    responses=_LINES | _UNCHANGED | problems(NoSuchIssue, IssueBeingMade),
)
async def read_errata_file(http: Request, session: Transaction, number: Number) -> Response:
    """All errata of the issue, each line with the hash of the one before; empty where none is.

    Raises:
        IssueBeingMade: an erasure is being carried out.
    """
    issue = await find_issue(session, number)
    if issue.state is IssueState.RENEWING:
        raise IssueBeingMade("正在执行删除 / an erasure is being carried out", retry_after_s=10)
    raw = errata_file(await read_errata(session, number))
    headers = {"etag": f'"{sha256(raw).hexdigest()}"', **_FOR_A_MINUTE}
    if is_fresh(http, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return Response(raw, media_type=_NDJSON, headers=headers)


@staff_router.post(
    "/issues",
    status_code=201,
    summary="封存一期 / freeze a month's issue",
    responses=problems(*_STAFF, MonthRefused, MonthNotOver, MonthGone, IssueExists, LogUnsigned),
)
async def freeze_issue(
    http: Request, body: IssueIn, session: Transaction, freezer: IssueFreezer, now: Now
) -> IssueOut:
    """Fix the month's issue at the newest checkpoint; its files follow within seconds."""
    state = http.app.state
    wanted = Freezing(body.month, Publisher.of(state.settings), state.anchor, body.early)
    row = await freeze(session, wanted, by=freezer.name, now=now)
    return IssueOut.of(Issue(row, (), ()))


@staff_router.post(
    "/issues/{number}/errata",
    status_code=201,
    summary="增补勘误 / add an erratum",
    responses=problems(*_STAFF, NoSuchIssue, IssueBeingMade, ErratumRefused),
)
async def correct_issue(
    number: Number, body: ErratumIn, session: Transaction, corrector: IssueCorrector, now: Now
) -> ErratumOut:
    """Publish a correction beside the issue, whose files stay as they are."""
    added = await add_erratum(session, number, body.correction(), by=corrector.name, now=now)
    return ErratumOut.of(added)


def file_named(issue: Issue, name: str) -> IssueFile:
    """The file of the latest edition with this name.

    Raises:
        IssueBeingMade: there is none yet, or files are withheld.
        IssueFileReplaced: a former edition had it.
        NoSuchIssueFile: no edition had it.
    """
    if issue.state is not IssueState.PUBLISHED:
        raise IssueBeingMade("文件正在生成 / the files are being made", retry_after_s=10)
    found = next((file for file in issue.files if file.name == name), None)
    if found is not None:
        return found
    if any(one["name"] == name for edition in issue.editions for one in edition.files):
        raise IssueFileReplaced(
            f"该版已被第 {len(issue.editions)} 版取代 / replaced by edition {len(issue.editions)}"
        )
    raise NoSuchIssueFile(f"没有文件 {name} / there is no file {name}")
