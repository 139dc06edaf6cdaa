"""Results: filters, counts, orders and pages that neither repeat nor skip."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_platform.catalogue.listing_query import ShownState
from shared_platform.catalogue.page_cursor import CursorRefused
from shared_platform.database.engine import Database
from shared_platform.search.index import IndexBeingMade
from shared_platform.search.search_query import SearchQuery, Sort
from shared_schema.region import lineage
from shared_schema.territory import Territory
from tests.shared_platform.catalogue_copies import empty, make_tables
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.search_places import TODAY, Library
from tests.shared_schema.offers import paying


@pytest.fixture
async def library(empty_database: Database, tmp_path: Path) -> Library:
    await make_tables(empty_database)
    return Library.at(empty_database, tmp_path)


def lump(fen: int) -> dict[str, Any]:
    return paying({"mode": "lump_sum", "amount_fen": fen})


def until(day: str) -> dict[str, Any]:
    return {"period": {"end": day}}


async def test_before_the_first_index_a_search_says_so_and_when_to_come_back(
    library: Library,
) -> None:
    with pytest.raises(IndexBeingMade) as refused:
        library.find("装置")

    assert refused.value.retry_after_s


async def test_each_facet_counts_its_values(library: Library) -> None:
    library.offer(
        a_number(1),
        "甲",
        **lump(5_000_00),
        **until("2026-06-01"),
        territory={"include": ["44"]},
        technical_field={"ipc": ["H04L 9/32", "H04W"], "industries": ["C39"]},
    )
    library.offer(
        a_number(2),
        "乙",
        **paying(
            {
                "mode": "entry_plus_royalty",
                "entry_fen": 200_000_00,
                "royalty": {"base": "net_sales", "rate_percent": "3"},
            },
            free_period={"months": 12},
        ),
        **until("2035-01-01"),
        holders=[{"name": "某公司", "kind": "enterprise"}],
    )
    await library.level()

    counts = {name: dict(values) for name, values in library.facets().items()}

    assert counts["fee_mode"] == {"lump_sum": 1, "entry_plus_royalty": 1}
    assert counts["fee_band"] == {"to-1w": 1, "to-50w": 1}
    assert counts["royalty_band"] == {"to-3": 1}
    assert counts["start"] == {"free_period": 1}
    assert counts["holder_kind"] == {"university": 1, "enterprise": 1}
    assert counts["scope"] == {"44": 2, "CN": 1}, "an offer for the nation holds in the province"
    assert counts["ipc"] == {"H": 1, "H04": 1, "H04L": 1, "H04W": 1}
    assert counts["industry"] == {"C": 1, "C39": 1}
    assert counts["period_left"] == {"to-6m": 1, "over-5y": 1}
    assert counts["origin"] == {"gz-exchange": 2}


async def test_a_chosen_facet_still_counts_its_alternatives(library: Library) -> None:
    library.offer(a_number(1), "甲", **lump(1_000_00))
    library.offer(a_number(2), "乙", **paying({"mode": "free"}))
    await library.level()

    counts = library.facets(filters=(("fee_mode", ("free",)),))

    assert dict(counts["fee_mode"]) == {"free": 1, "lump_sum": 1}
    assert dict(counts["fee_band"]) == {"free": 1}


@pytest.mark.parametrize(
    ("region", "titles"),
    [
        ("440300", {"全国", "全省"}),
        ("440100", {"全国", "全省", "不含深圳"}),
        ("44", {"全国", "全省"}),
        ("11", {"全国"}),
    ],
)
async def test_a_region_finds_the_offers_that_hold_in_all_of_it(
    library: Library, region: str, titles: set[str]
) -> None:
    offers = {
        "全国": {"include": ["CN"]},
        "全省": {"include": ["44"]},
        "不含深圳": {"include": ["44"], "exclude": ["440300"]},
    }
    for at, (title, territory) in enumerate(offers.items()):
        library.offer(a_number(at), title, territory=territory)
    await library.level()

    found = library.find(filters=(("scope", (region,)),))

    assert {list(offers)[serial - 2] for serial in found.serials} == titles


async def test_the_state_follows_the_log_and_the_day(library: Library) -> None:
    withdrawn = library.offer(a_number(1), "撤回")
    library.federation.change(withdrawn, "withdraw")
    suspended = library.offer(a_number(2), "中止")
    library.federation.change(suspended, "suspend")
    library.offer(a_number(3), "届满", **until("2026-02-28"))
    library.offer(a_number(4), "公示", **until("2026-03-01"))
    await library.level()

    totals = {state: library.find(state=state).total for state in ShownState}

    assert totals == {
        ShownState.PUBLISHED: 1,
        ShownState.SUSPENDED: 1,
        ShownState.WITHDRAWN: 1,
        ShownState.EXPIRED: 1,
        ShownState.ALL: 4,
    }


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_give_every_listing_once_in_every_order(library: Library, sort: Sort) -> None:
    for at in range(23):
        library.offer(
            a_number(at), "同一种装置", **lump(100 * (at % 4)), **until(f"2030-01-0{1 + at % 5}")
        )
    await library.level()

    seen: list[int] = []
    cursor = None
    while True:
        page = library.find("装置", sort=sort, cursor=cursor, limit=5)
        seen += page.serials
        assert page.total == 23
        cursor = page.next
        if cursor is None:
            break

    assert sorted(seen) == list(range(2, 25))
    assert seen == list(library.find("装置", sort=sort, limit=100).serials)


@pytest.mark.parametrize("sort", list(Sort))
async def test_listings_that_come_while_somebody_reads_repeat_and_hide_nothing(
    library: Library, sort: Sort
) -> None:
    for at in range(12):
        library.offer(a_number(at), "装置", **lump(100 * at))
    await library.level()
    first = library.find("装置", sort=sort, limit=5)
    for at in range(12, 20):
        library.offer(a_number(at), "装置", **lump(50 * at))
    await library.level()

    second = library.find("装置", sort=sort, limit=5, cursor=first.next)

    assert not set(first.serials) & set(second.serials)
    old = set(range(2, 14))
    rest = library.find("装置", sort=sort, limit=100, cursor=second.next)
    shown = {*first.serials, *second.serials, *rest.serials}
    if sort in {Sort.RELEVANCE, Sort.NEWEST}:
        assert shown == old
    else:
        assert shown >= {serial for serial in old if serial not in first.serials}


async def test_the_order_by_fee_begins_with_what_costs_nothing(library: Library) -> None:
    library.offer(a_number(1), "贵", **lump(900_000_00))
    library.offer(a_number(2), "免费", **paying({"mode": "free"}))
    library.offer(
        a_number(3),
        "提成",
        **paying({"mode": "royalty", "royalty": {"base": "sales", "rate_percent": "2"}}),
    )
    await library.level()

    assert library.find(sort=Sort.FEE).serials == (3, 2, 4)


async def test_a_cursor_of_another_search_is_refused(library: Library) -> None:
    for at in range(3):
        library.offer(a_number(at), "装置")
    await library.level()
    cursor = library.find("装置", limit=1).next

    with pytest.raises(CursorRefused):
        library.find("装", limit=1, cursor=cursor)


async def test_a_day_later_the_counts_are_those_of_the_day(library: Library) -> None:
    library.offer(a_number(1), "甲", **until("2026-03-01"))
    await library.level()
    query = SearchQuery()

    today = library.searching.facets(query, today=TODAY)
    tomorrow = library.searching.facets(query, today=date(2026, 3, 2))

    assert (dict(today["kind"]), dict(tomorrow["kind"])) == ({"invention": 1}, {})


REGIONS = ("CN", "44", "440100", "440300", "35", "350100", "11")


@st.composite
def territories(draw: st.DrawFn) -> dict[str, list[str]]:
    """A few regions, less some inside them."""
    include = draw(st.lists(st.sampled_from(REGIONS), min_size=1, max_size=3, unique=True))
    inside = [
        code
        for code in REGIONS
        if any(code != whole and whole in lineage(code) for whole in include)
    ]
    exclude = draw(st.lists(st.sampled_from(inside), max_size=2, unique=True)) if inside else []
    wanted = Territory.model_validate({"include": include, "exclude": []})
    kept = [code for code in exclude if code not in wanted.include]
    return {"include": include, "exclude": kept}


PAYMENTS = (
    {"mode": "free"},
    {"mode": "lump_sum", "amount_fen": 5_000_00},
    {"mode": "royalty", "royalty": {"base": "net_sales", "rate_percent": "3"}},
)


@given(
    st.lists(
        st.tuples(territories(), st.sampled_from(PAYMENTS), st.integers(2026, 2034)),
        min_size=3,
        max_size=8,
    ),
    st.data(),
)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_each_value_counts_as_many_as_choosing_it_finds(
    empty_database: Database,
    tmp_path_factory: pytest.TempPathFactory,
    offers: list[tuple[dict[str, list[str]], dict[str, Any], int]],
    data: st.DataObject,
) -> None:
    await make_tables(empty_database)
    await empty(empty_database)
    library = Library.at(empty_database, tmp_path_factory.mktemp("index"))
    for at, (territory, payment, year) in enumerate(offers):
        library.offer(
            a_number(at),
            f"装置 {at}",
            **paying(payment),
            **until(f"{year}-12-31"),
            territory=territory,
            technical_field={
                "ipc": [f"H0{at % 3 + 1}L 9/32"],
                "industries": [("C39", "A01")[at % 2]],
            },
        )
    await library.level()
    counts = library.facets()

    for name, counted in counts.items():
        for value, count in counted:
            assert library.find(filters=((name, (value,)),)).total == count, (name, value)
    first = data.draw(st.sampled_from([(n, v) for n, c in counts.items() for v, _ in c]))
    narrowed = library.facets(filters=((first[0], (first[1],)),))
    for name, counted in narrowed.items():
        kept = () if name == first[0] else ((first[0], (first[1],)),)
        for value, count in counted:
            assert library.find(filters=(*kept, (name, (value,)))).total == count, (first, name)


async def test_a_facet_shows_its_first_values_and_the_chosen_and_gives_all_on_request(
    library: Library,
) -> None:
    codes = [f"{letter}{number:02}B" for letter in "ABC" for number in range(1, 31)]
    for at in range(9):
        field = {"ipc": [f"{code} 1/00" for code in codes[at * 10 : at * 10 + 10]]}
        library.offer(a_number(at), f"装置 {at}", technical_field=field)
    await library.level()

    some = library.facets()["ipc"]
    chosen = library.facets(filters=(("ipc", (codes[-1],)),))["ipc"]
    every = library.searching.values(SearchQuery(), "ipc", today=TODAY)

    assert (len(some.values), some.left_out) == (60, 3 + 2 * 90 - 60)
    assert codes[-1] not in dict(some)
    assert codes[-1] in dict(chosen)
    assert (len(every.values), every.left_out) == (183, 0)
