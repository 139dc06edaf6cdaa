"""Cards over HTTP: the search in ready words, for pages that only print."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from shared_platform.catalogue.page_cursor import CursorRefused
from shared_platform.database.transaction import Now
from shared_platform.embeds.cards import CardPage, card_page, read_shown
from shared_platform.embeds.parameters import CardSearch
from shared_platform.search.index import IndexBeingMade
from shared_platform.transport.conditional import UNCHANGED
from shared_platform.transport.problem_documents import problems
from shared_schema.instants import legal_day

router = APIRouter(prefix="/api/v1/catalogue", tags=["catalogue"])
_CACHING: Final = "public, max-age=60"  # a withdrawal is gone from every site within minutes
CARDS_EXAMPLE: Final[dict[str, Any]] = {
    "items": [
        {
            "listing": "019a0000-0000-7000-8000-000000000001",
            "url": "https://hub.example/listings/019a0000-0000-7000-8000-000000000001",
            "heading": "一种示例装置",
            "number": "ZL 2017 1 0601862.3",
            "holders": ["示例大学"],
            "fee": "一次总付 20,000 元",
            "fee_note": "",
            "period": "2026-01-01 至 2028-12-31",
            "days_left": 770,
            "days_left_text": "还剩 770 天",
            "is_ending_soon": False,
            "version": 1,
            "serial": 120,
            "statement_hash": "5f" * 32,
            "state": "published",
            "state_text": "开放许可中",
            "notes": [],
            "facts": ["ZL 2017 1 0601862.3", "发明", "全国", "2026-01-01 至 2028-12-31"],
            "items": [{"title": "发明名称", "text": "一种示例装置"}],
        }
    ],
    "total": 1,
    "total_text": "共 1 项许可",
    "next": None,
    "log_size": 5000,
    "catalogue_url": "https://hub.example/",
}


@router.get(
    "/cards",
    summary="列表文字 / the search as cards in words",
    response_class=Response,
    responses={
        200: {
            "model": CardPage,
            "description": "成功 / found",
            "content": {"application/json": {"example": CARDS_EXAMPLE}},
        },
        **UNCHANGED,
        **problems(CursorRefused, IndexBeingMade),
    },
)
async def cards(request: Request, asked: Annotated[CardSearch, Query()], now: Now) -> Response:
    """Listings in ready words of one language: titles, fees, periods and states as pages say them.

    For pages that print and do not compute; `search` gives the same listings as data.
    """
    shown = await read_shown(request, asked, today=legal_day(now))
    page = card_page(shown, asked, base=request.app.state.settings.base_url)
    fields = {"cache-control": _CACHING}
    return Response(page.model_dump_json(), media_type="application/json", headers=fields)
