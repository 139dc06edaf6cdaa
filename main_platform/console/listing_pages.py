"""One screen that answers "where is listing X?", for every state it can be in."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from main_platform.console.listing_traces import read_traces
from main_platform.console.listing_view import whereabouts
from main_platform.console.listing_words import LISTING_WORDS
from main_platform.review.find_listings import MOST, find_listings
from main_platform.review.timeline import read_timeline
from main_platform.staff.permissions import Permission
from shared_platform.database.transaction import Now, Transaction
from shared_platform.workspace.submit_once import see_other
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.patent_number import print_patent_number

router = APIRouter(include_in_schema=False)
_reading = Depends(page_caller_with(Permission.READ_REVIEWS), scope="function")
ReadingReviews = Annotated[Visit, _reading]
PATH: Final = "/console/listings"


@router.get(PATH)
async def where_page(
    visit: ReadingReviews,
    session: Transaction,
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Find listings; a single one is opened at once."""
    found = await find_listings(session, q) if q.strip() else None
    if found is not None and len(found.rows) == 1:
        return see_other(visit.reader.link(f"{PATH}/{found.rows[0].listing}"))
    facts = {"printed": print_patent_number, "asked": q, "found": found, "most": MOST}
    return show_page(visit, "main_platform.console:where.html", facts, words=LISTING_WORDS)


@router.get(f"{PATH}/{{listing}}")
async def listing_page(
    visit: ReadingReviews, listing: UUID, session: Transaction, now: Now
) -> Response:
    """Where this one is, what happens next, and its whole history."""
    timeline = await read_timeline(session, listing)
    traces = await read_traces(session, timeline)
    last = next((one.review for one in reversed(timeline.versions) if one.review), None)
    facts = {
        "timeline": timeline,
        "number": print_patent_number(timeline.listing.application_number),
        "last": last,
        "found": whereabouts(timeline, traces, reader=visit.reader, now=now),
    }
    return show_page(visit, "main_platform.console:whereabouts.html", facts, words=LISTING_WORDS)
