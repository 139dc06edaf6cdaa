"""The catalogue over HTTP: pages by cursor, filters as people type, answers caches may keep."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from shared_platform.catalogue.page_cursor import CursorRefused, read_cursor, write_cursor
from shared_platform.catalogue.route_examples import LISTING_EXAMPLE
from shared_platform.catalogue.routes import router
from shared_platform.database.engine import Database
from shared_platform.transport.problem_documents import document_problems
from shared_platform.transport.problems import install_problems
from shared_schema.instants import Instant
from shared_schema.patent_number import print_patent_number
from shared_schema.public_listing import NineItems
from tests.shared_platform.catalogue_copies import follow, make_tables
from tests.shared_platform.hub_log_peer import Federation, Offered, a_number, an_offer_of

PATH = "/api/v1/catalogue/listings"
TODAY = datetime(2026, 11, 22, 4, tzinfo=UTC)


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.instant: Instant = TODAY

    def now(self) -> Instant:
        return self.instant


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


@pytest.fixture
async def client(copy: Database, clock: SetClock) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.sessions = copy.sessions
    app.state.clock = clock
    app.include_router(router)
    install_problems(app, clock=clock)
    document_problems(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


@pytest.fixture
def federation() -> Federation:
    federation = Federation()
    federation.enrol("gz-exchange")
    federation.enrol("sz-centre")
    return federation


def numbers(answer: httpx.Response) -> list[str]:
    return [item["number"] for item in answer.json()["items"]]


async def test_an_empty_catalogue_is_an_empty_page(client: httpx.AsyncClient) -> None:
    answer = await client.get(PATH)

    assert answer.status_code == 200
    assert answer.json() == {"items": [], "next": None, "log_size": 0}


async def test_a_listing_shows_its_facts_and_the_nine_items(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    offered = federation.offer("gz-exchange", a_number(1))
    await follow(copy, federation.hub)

    item = (await client.get(f"{PATH}/{offered.listing}")).json()

    assert set(item) == set(LISTING_EXAMPLE)
    assert (item["state"], item["origin"], item["version"]) == ("published", "gz-exchange", 1)
    assert item["provenance"]["statement_hash"] == offered.last.payload_hash
    assert item["items"] == NineItems.from_declaration(an_offer_of(a_number(1))).model_dump(
        mode="json"
    )
    assert item["items"]["contact"] == {"name": "张*", "phone": "138****5678", "email": None}


def test_the_documented_example_is_a_listing() -> None:
    items = NineItems.model_validate(LISTING_EXAMPLE["items"])

    assert items.model_dump(mode="json") == LISTING_EXAMPLE["items"]
    assert items.number == LISTING_EXAMPLE["number"]


async def test_pages_follow_each_other_newest_first_whatever_happens_between(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    offers = [federation.offer("gz-exchange", a_number(serial)) for serial in range(7)]
    await follow(copy, federation.hub)
    first = await client.get(PATH, params={"limit": 3})

    federation.offer("gz-exchange", a_number(50))
    federation.offer_again(offers[1])
    await follow(copy, federation.hub)
    second = await client.get(PATH, params={"limit": 3, "cursor": first.json()["next"]})
    third = await client.get(PATH, params={"limit": 3, "cursor": second.json()["next"]})

    shown = numbers(first) + numbers(second) + numbers(third)
    assert shown == [a_number(serial) for serial in range(6, -1, -1)]
    assert third.json()["next"] is None
    assert third.json()["log_size"] == federation.hub.size


async def test_a_full_last_page_has_no_next(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    for serial in range(4):
        federation.offer("gz-exchange", a_number(serial))
    await follow(copy, federation.hub)

    assert (await client.get(PATH, params={"limit": 4})).json()["next"] is None


@pytest.mark.parametrize(
    "typed",
    [a_number(1), print_patent_number(a_number(1)), f" cn{a_number(1)[:-1]}.{a_number(1)[-1]} "],
)
async def test_a_number_is_found_however_it_is_typed(
    client: httpx.AsyncClient, copy: Database, federation: Federation, typed: str
) -> None:
    for serial in range(3):
        federation.offer("gz-exchange", a_number(serial))
    await follow(copy, federation.hub)

    assert numbers(await client.get(PATH, params={"number": typed})) == [a_number(1)]


async def test_holder_and_origin_filter_together(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    holder = {"holders": [{"name": "深圳（示例）研究院"}, {"name": "五邑大学"}]}
    federation.offer("gz-exchange", a_number(0))
    federation.offer("sz-centre", a_number(1), declaration=an_offer_of(a_number(1), **holder))
    federation.offer("sz-centre", a_number(2))
    await follow(copy, federation.hub)

    by_holder = await client.get(PATH, params={"holder": " 深圳(示例)研究院 "})
    by_both = await client.get(PATH, params={"holder": "五邑大学", "origin": "sz-centre"})

    assert numbers(by_holder) == [a_number(1)]
    assert numbers(by_both) == [a_number(2), a_number(1)]


async def test_states_are_told_by_the_day_one_looks(
    client: httpx.AsyncClient, copy: Database, federation: Federation, clock: SetClock
) -> None:
    def ending(day: str, serial: int) -> Offered:
        offer = an_offer_of(a_number(serial), period={"end": day})
        return federation.offer("gz-exchange", a_number(serial), declaration=offer)

    ending("2028-12-31", 0)
    ending("2026-11-22", 1)
    federation.change(ending("2028-12-31", 2), "suspend")
    federation.change(ending("2028-12-31", 3), "withdraw")
    federation.hub_change(ending("2026-11-22", 4), "suspend")
    await follow(copy, federation.hub)

    async def shown(state: str) -> list[str]:
        return numbers(await client.get(PATH, params={"state": state}))

    assert numbers(await client.get(PATH)) == [a_number(1), a_number(0)]
    assert await shown("suspended") == [a_number(4), a_number(2)]
    assert await shown("withdrawn") == [a_number(3)]
    assert await shown("expired") == []
    clock.instant = datetime(2026, 11, 22, 16, tzinfo=UTC)  # midnight in Shanghai
    assert await shown("published") == [a_number(0)]
    assert await shown("expired") == [a_number(4), a_number(1)]
    everything = (await client.get(PATH, params={"state": "all"})).json()["items"]
    assert [item["state"] for item in everything] == [
        "expired",
        "withdrawn",
        "suspended",
        "expired",
        "published",
    ]


async def test_a_withdrawn_listing_keeps_its_address(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    offered = federation.offer("gz-exchange", a_number(1))
    federation.hub_change(offered, "withdraw", reason="patent_lapsed")
    await follow(copy, federation.hub)

    item = (await client.get(f"{PATH}/{offered.listing}")).json()

    assert (item["state"], item["reason"]) == ("withdrawn", "patent_lapsed")
    assert item["items"]["number"] == a_number(1)


async def test_a_second_offer_names_the_primary_one(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    first = federation.offer("gz-exchange", a_number(1))
    second = federation.offer("sz-centre", a_number(1))
    federation.decide(first, second)
    await follow(copy, federation.hub)

    item = (await client.get(f"{PATH}/{second.listing}")).json()

    assert (item["standing"], item["primary"]) == ("also_offered", str(first.listing))


async def test_a_held_page_is_not_sent_again_until_the_log_or_the_day_moves(
    client: httpx.AsyncClient, copy: Database, federation: Federation, clock: SetClock
) -> None:
    offered = federation.offer("gz-exchange", a_number(1))
    await follow(copy, federation.hub)
    page = await client.get(PATH)
    held = {"if-none-match": f'"other", W/{page.headers["etag"]}'}

    same = await client.get(PATH, headers=held)

    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == page.headers["etag"]
    clock.instant += timedelta(days=1)
    assert (await client.get(PATH, headers=held)).status_code == 200
    clock.instant = TODAY
    federation.offer_again(offered)
    await follow(copy, federation.hub)
    assert (await client.get(PATH, headers=held)).status_code == 200


async def test_a_held_listing_is_not_sent_again_until_it_changes(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    offered = federation.offer("gz-exchange", a_number(1))
    await follow(copy, federation.hub)
    path = f"{PATH}/{offered.listing}"
    held = {"if-none-match": (await client.get(path)).headers["etag"]}
    federation.offer("gz-exchange", a_number(2))
    await follow(copy, federation.hub)

    assert (await client.get(path, headers=held)).status_code == 304
    federation.change(offered, "suspend")
    await follow(copy, federation.hub)
    assert (await client.get(path, headers=held)).status_code == 200


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"number": "201710601862.4"}, "query:number"),
        ({"number": "not a number"}, "query:number"),
        ({"cursor": "AAAAAAAAAHixb1nqk2JmYAgT"}, "query:cursor"),
        ({"cursor": "游标"}, "query:cursor"),
        ({"cursor": ""}, "query:cursor"),
        ({"limit": "101"}, "query:limit"),
        ({"limit": "0"}, "query:limit"),
        ({"state": "sold"}, "query:state"),
    ],
)
async def test_a_bad_parameter_is_named(
    client: httpx.AsyncClient, parameters: dict[str, str], pointer: str
) -> None:
    answer = await client.get(PATH, params=parameters)

    assert answer.status_code == 422
    assert answer.json()["code"] == "schema_invalid"
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_cursor_does_not_move_to_another_query(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    for serial in range(3):
        federation.offer("gz-exchange", a_number(serial))
    await follow(copy, federation.hub)
    cursor = (await client.get(PATH, params={"limit": 1})).json()["next"]

    answer = await client.get(PATH, params={"cursor": cursor, "origin": "gz-exchange"})

    assert answer.status_code == 422


async def test_a_listing_that_never_was_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{PATH}/{UUID(int=7)}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_names_that_look_like_sql_find_nothing(client: httpx.AsyncClient) -> None:
    for name in ("' OR 1=1 --", "%", "{五邑大学}", "\\", '"'):
        assert (await client.get(PATH, params={"holder": name})).json()["items"] == []


async def test_the_document_shows_examples_and_refusals(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()

    answers = document["paths"][PATH]["get"]["responses"]
    shown = answers["200"]["content"]["application/json"]["example"]["items"][0]
    assert shown["items"]["holders"] == LISTING_EXAMPLE["items"]["holders"]
    assert set(answers) == {"200", "304", "422"}


@given(serial=st.integers(0, 2**63 - 1), query=st.text())
def test_a_cursor_is_read_back_for_its_query(serial: int, query: str) -> None:
    assert read_cursor(write_cursor(serial, query), query) == serial


@given(
    serial=st.integers(0, 2**63 - 1),
    place=st.integers(0, 23),
    letter=st.characters(),
)
def test_a_changed_cursor_is_refused(serial: int, place: int, letter: str) -> None:
    cursor = write_cursor(serial, "q")
    changed = cursor[:place] + letter + cursor[place + 1 :]

    if changed != cursor:
        with pytest.raises(CursorRefused):
            read_cursor(changed, "q")
