"""OAI-PMH 2.0 against its own text: verbs, errors, deletions, sets, dates, tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from shared_platform.catalogue.changes import Place
from shared_platform.catalogue.reading import reading
from shared_platform.database.engine import Database
from shared_platform.harvest import answers, records
from shared_platform.harvest.answers import Repository, answer
from shared_platform.harvest.protocol import OAI, Harvest, OaiError
from shared_platform.harvest.records import DC, KAIXU
from shared_platform.harvest.sets import ListedSet
from shared_schema.instants import SystemClock, format_instant, whole_second
from tests.shared_platform.catalogue_copies import follow, make_tables
from tests.shared_platform.hub_log_peer import Federation, Offered, a_number
from tests.shared_schema.offers import a_declaration

NAMES = {"o": OAI, "dc": DC, "k": KAIXU}
REPOSITORY = Repository(
    "广东", "https://hub.example", "hub.example", "a@hub.example", [ListedSet("ipc:H", "电学")]
)


@dataclass
class Library:
    """A copy of a log that is harvested."""

    database: Database
    federation: Federation
    offers: list[Offered]

    async def ask(self, **arguments: str) -> Any:
        return await self.ask_as_typed(list(arguments.items()))

    async def ask_as_typed(
        self, given: Sequence[tuple[str, str]], repository: Repository = REPOSITORY
    ) -> Any:
        async with reading(self.database.sessions) as connection:
            document = await answer(connection, given, repository, now=SystemClock().now())
        return etree.fromstring(document)

    async def harvest(self, **arguments: str) -> dict[str, str]:
        """Everything, page by page: identifiers with `deleted` or the title."""
        found: dict[str, str] = {}
        answered = await self.ask(verb="ListRecords", metadataPrefix="oai_dc", **arguments)
        while True:
            for record in answered.findall(".//o:record", NAMES):
                identifier = record.findtext(".//o:identifier", namespaces=NAMES)
                title = record.findtext(".//dc:title", namespaces=NAMES)
                found[identifier] = title or record.find("o:header", NAMES).get("status")
            token = answered.findtext(".//o:resumptionToken", namespaces=NAMES)
            if not token:
                return found
            answered = await self.ask(verb="ListRecords", resumptionToken=token)


@pytest.fixture
async def library(empty_database: Database) -> Library:
    await make_tables(empty_database)
    federation = Federation()
    node = federation.enrol("gz-exchange")
    offers = []
    for at in range(7):
        number = a_number(at)
        declaration = a_declaration(
            patent={"application_number": number, "kind": "invention", "title": f"装置 {at}"},
            technical_field={"ipc": ["H04L 9/32"] if at % 2 else ["A61K"]},
            territory={"include": ["440100"] if at % 3 else ["CN"]},
        )
        offers.append(federation.offer(node, number, declaration=declaration))
    federation.change(offers[2], "withdraw")
    await follow(empty_database, federation.hub)
    return Library(empty_database, federation, offers)


def error_of(answered: Any) -> str | None:
    error = answered.find("o:error", NAMES)
    return None if error is None else str(error.get("code"))


def identifier(offered: Offered) -> str:
    return f"oai:hub.example:{offered.listing}"


async def test_identify_says_that_deletions_are_kept_for_ever(library: Library) -> None:
    answered = await library.ask(verb="Identify")

    assert answered.findtext(".//o:deletedRecord", namespaces=NAMES) == "persistent"
    assert answered.findtext(".//o:granularity", namespaces=NAMES) == "YYYY-MM-DDThh:mm:ssZ"
    assert answered.findtext(".//o:baseURL", namespaces=NAMES) == "https://hub.example/oai"


@pytest.mark.parametrize("page", [1, 2, 3, 100])
async def test_a_harvest_holds_every_listing_once_and_the_withdrawn_as_deleted(
    library: Library, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(answers, "PAGE", page)

    found = await library.harvest()

    expected = {identifier(one): f"装置 {at}" for at, one in enumerate(library.offers)}
    expected[identifier(library.offers[2])] = "deleted"
    assert found == expected


async def test_what_changes_during_a_harvest_is_met_at_its_end(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PAGE", 3)
    first = await library.ask(verb="ListRecords", metadataPrefix="oai_dc")
    token = first.findtext(".//o:resumptionToken", namespaces=NAMES)
    library.federation.change(library.offers[0], "withdraw")
    library.federation.change(library.offers[6], "withdraw")
    await follow(library.database, library.federation.hub)

    rest: list[tuple[str, str | None]] = []
    while token:
        answered = await library.ask(verb="ListRecords", resumptionToken=token)
        rest += [
            (head.findtext("o:identifier", namespaces=NAMES), head.get("status"))
            for head in answered.findall(".//o:header", NAMES)
        ]
        token = answered.findtext(".//o:resumptionToken", namespaces=NAMES)

    assert rest[-2:] == [
        (identifier(library.offers[0]), "deleted"),
        (identifier(library.offers[6]), "deleted"),
    ]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ("ipc:H", {1, 3, 5}),
        ("ipc:A:A61:A61K", {0, 4, 6}),
        ("origin:gz-exchange", {0, 1, 2, 3, 4, 5, 6}),
        ("region:CN:44:440100", {1, 4, 5}),
        ("region:CN", {0, 1, 3, 4, 5, 6}),
    ],
)
async def test_sets_hold_what_belongs_to_them_at_every_level(
    library: Library, monkeypatch: pytest.MonkeyPatch, wanted: str, places: set[int]
) -> None:
    monkeypatch.setattr(answers, "PAGE", 2)

    found = await library.harvest(set=wanted)

    numbers = {identifier(one): at for at, one in enumerate(library.offers)}
    kept = {numbers[one] for one, title in found.items() if title != "deleted"}
    assert kept == places - {2}


async def test_a_selective_harvest_begins_and_ends_where_it_is_told(library: Library) -> None:
    now = whole_second(SystemClock().now())
    tomorrow, yesterday = now + timedelta(days=1), now - timedelta(days=1)

    everything = await library.harvest(**{"from": format_instant(yesterday)})
    later = await library.ask(
        verb="ListRecords", metadataPrefix="oai_dc", **{"from": format_instant(tomorrow)}
    )
    earlier = await library.ask(
        verb="ListRecords", metadataPrefix="oai_dc", until=format_instant(yesterday)
    )

    assert len(everything) == 7
    assert (error_of(later), error_of(earlier)) == ("noRecordsMatch", "noRecordsMatch")


async def test_going_on_from_the_last_response_date_misses_nothing(library: Library) -> None:
    first = await library.ask(verb="ListIdentifiers", metadataPrefix="oai_dc")
    date = first.findtext("o:responseDate", namespaces=NAMES)
    library.federation.change(library.offers[4], "withdraw")
    await follow(library.database, library.federation.hub)

    again = await library.harvest(**{"from": date})

    assert again[identifier(library.offers[4])] == "deleted"


async def test_a_record_is_given_whole_in_our_own_format(library: Library) -> None:
    answered = await library.ask(
        verb="GetRecord", metadataPrefix="kaixu", identifier=identifier(library.offers[1])
    )

    listing = answered.find(".//k:listing", NAMES)
    schema = Path(records.__file__).parent / "public-listing.xsd"
    etree.XMLSchema(etree.parse(schema)).assertValid(listing)
    items = orjson.loads(listing.findtext("k:json", namespaces=NAMES))
    assert (listing.get("state"), items["number"]) == ("published", library.offers[1].number)
    assert items["contact"]["phone"] == "138****5678"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], "badVerb"),
        ([("verb", "Steal")], "badVerb"),
        ([("verb", "Identify"), ("verb", "Identify")], "badVerb"),
        ([("verb", "Identify"), ("x", "1")], "badArgument"),
        ([("verb", "ListRecords")], "badArgument"),
        ([("verb", "ListRecords"), ("metadataPrefix", "marc21")], "cannotDisseminateFormat"),
        ([("verb", "ListRecords"), ("resumptionToken", "oai_dc~~0~0~9~00")], "badResumptionToken"),
        (
            [
                ("verb", "ListRecords"),
                ("resumptionToken", "x"),
                ("metadataPrefix", "oai_dc"),
            ],
            "badArgument",
        ),
        (
            [
                ("verb", "GetRecord"),
                ("metadataPrefix", "oai_dc"),
                ("identifier", "oai:hub.example:0"),
            ],
            "idDoesNotExist",
        ),
        (
            [
                ("verb", "GetRecord"),
                ("metadataPrefix", "oai_dc"),
                ("identifier", "oai:hub.example:00000000-0000-7000-8000-000000000000"),
            ],
            "idDoesNotExist",
        ),
        (
            [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "gestern")],
            "badArgument",
        ),
        (
            [
                ("verb", "ListRecords"),
                ("metadataPrefix", "oai_dc"),
                ("from", "2026-01-01"),
                ("until", "2026-01-01T00:00:00Z"),
            ],
            "badArgument",
        ),
        (
            [
                ("verb", "ListRecords"),
                ("metadataPrefix", "oai_dc"),
                ("from", "2026-01-02"),
                ("until", "2026-01-01"),
            ],
            "badArgument",
        ),
        ([("verb", "ListSets"), ("resumptionToken", "x")], "badResumptionToken"),
    ],
)
async def test_errors_are_those_of_the_protocol(
    library: Library, given: list[tuple[str, str]], code: str
) -> None:
    assert error_of(await library.ask_as_typed(given)) == code


async def test_sets_and_formats_are_listed(library: Library) -> None:
    sets = await library.ask(verb="ListSets")
    formats = await library.ask(verb="ListMetadataFormats")

    assert [one.text for one in sets.findall(".//o:setSpec", NAMES)] == ["ipc:H"]
    prefixes = [one.text for one in formats.findall(".//o:metadataPrefix", NAMES)]
    assert prefixes == ["oai_dc", "kaixu"]


@given(
    st.builds(
        Harvest,
        st.sampled_from(["oai_dc", "kaixu"]),
        st.sampled_from(["", "ipc:H:H04", "region:CN:44"]),
        st.builds(Place, st.integers(-1, 2**31 - 1), st.integers(0, 2**31)),
        st.integers(0, 2**62),
    )
)
def test_a_token_is_good_for_ever_and_for_nothing_else(harvest: Harvest) -> None:
    token = harvest.token()

    assert Harvest.resume(token) == harvest
    with pytest.raises(OaiError):
        Harvest.resume(token.replace("~", "~1", 1))


async def test_a_long_list_of_sets_goes_on_where_its_token_says(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SETS", 2)
    listed = [ListedSet(f"origin:node-{at}", "节点") for at in range(5)]
    repository = replace(REPOSITORY, sets=listed)
    found: list[str] = []
    arguments: dict[str, str] = {}

    while True:
        given = [("verb", "ListSets"), *arguments.items()]
        page = await library.ask_as_typed(given, repository)
        found += [str(one.text) for one in page.findall(".//o:setSpec", NAMES)]
        token = page.findtext(".//o:resumptionToken", namespaces=NAMES)
        if not token:
            break
        arguments = {"resumptionToken": token}

    assert found == [one.spec for one in listed]


@pytest.mark.parametrize(("state", "word"), [("suspended", "已中止"), ("expired", "已届满")])
def test_dublin_core_says_in_words_that_an_offer_is_not_open(state: str, word: str) -> None:
    shown = {
        "number": "2021109782894",
        "origin": "gz-exchange",
        "approved_at": "2026-11-22T08:00:00Z",
        "items": None,
    }

    closed = records.metadata(shown | {"state": state}, "oai_dc", page="https://hub.example/1")
    opened = records.metadata(
        shown | {"state": "published"}, "oai_dc", page="https://hub.example/1"
    )

    said = closed.findtext("dc:description", namespaces=NAMES)
    assert (word in str(said), state in str(said)) == (True, True)
    assert opened.find("dc:description", NAMES) is None
