"""The address of OAI-PMH, by GET and by POST (§3.1.1)."""

import asyncio
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from shared_platform.catalogue.reading import reading
from shared_platform.database.transaction import Now
from shared_platform.harvest.answers import Repository, answer
from shared_platform.harvest.sets import ListedSet, listed_sets
from shared_platform.look.look import shown_settings
from shared_platform.search.index import IndexBeingMade
from shared_platform.transport.problem_documents import problems
from shared_schema.instants import Instant, legal_day

_XML: Final = "text/xml; charset=utf-8"
_MAX_PARAMETERS: Final = 20
_SCHEMA: Final = Path(__file__).parent / "public-listing.xsd"
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "OAI-PMH 2.0；错误也以 200 回答 / errors are answered with 200 too",
        "content": {"text/xml": {"schema": {"type": "string"}, "example": "<OAI-PMH>…</OAI-PMH>"}},
    },
    **problems(IndexBeingMade),
}

router = APIRouter(tags=["harvest"])


@router.get("/oai", summary="OAI-PMH 2.0", response_class=Response, responses=_ANSWERS)
async def harvest(request: Request, now: Now) -> Response:
    """Harvest the catalogue: verbs, arguments and errors as in OAI-PMH 2.0."""
    return await _answered(request, request.url.query, now)


@router.post("/oai", summary="OAI-PMH 2.0", response_class=Response, responses=_ANSWERS)
async def harvest_by_form(request: Request, now: Now) -> Response:
    """The same with the arguments as a form (`application/x-www-form-urlencoded`)."""
    return await _answered(request, (await request.body()).decode("ascii", "replace"), now)


@router.get("/oai/public-listing.xsd", include_in_schema=False)
async def schema() -> FileResponse:
    """The XML schema of the `kaixu` format."""
    return FileResponse(_SCHEMA, media_type="application/xml")


async def _answered(request: Request, query: str, now: Instant) -> Response:
    given = _read(query)
    settings = shown_settings(request)
    sets: list[ListedSet] = []
    if ("verb", "ListSets") in given:
        searching = request.app.state.searching
        sets = await asyncio.to_thread(listed_sets, searching, today=legal_day(now))
    repository = Repository(
        settings.name_zh,
        settings.base_url,
        urlsplit(settings.base_url).hostname or "localhost",
        settings.contact_email,
        sets,
    )
    async with reading(request.app.state.sessions) as connection:
        document = await answer(connection, given, repository, now=now)
    return Response(document, media_type=_XML, headers={"cache-control": "public, no-cache"})


def _read(query: str) -> list[tuple[str, str]]:
    """The parameters; too many of them are no verb."""
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        return []
