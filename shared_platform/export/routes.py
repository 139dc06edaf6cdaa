"""Exports over HTTP: the search of an address as a file."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.background import BackgroundTask

from shared_platform.catalogue.reading import read_listings, reading
from shared_platform.database.transaction import Now
from shared_platform.export.columns import Profile, headings, row_of
from shared_platform.export.files import csv_lines, write_workbook
from shared_platform.search.index import IndexBeingMade
from shared_platform.search.parameters import SearchParameters
from shared_platform.search.search import Searching
from shared_platform.search.search_query import SearchQuery, Sort
from shared_platform.transport.conditional import UNCHANGED
from shared_platform.transport.problem_documents import problems
from shared_schema.bilingual import Language
from shared_schema.instants import Instant, legal_day
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

MAX_WORKBOOK_ROWS: Final = 50_000
_PAGE: Final = 100
_BOM: Final = b"\xef\xbb\xbf"  # spreadsheets take CSV for another encoding without it
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooManyRows(DomainError):
    """A workbook of so many rows would help nobody."""

    problem = ProblemType.PAYLOAD_TOO_LARGE


class ExportParameters(SearchParameters):
    """A search, the columns and their language."""

    columns: Annotated[
        Profile, Field(description="nine：九项；cnipa-min：六项 / nine items, or the plan's six")
    ] = "nine"
    lang: Language = "zh"


@dataclass(frozen=True, slots=True)
class _Export:
    """What is exported, page by page, newest listing first."""

    sessions: async_sessionmaker[AsyncSession]
    searching: Searching
    query: SearchQuery
    columns: Profile
    language: Language
    today: date

    async def pages(self) -> AsyncIterator[list[list[str]]]:
        cursor: str | None = None
        while True:
            found = await asyncio.to_thread(
                self.searching.find, self.query, cursor=cursor, limit=_PAGE, today=self.today
            )
            async with reading(self.sessions) as connection:
                listings = await read_listings(connection, found.serials, today=self.today)
            shown = [orjson.loads(listings[one]) for one in found.serials if one in listings]
            yield [row_of(one, self.columns, self.language) for one in shown]
            cursor = found.next
            if cursor is None:
                return


router = APIRouter(prefix="/api/v1/catalogue", tags=["catalogue"])


def _answers(
    media_type: str, example: str, *refusals: type[DomainError]
) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string", "format": "binary"}
    content = {media_type: {"schema": schema, "example": example}}
    return {
        200: {"description": "文件 / the file", "content": content},
        **UNCHANGED,
        **problems(IndexBeingMade, *refusals),
    }


@router.get(
    "/export.csv",
    summary="导出 CSV / the search as CSV",
    response_class=Response,
    responses=_answers("text/csv", "专利号,专利权人,发明名称"),
)
async def export_csv(
    request: Request, asked: Annotated[ExportParameters, Query()], now: Now
) -> Response:
    """All listings of the search, newest first, as CSV in UTF-8; streamed, so of any length."""
    export = _export(request, asked, now)
    await asyncio.to_thread(export.searching.count, export.query, today=export.today)

    async def lines() -> AsyncIterator[bytes]:
        yield _BOM + csv_lines([headings(export.columns, export.language)])
        async for rows in export.pages():
            yield csv_lines(rows)

    headers = _as_file("csv", export.today)
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(
    "/export.xlsx",
    summary="导出 Excel / the search as a workbook",
    response_class=Response,
    responses=_answers(_XLSX, "PK…", TooManyRows),
)
async def export_xlsx(
    request: Request, asked: Annotated[ExportParameters, Query()], now: Now
) -> Response:
    """All listings of the search as a workbook of text cells.

    Raises:
        TooManyRows: more than 50,000; CSV has no limit.
    """
    export = _export(request, asked, now)
    total = await asyncio.to_thread(export.searching.count, export.query, today=export.today)
    if total > MAX_WORKBOOK_ROWS:
        raise TooManyRows(
            f"共 {total} 条，超过 {MAX_WORKBOOK_ROWS} 条；请筛选，或导出 CSV"
            f" / {total} listings, over {MAX_WORKBOOK_ROWS}: filter, or take the CSV"
        )
    folder = Path(await asyncio.to_thread(mkdtemp, prefix="kaixu-export-"))
    file = folder / "catalogue.xlsx"
    await write_workbook(file, headings(export.columns, export.language), export.pages())
    return FileResponse(
        file,
        media_type=_XLSX,
        headers=_as_file("xlsx", export.today),
        background=BackgroundTask(_remove, file),
    )


def _export(request: Request, asked: ExportParameters, now: Instant) -> _Export:
    query = replace(asked.query(), sort=Sort.NEWEST)  # an order without an end to its pages
    state = request.app.state
    return _Export(
        state.sessions, state.searching, query, asked.columns, asked.lang, legal_day(now)
    )


def _as_file(kind: str, today: date) -> dict[str, str]:
    name = f"kaixu-catalogue-{today:%Y%m%d}.{kind}"
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "public, no-cache",
    }


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.parent.rmdir()
