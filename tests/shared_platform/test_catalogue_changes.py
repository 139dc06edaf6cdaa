"""Changes: each listing once, in the order of the log, from any place, without a gap."""

from datetime import date

import orjson
import pytest

from shared_platform.catalogue.changes import (
    Changes,
    Place,
    read_changes,
    shown_between,
    size_before,
)
from shared_platform.catalogue.page_cursor import CursorRefused
from shared_platform.catalogue.reading import reading
from shared_platform.database.engine import Database
from tests.shared_platform.catalogue_copies import follow, make_tables
from tests.shared_platform.hub_log_peer import Federation, a_number

TODAY = date(2026, 3, 1)
BEGINNING = Place()


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


async def changes(copy: Database, after: Place = BEGINNING, limit: int = 100) -> Changes:
    async with reading(copy.sessions) as connection:
        return await read_changes(connection, after, limit=limit, today=TODAY)


async def test_a_reader_that_goes_on_sees_each_change_once(copy: Database) -> None:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    offers = [federation.offer(node, a_number(at)) for at in range(5)]
    await follow(copy, federation.hub)
    first = await changes(copy)
    federation.change(offers[1], "withdraw")
    federation.offer(node, a_number(9))
    await follow(copy, federation.hub)

    second = await changes(copy, first.next)

    assert len(first.listings) == 5
    assert [(one.listing == offers[1].listing, one.state) for one in second.listings] == [
        (True, "withdrawn"),
        (False, "published"),
    ]
    assert second.is_last
    assert second.log_size == federation.hub.size


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_of_any_length_give_every_listing_once(copy: Database, limit: int) -> None:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    offers = [federation.offer(node, a_number(1)) for _ in range(4)]
    federation.decide(offers[0], *offers[1:])  # one entry changes all four
    await follow(copy, federation.hub)

    seen, after, last = [], Place(), False
    while not last:
        page = await changes(copy, after, limit)
        seen += [one.listing for one in page.listings]
        after, last = page.next, page.is_last

    assert sorted(seen) == sorted(one.listing for one in offers)


def test_the_place_survives_as_a_cursor_and_no_other_does() -> None:
    place = Place(17, 12)

    assert Place.read(place.write()) == place
    assert Place.read(Place().write()) == Place()
    with pytest.raises(CursorRefused):
        Place.read(place.write()[:-4] + "AAAA")


async def test_an_empty_copy_has_no_changes_and_no_times(copy: Database) -> None:
    page = await changes(copy)
    async with reading(copy.sessions) as connection:
        times = await shown_between(connection)

    assert (page.listings, page.is_last, times) == ([], True, (None, None))


async def test_each_change_has_the_time_at_which_this_copy_showed_it(copy: Database) -> None:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    federation.offer(node, a_number(1))
    await follow(copy, federation.hub)
    federation.offer(node, a_number(2))
    await follow(copy, federation.hub)

    one, two = (await changes(copy)).listings
    async with reading(copy.sessions) as connection:
        first, latest = await shown_between(connection)
        before_two = await size_before(connection, two.at)

    assert (one.at, two.at) == (first, latest)
    assert one.at < two.at
    assert before_two == one.place.serial + 1


async def test_the_bodies_are_the_listings_as_everybody_reads_them(copy: Database) -> None:
    federation = Federation()
    offered = federation.offer(federation.enrol("gz-exchange"), a_number(1))
    await follow(copy, federation.hub)

    shown = orjson.loads((await changes(copy)).listings[0].body)

    assert (shown["listing"], shown["state"]) == (str(offered.listing), "published")
