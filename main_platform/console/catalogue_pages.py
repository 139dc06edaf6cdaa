"""Log, cosignatures, snapshot, index, held entries and monthly issues, and what staff do there."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.queue_rows import queue_depth, read_held
from main_platform.catalogue.snapshot_files import SnapshotFolder
from main_platform.console.catalogue_words import CATALOGUE_WORDS, ERRATUM_FIELDS, ISSUE_STATES
from main_platform.monthly_issue.errata import ErratumField, add_erratum, count_errata, read_errata
from main_platform.monthly_issue.freeze import Freezing, Publisher, freeze
from main_platform.monthly_issue.numbering import number_of, previous_month
from main_platform.monthly_issue.read_issues import find_issue, list_issues
from main_platform.monthly_issue.schemas import ErratumIn, IssueIn
from main_platform.nodes.cosigned import cosigned_sizes
from main_platform.staff.permissions import Permission
from shared_platform.catalogue.tables import catalogue_listing
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.search.here import index_folder
from shared_platform.search.index import read_reached
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.instants import legal_day
from shared_schema.refusal import DomainError

router = APIRouter(include_in_schema=False)
_reading = Depends(page_caller_with(Permission.READ_REVIEWS), scope="function")
_freezing = Depends(page_caller_with(Permission.FREEZE_ISSUES), scope="function")
_correcting = Depends(page_caller_with(Permission.CORRECT_ISSUES), scope="function")
Reading = Annotated[Visit, _reading]
FreezingIssues = Annotated[Visit, _freezing]
Correcting = Annotated[Visit, _correcting]
PATH: Final = "/console/catalogue"
Number = Annotated[str, Path(max_length=20)]
_ISSUES: Final = 24
_MIB: Final = 2**20


SentIssue = Annotated[Filled[IssueIn], Depends(form_of(IssueIn))]
SentErratum = Annotated[Filled[ErratumIn], Depends(form_of(ErratumIn))]


@dataclass(frozen=True, slots=True)
class NextIssue:
    """Which month comes next, whether it is frozen already, and how many listings it would have."""

    month: str
    number: str
    is_frozen: bool
    listings: int


@router.get(PATH)
async def catalogue_page(visit: Reading, session: Transaction, now: Now) -> Response:
    """Where the log stands, who has copies, what is held, and the issues."""
    head = await read_head(session)
    sizes = await cosigned_sizes(session)
    issues = await list_issues(session, limit=_ISSUES)
    numbers = [one.row.number for one in issues]
    facts = {
        "head": head,
        "depth": await queue_depth(session),
        "cosigned": sorted(sizes.items(), key=lambda one: (one[1], one[0])),
        "held": await read_held(session),
        "issues": issues,
        "errata": await count_errata(session, numbers),
        "issue_states": {key: visit.reader.says(one) for key, one in ISSUE_STATES.items()},
        "next": await _next_issue(session, previous_month(legal_day(now))),
        "may_manage": _may(visit, Permission.WITHDRAW_LISTINGS),
        "may_freeze": _may(visit, Permission.FREEZE_ISSUES),
        **_copies(visit.request),
    }
    return _page(visit, "catalogue.html", facts)


@router.get(f"{PATH}/freeze")
async def freeze_form_page(
    visit: FreezingIssues, session: Transaction, ids: Ids, now: Now
) -> Response:
    """Say what freezing does, and which month it is about."""
    month = previous_month(legal_day(now))
    form = fresh(visit.reader, key=ids.new_token(), values={"month": month})
    return _page(visit, "freeze.html", {"form": form, "next": await _next_issue(session, month)})


@router.post(f"{PATH}/freeze")
async def freeze_page(
    visit: FreezingIssues, sent: SentIssue, session: Transaction, now: Now
) -> Response:
    """Fix the month's issue at the newest checkpoint."""
    state = visit.request.app.state

    async def act() -> Done:
        assert sent.model is not None
        publisher = Publisher.of(state.settings)
        wanted = Freezing(sent.model.month, publisher, state.anchor, sent.model.early)
        row = await freeze(session, wanted, by=visit.caller.name, now=now)
        said = Words(f"{row.number} 已定稿，正在生成文件。", f"{row.number} is frozen.")
        return Done(f"{PATH}/issues/{row.number}", said)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    following = await _next_issue(session, previous_month(legal_day(now)))
    return _page(visit, "freeze.html", {"form": sent.view(visit.reader), "next": following})


@router.get(f"{PATH}/issues/{{number}}")
async def issue_page(visit: Reading, number: Number, session: Transaction, ids: Ids) -> Response:
    """One issue with its editions and errata."""
    return await _issue(visit, number, session, fresh(visit.reader, key=ids.new_token()))


@router.post(f"{PATH}/issues/{{number}}")
async def correct_page(
    visit: Correcting, number: Number, sent: SentErratum, session: Transaction, now: Now
) -> Response:
    """Publish a correction beside the issue."""

    async def act() -> Done:
        assert sent.model is not None
        by = visit.caller.name
        await add_erratum(session, number, sent.model.correction(), by=by, now=now)
        return Done(f"{PATH}/issues/{number}", Words("勘误已增补。", "The erratum was added."))

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    return await _issue(visit, number, session, sent.view(visit.reader))


async def _issue(visit: Visit, number: str, session: AsyncSession, form: FormView) -> Response:
    found = await find_issue(session, number)
    says = visit.reader.says
    fields = [(name, says(ERRATUM_FIELDS[name])) for name in get_args(ErratumField)]
    facts = {
        "issue": found,
        "state": says(ISSUE_STATES[found.state]),
        "errata": [one.facts | {"by": one.added_by} for one in await read_errata(session, number)],
        "fields_of": fields,
        "field_titles": dict(fields),
        "form": form,
        "may_correct": _may(visit, Permission.CORRECT_ISSUES),
    }
    return _page(visit, "desk_issue.html", facts)


async def _next_issue(session: AsyncSession, month: str) -> NextIssue:
    published = select(func.count()).where(catalogue_listing.c.state == "published")
    frozen = await list_issues(session, limit=1)
    number = number_of(month)
    is_frozen = bool(frozen) and frozen[0].row.number >= number
    return NextIssue(month, number, is_frozen, await session.scalar(published) or 0)


def _copies(request: Request) -> dict[str, Any]:
    """The snapshot and the index of this machine."""
    snapshots: SnapshotFolder = request.app.state.snapshots
    folder = index_folder(request.app.state.settings)
    current = folder.current()
    reached = None if current is None else read_reached(current)
    size = round(folder.bytes() / _MIB, 1)
    return {"snapshot": snapshots.latest(), "reached": reached, "index_mib": size}


def _may(visit: Visit, permission: Permission) -> bool:
    policy: AccessPolicy = visit.request.app.state.access_policy
    return policy.allows(visit.caller, permission)


def _page(visit: Visit, template: str, facts: dict[str, Any]) -> Response:
    form = facts.get("form")
    status = 422 if form is not None and form.errors else 200
    page = f"main_platform.console:{template}"
    return show_page(visit, page, facts, words=CATALOGUE_WORDS, status=status)
