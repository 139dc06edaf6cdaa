"""The first page of the console: what waits, oldest first, and what is about to go wrong."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Response
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.queue_rows import QueueDepth, queue_depth, read_held
from main_platform.console.callers import ReadingReviews, looking, may, promise_of
from main_platform.console.dashboard_words import DASHBOARD_WORDS, TILE_WORDS
from main_platform.console.proposals import count_proposals
from main_platform.console.row_view import Looking, age_text, row_views
from main_platform.console.static_files import console_version
from main_platform.review.backlog import (
    MOST_COUNTED,
    Backlog,
    Queue,
    count_unlogged_changes,
    read_backlog,
)
from main_platform.review.outlived import KEY_SUSPECT
from main_platform.review.queue import QueueOrder, ReviewFilter, list_reviews
from main_platform.review.states import ReviewState
from main_platform.staff.permissions import Permission
from shared_platform.alarms.alarms import open_alarms
from shared_platform.alarms.codes import alarm_row
from shared_platform.database.transaction import Now, Transaction
from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words, halves
from shared_schema.region import region_name

router = APIRouter(include_in_schema=False)
PATH: Final = "/console"
_OLDEST: Final = 8
_HELD: Final = 20
_LANES: Final = {
    "waiting": "/console/reviews?lane=free",
    "mine": "/console/reviews?lane=mine",
    "claimed": "/console/reviews?lane=claimed",
    "second_review": "/console/reviews?lane=second",
    "conflict_hold": "/console/conflicts",
    "suspect": "/console/reviews?lane=open",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that is a link. `of`: what is to be said about it; `lateness` as of a row."""

    title: str
    number: str
    address: str
    of: str
    lateness: str


@dataclass(frozen=True, slots=True)
class AlarmView:
    """An alarm that stands, with what to do."""

    title: str
    detail: str
    remedy: str
    subject: str
    since: str
    is_critical: bool


@router.get(PATH)
async def dashboard_page(visit: ReadingReviews, session: Transaction, now: Now) -> Response:
    """What waits for whom."""
    reader, look = visit.reader, await looking(visit, session, now=now)
    backlog = await read_backlog(
        session, by=look.by, region=visit.region, promise=look.promise, now=now
    )
    waiting = ReviewFilter(states=frozenset({ReviewState.WAITING}), region=visit.region)
    oldest = await list_reviews(session, waiting, limit=_OLDEST, order=QueueOrder.OLDEST)
    watches = may(visit, Permission.READ_NODES) and visit.region is None
    depth = await queue_depth(session) if watches else None
    alarms = [_alarm(row, visit.reader) for row in await open_alarms(session)] if watches else []
    held = await read_held(session, limit=_HELD) if watches else []
    tiles = _review_tiles(backlog, visit, look)
    if depth is not None:
        tiles += await _office_tiles(visit, session, depth, look=look, alarms=len(alarms))
    facts = {
        "tiles": tiles,
        "rows": row_views(oldest.rows, look),
        "alarms": alarms,
        "watches": watches,
        "held": [
            (
                reader.link(f"/console/held-entries/{one.id}"),
                one.refusal.code,
                reader.says(halves(one.refusal.detail)),
                local_time(one.held_at),
            )
            for one in held
        ],
        "opens_held": may(visit, Permission.WITHDRAW_LISTINGS),
        "promise_days": promise_of(visit.request).days,
        "region": region_name(visit.region, visit.reader.lang) if visit.region else "",
        "console_version": console_version(),
    }
    return show_page(visit, "main_platform.console:dashboard.html", facts, words=DASHBOARD_WORDS)


def _review_tiles(backlog: Backlog, visit: Visit, look: Looking) -> list[Tile]:
    names = ["waiting", "claimed", "second_review", "conflict_hold"]
    if may(visit, Permission.DECIDE_REVIEWS):
        names.insert(0, "mine")
    if backlog.suspect.count:
        names.append("suspect")
    tiles = [_queue_tile(name, getattr(backlog, name), look) for name in names]
    if may(visit, Permission.CONFIRM_DECISIONS):
        tiles.insert(0, _queue_tile("to_confirm", backlog.to_confirm, look))
    return tiles


def _queue_tile(name: str, queue: Queue, look: Looking) -> Tile:
    reader = look.reader
    address = _LANES.get(name, "/console/second-looks")
    path, _, query = address.partition("?")
    said, lateness = _said_of(queue, look)
    number = str(queue.count)
    if queue.is_more:
        number = reader.says(DASHBOARD_WORDS["at_least"]).format(f"{MOST_COUNTED:,}")
    pairs = [("lane", query.partition("=")[2])] if query else []
    if name == "suspect":
        pairs += [("finding", KEY_SUSPECT)]
    elif query and lateness:
        pairs += [("age", lateness)]
    return Tile(reader.says(TILE_WORDS[name]), number, reader.link(path, pairs), said, lateness)


def _said_of(queue: Queue, look: Looking) -> tuple[str, str]:
    """What to say of a queue, and whether something in it is late or due."""
    reader = look.reader
    if queue.oldest is None:
        return "", ""
    if queue.late:
        return reader.says(DASHBOARD_WORDS["is_late"]).format(queue.late), "late"
    if queue.due:
        return reader.says(DASHBOARD_WORDS["is_due"]).format(queue.due), "due"
    age = age_text(queue.oldest, reader, now=look.now)
    return reader.says(DASHBOARD_WORDS["oldest_since"]).format(age), ""


async def _office_tiles(
    visit: Visit, session: AsyncSession, depth: QueueDepth, *, look: Looking, alarms: int
) -> list[Tile]:
    """What the whole office looks at: proposals, withdrawals, the queue, alarms."""
    reader = visit.reader
    changes, since = await count_unlogged_changes(session)
    proposals = await count_proposals(session, visit)
    oldest = [(depth.oldest, "queue"), (since, "withdrawals")]
    ages = {
        name: reader.says(DASHBOARD_WORDS["oldest_since"]).format(
            age_text(at, reader, now=look.now)
        )
        for at, name in oldest
        if at is not None
    }
    counted = [
        ("proposals", proposals, "/console/second-looks", "due" if proposals else ""),
        ("withdrawals", changes, "/console/withdrawals", ""),
        ("queue", depth.waiting, "/console/reviews?lane=decided", ""),
        ("held", depth.held, "/console#held", "due" if depth.held else ""),
        ("alarms", alarms, "/console#alarms", "late" if alarms else ""),
    ]
    return [
        Tile(
            reader.says(TILE_WORDS[name]),
            str(count),
            _link(reader, address),
            ages.get(name, ""),
            lateness,
        )
        for name, count, address, lateness in counted
    ]


def _link(reader: Reader, address: str) -> str:
    path, mark, fragment = address.partition("#")
    path, _, query = path.partition("?")
    name, _, value = query.partition("=")
    return reader.link(path, [(name, value)] if query else []) + mark + fragment


def _alarm(row: Row[Any], reader: Reader) -> AlarmView:
    known = alarm_row(row.code)
    title = Words(known.title_zh, known.title_en) if known else Words(row.code, row.code)
    remedy = Words(known.remedy_zh, known.remedy_en) if known else Words("", "")
    return AlarmView(
        reader.says(title),
        reader.says(halves(row.detail)),
        reader.says(remedy),
        row.subject,
        local_time(row.raised_at),
        is_critical=known is not None and known.is_critical,
    )
