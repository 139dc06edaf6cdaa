"""The review queue: filters in the address, pages by cursor, claim and release, the next one."""

from dataclasses import dataclass, replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.console.callers import DecidingReviews, ReadingReviews, looking, may, promise_of
from main_platform.console.next_waiting import next_waiting
from main_platform.console.queue_query import AskedQueue, Lane, QueueQuery
from main_platform.console.queue_words import EMPTY_WORDS, LANE_WORDS, QUEUE_WORDS
from main_platform.console.row_view import row_views
from main_platform.console.static_files import console_version
from main_platform.review.errors import ReviewStateConflict, StaleReview
from main_platform.review.outlived import KEY_SUSPECT
from main_platform.review.queue import claim_review, list_reviews, release_review
from main_platform.staff.permissions import Permission
from shared_platform.database.transaction import Now, Transaction
from shared_platform.public_pages.listing_view import KIND_WORDS
from shared_platform.public_pages.reader import Reader
from shared_platform.sign_in.browser_sessions import add_notice
from shared_platform.workspace.local_path import local_path, with_reader
from shared_platform.workspace.submit_once import see_other
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words, halves
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import Instant
from shared_schema.region import region_name
from shared_schema.rules import RULE_TABLE

router = APIRouter(include_in_schema=False)
PATH: Final = "/console/reviews"
_PAGE: Final = 50
_LANES: Final[tuple[Lane, ...]] = (
    "free",
    "mine",
    "claimed",
    "second",
    "conflict",
    "open",
    "decided",
)
Back = Annotated[str, Form(alias="back", max_length=1_000)]


@dataclass(frozen=True, slots=True)
class LaneView:
    """One lane as a link."""

    address: str
    title: str
    is_current: bool


@router.get(PATH)
async def queue_page(
    visit: ReadingReviews, asked: AskedQueue, session: Transaction, now: Now
) -> Response:
    """One page of what waits, or of what was decided."""
    reader, promise = visit.reader, promise_of(visit.request)
    wanted = asked.wanted(by=visit.caller.name, region=visit.region, promise=promise, now=now)
    page = await list_reviews(
        session, wanted, after=asked.after, limit=_PAGE, order=asked.queue_order
    )
    look = await looking(visit, session, now=now)
    decides = may(visit, Permission.DECIDE_REVIEWS)
    confirms = may(visit, Permission.CONFIRM_DECISIONS)
    facts = {
        "rows": row_views(page.rows, look),
        "asked": asked,
        "lanes": [_lane(one, asked, reader) for one in _LANES],
        "nodes": [(node, reader.says(name)) for node, name in look.nodes.items()],
        "number_error": _number_error(asked, reader),
        "rules": [(code, code) for code in (*RULE_TABLE, KEY_SUSPECT)],
        "kinds": {name: reader.says(words) for name, words in KIND_WORDS.items()},
        "decides": decides,
        "confirms": confirms,
        "picks": (decides and asked.lane in {"free", "mine", "open"})
        or (confirms and asked.lane == "second"),
        "empty": reader.says(EMPTY_WORDS[asked.lane]),
        "here_again": _address(asked, reader, after=asked.after),
        "first_page": _address(asked, reader) if asked.after else None,
        "more": _address(asked, reader, after=page.next) if page.next else None,
        "next_url": reader.link(f"{PATH}/next", asked.pairs()),
        "cleared": _address(QueueQuery(asked.lane), reader),
        "region": region_name(visit.region, reader.lang) if visit.region else "",
        "console_version": console_version(),
    }
    return show_page(visit, "main_platform.console:queue.html", facts, words=QUEUE_WORDS)


@router.get(f"{PATH}/next")
async def go_to_next(
    visit: ReadingReviews,
    asked: AskedQueue,
    session: Transaction,
    now: Now,
    past: UUID | None = None,
) -> Response:
    """Lead to the next one that waits, after `past`; to the queue when none does."""
    wanted = asked.wanted(
        by=visit.caller.name, region=visit.region, promise=promise_of(visit.request), now=now
    )
    found = await next_waiting(session, wanted, past=past, order=asked.queue_order)
    if found is None:
        return see_other(_address(replace(asked, after=None), visit.reader))
    return see_other(visit.reader.link(f"{PATH}/{found}", asked.pairs()))


@router.post(f"{PATH}/{{review}}/claim")
async def claim(
    visit: DecidingReviews, review: UUID, session: Transaction, now: Now, back: Back = ""
) -> Response:
    """Take a waiting review into one's hands; claiming it again changes nothing."""
    return await _take(visit, review, session, now=now, back=back, releases=False)


@router.post(f"{PATH}/{{review}}/release")
async def release(
    visit: DecidingReviews, review: UUID, session: Transaction, now: Now, back: Back = ""
) -> Response:
    """Put a claimed review back."""
    return await _take(visit, review, session, now=now, back=back, releases=True)


async def _take(
    visit: Visit, review: UUID, session: AsyncSession, *, now: Instant, back: str, releases: bool
) -> Response:
    """Claim or release; what is refused is said on the page that one comes back to."""
    use_case = release_review if releases else claim_review
    said = QUEUE_WORDS["released" if releases else "claimed"]
    try:
        await use_case(session, review, by=visit.caller.name, now=now)
    except (ReviewStateConflict, StaleReview) as refusal:
        said = halves(refusal.detail or refusal.problem.value.title_zh)
    await add_notice(session, visit.session.id, said)
    address = local_path(back) or f"{PATH}/{review}"
    return see_other(with_reader(address, visit.reader))


def _lane(lane: Lane, asked: QueueQuery, reader: Reader) -> LaneView:
    title = reader.says(LANE_WORDS[lane])
    return LaneView(_address(asked.at(lane), reader), title, lane == asked.lane)


def _address(asked: QueueQuery, reader: Reader, *, after: UUID | None = None) -> str:
    page = [("after", str(after))] if after else []
    return reader.link(PATH, [*asked.pairs(), *page])


def _number_error(asked: QueueQuery, reader: Reader) -> str:
    try:
        asked.number_sought()
    except IdentifierRefused as refusal:
        detail = refusal.detail or ""
        words: Words = halves(detail)
        return reader.says(words)
    return ""
