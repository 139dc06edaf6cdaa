"""The catalogue is a function of the log: rebuilt, replayed or followed bit by bit, it is equal."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from shared_platform.catalogue.head_store import load_directory
from shared_platform.catalogue.rebuild import rebuild_projection
from shared_platform.catalogue.tables import (
    catalogue_listing,
    log_entry,
    quarantined_entry,
    statement_object,
)
from shared_platform.database.engine import Database
from shared_schema.dsse import sign_envelope
from shared_schema.signing_key import SigningKey
from shared_schema.statement import STATEMENT_TYPE, read_statement
from tests.shared_platform.catalogue_copies import (
    digest,
    empty,
    follow,
    make_tables,
    quarantined,
)
from tests.shared_platform.hub_log_peer import Federation, Offered, a_number, an_offer_of


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


class History:
    """A federation to which random things happen, good and bad."""

    def __init__(self) -> None:
        self.federation = Federation()
        self.nodes = [self.federation.enrol("gz-exchange"), self.federation.enrol("sz-centre")]
        self.listings: list[Offered] = []

    def happen(self, what: str, which: int) -> None:
        if what == "offer" or not self.listings:
            number = a_number(which % 3)
            self.listings.append(self.federation.offer(self.nodes[which % 2], number))
            return
        listing = self.listings[which % len(self.listings)]
        EVENTS[what](self, listing)

    def decide(self, listing: Offered) -> None:
        rivals = [each for each in self.listings if each.number == listing.number]
        self.federation.decide(listing, *(each for each in rivals if each is not listing))

    def erase(self, listing: Offered) -> None:
        self.federation.erase(listing.versions[0])

    def forge(self, listing: Offered) -> None:
        """A withdrawal whose signature is another statement's."""
        good = self.federation.state(listing, "withdraw")
        other = sign_envelope(b"other", STATEMENT_TYPE, self.federation.node_keys[listing.node])
        forged = good.raw[: good.raw.index(b'"sig"')] + other[other.index(b'"sig"') :]
        signed = read_statement(forged)
        self.federation.log_statement(signed)
        listing.versions.append(signed)

    def skip(self, listing: Offered) -> None:
        """A version too far ahead."""
        body = an_offer_of(listing.number)
        signed = self.federation.state(listing, "offer", declaration=body, version=90)
        self.federation.log_statement(signed)

    def erase_last(self, listing: Offered) -> None:
        self.federation.erase(listing.last)


EVENTS: dict[str, Callable[[History, Offered], object]] = {
    "offer again": lambda history, listing: history.federation.offer_again(listing),
    "withdraw": lambda history, listing: history.federation.change(listing, "withdraw"),
    "suspend": lambda history, listing: history.federation.change(listing, "suspend"),
    "resume": lambda history, listing: history.federation.change(listing, "resume"),
    "hub withdraws": lambda history, listing: history.federation.hub_change(listing, "withdraw"),
    "hub suspends": lambda history, listing: history.federation.hub_change(listing, "suspend"),
    "hub resumes": lambda history, listing: history.federation.hub_change(listing, "resume"),
    "decide": History.decide,
    "erase": History.erase,
    "erase last": History.erase_last,
    "forge": History.forge,
    "skip": History.skip,
    "unknown kind": lambda history, _: history.federation.hub.append_raw(
        b'{"at":"2026-01-05T01:00:00Z","kind":"moon_phase","v":1}'
    ),
    "garbage": lambda history, _: history.federation.hub.append_raw(b"garbage"),
}
STEPS = st.lists(
    st.tuples(st.sampled_from(["offer", *EVENTS]), st.integers(0, 11), st.booleans()),
    min_size=1,
    max_size=40,
)


@given(steps=STEPS, page=st.integers(1, 7))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_followed_rebuilt_and_replayed_copies_are_equal(
    copy: Database, steps: list[tuple[str, int, bool]], page: int
) -> None:
    await empty(copy)
    history = History()
    hub = history.federation.hub
    for what, which, followed in steps:
        history.happen(what, which)
        if followed:
            await follow(copy, hub, page=page)
    report = await follow(copy, hub)
    bit_by_bit = await digest(copy)

    async with copy.sessions.begin() as session:
        await rebuild_projection(session)
    rebuilt = await digest(copy)
    await empty(copy)
    await follow(copy, hub)
    replayed = await digest(copy)

    assert report.size == hub.size
    assert bit_by_bit == rebuilt
    assert bit_by_bit == replayed


async def test_a_rebuild_repairs_rows_that_were_changed_by_hand(copy: Database) -> None:
    federation = Federation()
    federation.offer(federation.enrol("gz-exchange"), a_number(1))
    await follow(copy, federation.hub)
    good = await digest(copy)
    async with copy.sessions.begin() as session:
        await session.execute(update(catalogue_listing).values(title="改过", state="withdrawn"))
    assert await digest(copy) != good

    async with copy.sessions.begin() as session:
        folded = await rebuild_projection(session)

    assert folded == federation.hub.size
    assert await digest(copy) == good


async def test_an_erased_object_leaves_no_byte_behind(copy: Database) -> None:
    federation = Federation()
    offered = federation.offer(federation.enrol("gz-exchange"), a_number(1))
    federation.offer_again(offered)
    await follow(copy, federation.hub)

    federation.erase(offered.versions[0])
    federation.erase(offered.versions[1])
    await follow(copy, federation.hub)

    async with copy.sessions() as session:
        objects = (await session.execute(select(statement_object))).all()
        listing = (await session.execute(select(catalogue_listing))).one()
    assert [row.envelope for row in objects] == [None, None]
    assert all(row.erased_at is not None for row in objects)
    assert (listing.state, listing.items_json, listing.title) == ("withdrawn", None, None)
    assert (listing.reason_code, listing.holder_names) == ("personal_data", [])


async def test_erasing_an_older_version_leaves_the_offer_standing(copy: Database) -> None:
    federation = Federation()
    offered = federation.offer(federation.enrol("gz-exchange"), a_number(1))
    federation.offer_again(offered)
    federation.erase(offered.versions[0])

    await follow(copy, federation.hub)

    async with copy.sessions() as session:
        listing = (await session.execute(select(catalogue_listing))).one()
    assert listing.state == "published"
    assert listing.items_json is not None
    assert await quarantined(copy) == {}


async def test_unverified_bytes_are_kept_in_quarantine_only(copy: Database) -> None:
    history = History()
    history.happen("offer", 0)
    history.happen("forge", 0)

    await follow(copy, history.federation.hub)

    forged = history.listings[0].last
    async with copy.sessions() as session:
        kept = (await session.execute(select(quarantined_entry))).one()
        stored = (await session.scalars(select(statement_object.c.envelope))).all()
    assert kept.code == "signature_invalid"
    assert kept.object == forged.raw
    assert forged.raw not in stored


async def test_what_a_newer_reader_would_read_is_marked(copy: Database) -> None:
    federation = Federation()
    federation.enrol("gz-exchange")
    federation.hub.append_raw(b'{"at":"2026-01-05T01:00:00Z","kind":"moon_phase","v":1}')
    offered = Offered("gz-exchange", federation.ids.new_id(), a_number(3))
    body = an_offer_of(a_number(3))
    federation.log_statement(
        federation.state(offered, "offer", declaration=body, crit=("moon",), moon="full")
    )

    report = await follow(copy, federation.hub)

    assert (report.quarantined, report.needs_newer_reader) == (0, 2)
    async with copy.sessions() as session:
        kinds = select(log_entry.c.kind).where(log_entry.c.needs_newer_reader)
        listing = (await session.execute(select(catalogue_listing))).one()
        assert (await session.scalars(kinds)).all() == ["moon_phase"]
    assert (listing.state, listing.needs_newer_reader) == ("published", True)
    assert listing.items_json is None


async def test_the_stored_directory_is_the_logs(copy: Database) -> None:
    federation = Federation()
    federation.enrol("gz-exchange")
    federation.revoke("gz-exchange")
    await follow(copy, federation.hub)

    async with copy.sessions() as session:
        directory = await load_directory(session)

    key: SigningKey = federation.node_keys["gz-exchange"]
    assert directory.keys[key.key_id].revoked_at == 2


async def test_the_digest_sees_every_table(copy: Database) -> None:
    federation = Federation()
    federation.offer(federation.enrol("gz-exchange"), a_number(1))
    federation.hub.append_raw(b"garbage")
    await follow(copy, federation.hub)
    seen = {await digest(copy)}

    for damage in (
        "UPDATE catalogue_listing SET title = 'x'",
        "UPDATE log_entry SET kind = 'x' WHERE serial = 0",
        "UPDATE statement_object SET envelope = 'x'",
        "UPDATE quarantined_entry SET code = 'x'",
        "UPDATE catalogue_cursor SET root = 'x'",
    ):
        async with copy.sessions.begin() as session:
            await session.execute(text(damage))
        seen.add(await digest(copy))

    assert len(seen) == 6
