"""The network around the catalogue: nodes, boards, statistics; counts come from the index."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final, cast

import orjson
from fastapi import APIRouter, Query, Request, Response

from shared_platform.catalogue.listing_query import ListingQuery
from shared_platform.catalogue.reading import list_listings, reading
from shared_platform.database.transaction import Now
from shared_platform.public_pages.boards import Board
from shared_platform.public_pages.embedding import embedding
from shared_platform.public_pages.frame import show
from shared_platform.public_pages.known_nodes import KnownNodes
from shared_platform.public_pages.listing_view import listing_view, local_day
from shared_platform.public_pages.reader import Reader, Reading
from shared_platform.public_pages.search_address import search_pairs
from shared_platform.public_pages.search_results import look_up, read_results
from shared_platform.public_pages.search_view import ValueWords, place
from shared_platform.public_pages.site import Site
from shared_platform.search.counting import Counts, FacetValues
from shared_platform.search.index import IndexBeingMade
from shared_platform.search.parameters import SearchPage
from shared_platform.search.search import Searching
from shared_platform.search.search_query import SearchQuery
from shared_platform.transport.problems import NoSuchPath
from shared_schema.bilingual import Words
from shared_schema.instants import legal_day
from shared_schema.key_directory import NodeRecord, NodeState
from shared_schema.region import COUNTRY, region_name

router = APIRouter(include_in_schema=False)
_LAST: Final = 2**63 - 1
_NODE_STATES: Final[Mapping[NodeState, Words]] = {
    "active": Words("正常", "active"),
    "suspended": Words("已暂停", "suspended"),
    "retired": Words("已退出", "retired"),
}
_FIGURES: Final = (
    "kind",
    "fee_mode",
    "start",
    "fee_band",
    "holder_kind",
    "holder_region",
    "industry",
    "origin",
)
_MOST_ROWS: Final = 10
_NATIONWIDE: Final = Words("全国", "nationwide")
Cursor = Annotated[str | None, Query(max_length=100)]


class NoSuchNode(NoSuchPath):
    """The log has never enrolled this node."""


class NoSuchBoard(NoSuchPath):
    """The service has no board of this name."""


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node as the log knows it, and how many of its offers are open."""

    id: str
    name: str
    regions: str
    since: str
    state: str
    state_word: str
    count: int
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One value of a table of figures; `share` of the greatest value, in per cent."""

    word: str
    url: str
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class FigureTable:
    """One table of figures."""

    title: str
    rows: tuple[FigureRow, ...]


@router.get("/nodes")
async def nodes_page(request: Request, now: Now, reader: Reading) -> Response:
    """The nodes, in the order in which they joined."""
    counts = await _counts(request, today=legal_day(now))
    nodes, here = await _fresh_nodes(request), request.app.state.site.node
    records = sorted(nodes.directory.nodes.values(), key=lambda record: record.enrolled_at)
    offers = dict(counts.get("origin", ())) if counts else {}
    views = [
        replace(_node_view(one, nodes, reader, counts=offers), is_here=one.node == here)
        for one in records
    ]
    facts = {"nodes": views, "is_counted": counts is not None}
    return show(request, "nodes.html", facts, reader=reader)


@router.get("/nodes/{node}")
async def node_page(
    request: Request, node: str, now: Now, reader: Reading, cursor: Cursor = None
) -> Response:
    """A node and its open offers.

    Raises:
        NoSuchNode: the log has never enrolled it.
    """
    today = legal_day(now)
    counts = await _counts(request, today=today)
    query = ListingQuery(origin=node, cursor=cursor)
    async with reading(request.app.state.sessions) as connection:
        nodes: KnownNodes = request.app.state.site.nodes
        await nodes.refresh(connection)
        record = nodes.record(node)
        if record is None:
            raise NoSuchNode("没有这个节点 / there is no such node")
        found = orjson.loads((await list_listings(connection, query, today=today)).body)
    path = f"/nodes/{node}"
    facts = {
        "node": _node_view(record, nodes, reader, counts=dict((counts or {}).get("origin", ()))),
        "is_counted": counts is not None,
        "listings": [listing_view(one, reader, today=today) for one in found["items"]],
        "next_url": _following(reader, path, found["next"]),
        "first_url": reader.link(path) if cursor else None,
    }
    return show(request, "node.html", facts, reader=reader)


@router.get("/boards")
async def boards_page(request: Request, now: Now, reader: Reading) -> Response:
    """The boards of this service, each with its count."""
    site: Site = request.app.state.site
    searching: Searching = request.app.state.searching
    counts = await asyncio.to_thread(_board_counts, searching, site.boards, legal_day(now))
    facts = {"boards": site.boards, "counts": counts}
    return show(request, "boards.html", facts, reader=reader)


@router.get("/boards/{board}")
async def board_page(
    request: Request, board: str, now: Now, reader: Reading, cursor: Cursor = None
) -> Response:
    """One board: its search, shown as it stands.

    Raises:
        NoSuchBoard: this service has none of that name.
    """
    state, today = request.app.state, legal_day(now)
    found = next((one for one in state.site.boards if one.id == board), None)
    if found is None:
        raise NoSuchBoard("没有这个专栏 / there is no such board")
    asked = SearchPage.model_validate(dict(found.search) | {"cursor": cursor})
    looked = await look_up(state.searching, asked, today=today)
    async with reading(state.sessions) as connection:
        results = await read_results(connection, looked, asked, today=today)
    path = f"/boards/{board}"
    facts = {
        "board": found,
        "results": results,
        "listings": [listing_view(one, reader, today=today) for one in results.items],
        "search_url": reader.link("/", search_pairs(asked)),
        "embedding": embedding(request, reader, reader.link(path), chosen=search_pairs(asked)),
        "next_url": _following(reader, path, results.next),
        "first_url": reader.link(path) if cursor else None,
    }
    return show(request, "board.html", facts, reader=reader)


@router.get("/statistics")
async def statistics_page(request: Request, now: Now, reader: Reading) -> Response:
    """How many offers are open, by kind, payment, region and so on."""
    counts = await _counts(request, today=legal_day(now))
    words = ValueWords(reader, await _fresh_nodes(request))
    tables = [_figures(name, counts[name], words) for name in _FIGURES] if counts else []
    total = sum(count for _, count in counts["kind"]) if counts else 0
    shown = [table for table in tables if table.rows]
    return show(request, "statistics.html", {"tables": shown, "total": total}, reader=reader)


async def _counts(request: Request, *, today: date) -> Counts | None:
    """The facets of all open offers; None while the index is being made."""
    searching: Searching = request.app.state.searching
    try:
        return await asyncio.to_thread(searching.facets, SearchQuery(), today=today)
    except IndexBeingMade:
        return None


def _board_counts(searching: Searching, boards: Sequence[Board], today: date) -> dict[str, int]:
    try:
        return {one.id: searching.count(one.search.query(), today=today) for one in boards}
    except IndexBeingMade:
        return {}


async def _fresh_nodes(request: Request) -> KnownNodes:
    nodes: KnownNodes = request.app.state.site.nodes
    async with reading(request.app.state.sessions) as connection:
        await nodes.refresh(connection)
    return nodes


def _node_view(
    record: NodeRecord, nodes: KnownNodes, reader: Reader, *, counts: Mapping[str, int]
) -> NodeView:
    state = cast(NodeState, record.state_at(_LAST))
    since = nodes.since(record)
    regions = [_region(code, reader) for code in record.scope.regions]
    return NodeView(
        record.node,
        reader.says(nodes.name(record.node)),
        reader.says(Words("、", ", ")).join(regions),
        local_day(since) if since else "—",
        state,
        reader.says(_NODE_STATES[state]),
        counts.get(record.node, 0),
    )


def _region(code: str, reader: Reader) -> str:
    return reader.says(_NATIONWIDE) if code == COUNTRY else region_name(code, reader.lang)


def _figures(name: str, counted: FacetValues, words: ValueWords) -> FigureTable:
    most = max((count for _, count in counted), default=1)
    rows = tuple(
        FigureRow(
            words.of(name, value),
            words.reader.link("/", [(name, value)]),
            count,
            round(100 * count / most),
        )
        for value, count in sorted(counted, key=lambda one: place(*one))[:_MOST_ROWS]
    )
    return FigureTable(words.title(name), rows)


def _following(reader: Reader, path: str, cursor: str | None) -> str | None:
    return None if cursor is None else reader.link(path, [("cursor", cursor)])
