"""What portals and search engines read: DCAT-AP by its rules, listings as linked data, feeds.

No context is fetched: that of schema.org is a few lines here.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import feedparser  # type: ignore[import-untyped]
import pytest
from lxml import etree
from pyshacl import validate
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF

from shared_platform.database.engine import Database
from shared_platform.search.here import keeper_of
from shared_platform.syndication.feeds import ATOM, TOMBSTONES
from tests.main_platform.hub_places import BASE, OpenHub, an_open_hub
from tests.shared_platform.catalogue_copies import follow
from tests.shared_platform.hub_log_peer import Change, Federation, Offered, a_number
from tests.shared_schema.offers import a_declaration, paying

SHAPES: Final = Path(__file__).parents[1] / "vectors" / "dcat_ap_3_mandatory.ttl"
SCHEMA: Final = Namespace("https://schema.org/")
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
SCHEMA_CONTEXT: Final = {
    "@vocab": str(SCHEMA),
    "url": {"@type": "@id"},
    "availability": {"@type": "@id"},
}

pytestmark = pytest.mark.filterwarnings(
    "ignore:(ConjunctiveGraph|Dataset).* deprecated:DeprecationWarning"  # in rdflib and pyshacl
)


@pytest.fixture
async def hub(
    hub_committed: Database, tmp_path: Path, federation: Federation
) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as hub:
        await follow(hub_committed, federation.hub)
        await keeper_of(hub.context.service).bring_level()
        yield hub


@pytest.fixture
def federation() -> Federation:
    federation = Federation()
    federation.enrol("gz-exchange")
    return federation


@pytest.fixture(autouse=True)
def offers(federation: Federation) -> list[Offered]:
    terms: tuple[dict[str, Any], ...] = (paying({"mode": "free"}), {}, {})
    made = [
        federation.offer(
            "gz-exchange",
            a_number(at),
            declaration=a_declaration(
                patent={
                    "application_number": a_number(at),
                    "kind": "invention",
                    "title": f"装置 <{at}> & “号”",
                },
                **changes,
            ),
        )
        for at, changes in enumerate(terms)
    ]
    federation.change(made[2], "withdraw")
    return made


async def linked(hub: OpenHub, path: str) -> dict[str, Any]:
    answer = await hub.ask("GET", path)
    assert answer.headers["content-type"].startswith("application/ld+json")
    found: dict[str, Any] = answer.json()
    return found


def graph_of(document: dict[str, Any]) -> Graph:
    return Graph().parse(data=json.dumps(document), format="json-ld")


async def test_the_catalogue_keeps_the_rules_of_dcat_ap(hub: OpenHub) -> None:
    described = Graph().parse(
        data=json.dumps(await linked(hub, "/catalogue.jsonld")), format="json-ld"
    )

    for kind in ("Catalog", "Dataset", "Distribution", "DataService"):
        assert list(described.subjects(RDF.type, DCAT[kind])), kind
    conforms, _, why = validate(described, shacl_graph=str(SHAPES), inference="none")
    assert conforms, why


@pytest.mark.parametrize("lost", ["dct:title", "dct:publisher", "dct:description"])
async def test_the_rules_refuse_a_catalogue_without_a_mandatory_part(
    hub: OpenHub, lost: str
) -> None:
    document = await linked(hub, "/catalogue.jsonld")
    del document[lost]

    described = graph_of(document)

    assert not validate(described, shacl_graph=str(SHAPES), inference="none")[0]


async def test_listings_are_linked_data_in_whatever_state(
    hub: OpenHub, offers: list[Offered]
) -> None:
    for at, one in enumerate(offers):
        document = await linked(hub, f"/listings/{one.listing}.jsonld")
        assert document["@context"] == "https://schema.org"
        graph = graph_of(document | {"@context": SCHEMA_CONTEXT})

        page = URIRef(f"{BASE}/listings/{one.listing}")
        assert (page, RDF.type, SCHEMA.Offer) in graph
        gone = (page, SCHEMA.availability, SCHEMA.Discontinued) in graph
        named = (page, SCHEMA.name, Literal(f"装置 <{at}> & “号”")) in graph
        assert (gone, named) == (at == 2, True)


async def test_feeds_stay_sound_while_the_catalogue_changes(
    hub: OpenHub, federation: Federation, offers: list[Offered]
) -> None:
    gone = {offers[2].listing}
    changes: tuple[Change, ...] = ("suspend", "resume", "withdraw")
    for at, change in enumerate(changes):
        federation.change(offers[at // 2], change)
        await follow(hub.database, federation.hub)
        gone |= {offers[1].listing} if change == "withdraw" else set()

        raw = (await hub.ask("GET", "/feeds/catalogue.atom")).content
        parsed = feedparser.parse(raw)
        items = (await hub.ask("GET", "/feeds/catalogue.json")).json()["items"]

        feed = etree.fromstring(raw)
        tombs = {one.get("ref") for one in feed.iter(f"{{{TOMBSTONES}}}deleted-entry")}
        entries = {one.findtext(f"{{{ATOM}}}id") for one in feed.iter(f"{{{ATOM}}}entry")}
        assert tombs == {f"urn:uuid:{one}" for one in gone}
        assert entries | tombs == {f"urn:uuid:{one.listing}" for one in offers}
        assert (parsed.bozo, {one.id for one in parsed.entries}) == (False, entries)
        assert {one["id"] for one in items} == entries | tombs


async def test_a_json_feed_has_the_members_of_its_version(hub: OpenHub) -> None:
    """JSON Feed 1.1: required members, and types of all that are given."""
    feed = (await hub.ask("GET", "/feeds/catalogue.json")).json()

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {name for name in ("title", "home_page_url", "feed_url") if feed[name]}
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert "content_text" in item or "content_html" in item
        assert item["url"].startswith(BASE)
        assert all(isinstance(author["name"], str) for author in item["authors"])
        assert {name for name in item if name.startswith("_")} == {"_kaixu"}
