"""After any history the index says what the tables say: which listings, in which order, how many.

The expectation is worked out from the rows alone, by other code than the index's.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from shared_platform.catalogue.listing_query import ShownState
from shared_platform.catalogue.rebuild import rebuild_projection
from shared_platform.database.engine import Database
from shared_platform.search.digest import index_digest
from shared_platform.search.search_query import SearchQuery, Sort
from tests.shared_platform.catalogue_copies import empty, follow, make_tables
from tests.shared_platform.hub_log_peer import Change, Offered, a_number
from tests.shared_platform.search_places import Library
from tests.shared_schema.offers import a_declaration, paying

EVENTS = ("offer", "again", "withdraw", "suspend", "resume", "erase", "level", "rebuild", "remake")
DAYS = (date(2026, 3, 1), date(2027, 7, 1), date(2031, 1, 1))
STATES = (*ShownState,)
UNKNOWN_FEE = 2**31
Event = tuple[str, int]


@dataclass(frozen=True)
class Row:
    """A listing as the tables have it."""

    serial: int
    state: str
    end: date | None
    origin: str
    items: dict[str, Any] | None

    def shown(self, day: date) -> str:
        ended = self.state != "withdrawn" and self.end is not None and self.end < day
        return "expired" if ended else self.state

    @property
    def payment(self) -> dict[str, Any]:
        found: dict[str, Any] = (self.items or {}).get("fee", {}).get("payment", {"mode": None})
        return found

    @property
    def yuan(self) -> int:
        sums: dict[str, int | None] = {
            "free": 0,
            "lump_sum": (self.payment.get("amount_fen") or 0) // 100,
        }
        found = sums.get(self.payment["mode"])
        return UNKNOWN_FEE if found is None else found


@pytest.fixture
async def database(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


async def rows_of(database: Database) -> list[Row]:
    columns = "first_serial, state, period_end, origin, items_json"
    async with database.sessions() as session:
        found = await session.execute(text(f"SELECT {columns} FROM catalogue_listing"))
        return [
            Row(serial, state, end, origin, orjson.loads(items) if items else None)
            for serial, state, end, origin, items in found
        ]


class History:
    """What happens to a library, each event told by its name and a number."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.offers: list[Offered] = []

    async def happen(self, what: str, which: int) -> None:
        match what:
            case "level":
                await self.library.level()
            case "rebuild":
                await follow(self.library.database, self.library.federation.hub)
                await self.library.keeper.rebuild()
            case "remake":
                await follow(self.library.database, self.library.federation.hub)
                async with self.library.database.sessions.begin() as session:
                    await rebuild_projection(session)
            case _:
                self._change(what, which)

    def _change(self, what: str, which: int) -> None:
        federation = self.library.federation
        if what == "offer" or not self.offers:
            terms = varied(which)
            self.offers.append(self.library.offer(a_number(which), f"装置 {which % 5} 号", **terms))
            return
        offered = self.offers[which % len(self.offers)]
        match what:
            case "again":
                patent = {"application_number": offered.number, "kind": "invention", "title": "新"}
                declaration = a_declaration(**({"patent": patent} | varied(which)))
                federation.offer_again(offered, declaration=declaration)
            case "erase":
                federation.erase(offered.versions[-1])
            case "withdraw" | "suspend" | "resume":
                change: Change = what
                federation.change(offered, change)
            case _:
                raise AssertionError(what)


def varied(which: int) -> dict[str, Any]:
    payments: tuple[dict[str, Any], ...] = (
        {"mode": "free"},
        {"mode": "lump_sum", "amount_fen": 100_00 * (which % 7 + 1), "due_days": 30},
        {"mode": "royalty", "royalty": {"base": "net_sales", "rate_percent": "3"}},
    )
    return paying(payments[which % 3]) | {"period": {"end": f"{2026 + which % 4}-12-31"}}


def pages(library: Library, query: SearchQuery, day: date) -> list[int]:
    """All pages of three, one after another."""
    found: list[int] = []
    cursor: str | None = None
    while True:
        page = library.searching.find(query, cursor=cursor, limit=3, today=day)
        found += page.serials
        cursor = page.next
        if cursor is None:
            assert page.total == len(found)
            return found


def in_order(rows: Sequence[Row], sort: Sort) -> list[int]:
    by_value: dict[Sort, Callable[[Row], int]] = {
        Sort.FEE: lambda row: row.yuan,
        Sort.EXPIRY: lambda row: (row.end or date.max).toordinal(),
    }
    value = by_value.get(sort)  # without words the newest goes first
    ordered = sorted(rows, key=lambda row: (value(row) if value else 0, -row.serial))
    return [row.serial for row in ordered]


def counted(rows: Sequence[Row]) -> dict[str, Counter[str]]:
    known = [(row.payment["mode"], row.items) for row in rows if row.items is not None]
    return {
        "origin": Counter(row.origin for row in rows),
        "kind": Counter("invention" for _ in rows),
        "fee_mode": Counter(mode for mode, _ in known),
    }


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 50)), min_size=6, max_size=30))
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_results_orders_and_counts_are_those_of_the_tables(
    database: Database, tmp_path_factory: pytest.TempPathFactory, history: list[Event]
) -> None:
    await empty(database)
    library = Library.at(database, tmp_path_factory.mktemp("index"))
    told = History(library)
    for what, which in history:
        await told.happen(what, which)
    await library.level()
    followed = index_digest(library.searching.opened())
    rows = await rows_of(database)

    for day in DAYS:
        for state in STATES:
            of_state = [row for row in rows if state is ShownState.ALL or row.shown(day) == state]
            for sort in Sort:
                query = SearchQuery(state=state, sort=sort)
                assert pages(library, query, day) == in_order(of_state, sort), (day, query)
            facets = library.searching.facets(SearchQuery(state=state), today=day)
            for name, values in counted(of_state).items():
                assert dict(facets[name]) == values, (day, state, name)

    await library.keeper.rebuild()
    assert index_digest(library.searching.opened()) == followed
