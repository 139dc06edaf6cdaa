"""The public changes of the catalogue: what a portal asks for to stay level."""

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response

from shared_platform.catalogue.changes import Place, read_changes
from shared_platform.catalogue.page_cursor import CursorRefused
from shared_platform.catalogue.reading import reading
from shared_platform.catalogue.route_examples import LISTING_EXAMPLE
from shared_platform.database.transaction import Now
from shared_platform.transport.conditional import UNCHANGED
from shared_platform.transport.problem_documents import problems
from shared_schema.instants import legal_day

MAX_CHANGES: Final = 1_000
CHANGES_EXAMPLE: Final[dict[str, Any]] = {
    "items": [LISTING_EXAMPLE],
    "next": Place(120, 118).write(),
    "log_size": 5000,
    "is_last": True,
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "成功 / found",
        "content": {"application/json": {"schema": {"type": "object"}, "example": CHANGES_EXAMPLE}},
    },
    **UNCHANGED,
    **problems(CursorRefused),
}

router = APIRouter(prefix="/api/v1/catalogue", tags=["catalogue"])


@router.get(
    "/changes",
    summary="变化 / listings that changed since a cursor",
    response_class=Response,
    responses=_ANSWERS,
)
async def get_changes(
    request: Request,
    now: Now,
    cursor: Annotated[
        str | None,
        Query(max_length=100, description="上次的 next；没有即从头 / the last `next`; none: all"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_CHANGES)] = 200,
) -> Response:
    """Listings in the order of their last change, each as it stands now; withdrawn ones too.

    Keep `next` for the next time: it never expires. `is_last` says that nothing follows for now.
    """
    after = Place() if cursor is None else Place.read(cursor)
    async with reading(request.app.state.sessions) as connection:
        page = await read_changes(connection, after, limit=limit, today=legal_day(now))
    rest = {"next": page.next.write(), "log_size": page.log_size, "is_last": page.is_last}
    items = b",".join(one.body for one in page.listings)
    return Response(
        b'{"items":[%b],%b' % (items, orjson.dumps(rest)[1:]),
        media_type="application/json",
        headers={"cache-control": "public, no-cache"},
    )
