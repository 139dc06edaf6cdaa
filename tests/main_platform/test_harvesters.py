"""Other people's harvesters over real HTTP while others write: in the end they hold the ledger."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import uvicorn
from lxml import etree
from oaipmh_scythe import Scythe
from oaipmh_scythe.models import Record
from sickle import Sickle

from shared_platform.database.engine import Database
from shared_platform.harvest import answers
from shared_platform.harvest.protocol import OAI
from shared_platform.harvest.records import DC
from shared_platform.search.here import keeper_of
from shared_schema.instants import SystemClock, format_instant
from tests.main_platform.hub_places import OpenHub, an_open_hub
from tests.shared_platform.catalogue_copies import follow
from tests.shared_platform.hub_log_peer import Federation, Offered, a_number
from tests.shared_schema.offers import a_declaration

SCHEMA: Final = Path(__file__).parents[1] / "vectors" / "oai_pmh_2_0.xsd"
HOST: Final = "127.0.0.1"
GONE: Final = "deleted"
PAGE: Final = 3
Found = Iterator[tuple[str, str]]


@dataclass
class Published:
    """A hub with listings, and what the test wrote down of each: its title, or that it is gone."""

    hub: OpenHub
    url: str
    federation: Federation
    offers: list[Offered] = field(default_factory=list)
    ledger: dict[str, str] = field(default_factory=dict)
    ipc: dict[str, str] = field(default_factory=dict)

    def offer(self) -> None:
        at = len(self.offers)
        title, symbol = f"装置 {at} 号 <&>", "H04L 9/32" if at % 2 else "A61K 9/00"
        number = a_number(at)
        declaration = a_declaration(
            patent={"application_number": number, "kind": "invention", "title": title},
            technical_field={"ipc": [symbol]},
        )
        offered = self.federation.offer("gz-exchange", number, declaration=declaration)
        self.offers.append(offered)
        self.ledger[self.name(offered)] = title
        self.ipc[self.name(offered)] = symbol[0]

    def withdraw(self, at: int) -> None:
        self.federation.change(self.offers[at], "withdraw")
        self.ledger[self.name(self.offers[at])] = GONE

    async def show(self) -> None:
        await follow(self.hub.database, self.federation.hub)

    def name(self, offered: Offered) -> str:
        return f"oai:{HOST}:{offered.listing}"


@asynccontextmanager
async def listening(hub: OpenHub, place: socket.socket) -> AsyncIterator[None]:
    """The hub behind a socket of this machine."""
    server = uvicorn.Server(uvicorn.Config(hub.app, log_level="error", lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[place]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def published(
    hub_committed: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Published]:
    monkeypatch.setattr(answers, "PAGE", PAGE)
    monkeypatch.setenv("no_proxy", HOST)
    federation = Federation()
    federation.enrol("gz-exchange")
    place = socket.create_server((HOST, 0))
    url = f"http://{HOST}:{place.getsockname()[1]}"
    async with an_open_hub(hub_committed, tmp_path, base=url) as hub, listening(hub, place):
        hub.clock.instant = SystemClock().now()
        published = Published(hub, url, federation)
        for _ in range(7):
            published.offer()
        published.withdraw(2)
        await published.show()
        yield published


def by_sickle(url: str, **wanted: str) -> Found:
    """What Sickle gives."""
    asked = Sickle(f"{url}/oai").ListRecords(metadataPrefix="oai_dc", **wanted)
    for record in asked:
        gone = record.header.deleted
        yield record.header.identifier, GONE if gone else record.metadata["title"][0]


def by_scythe(url: str, **wanted: str) -> Found:
    """What oaipmh-scythe gives."""
    bounds: dict[str, Any] = {
        {"from": "from_", "set": "set_"}.get(name, name): value for name, value in wanted.items()
    }
    with Scythe(f"{url}/oai") as asked:
        for record in asked.list_records(**bounds):
            assert isinstance(record, Record)
            named = str(record.header.identifier)
            yield named, GONE if record.deleted else str(record.metadata["title"][0])


HARVESTERS: Final = [by_sickle, by_scythe]
Harvester = Callable[..., Found]


async def step(found: Found) -> tuple[str, str] | None:
    return await asyncio.to_thread(next, found, None)


async def response_date(url: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{url}/oai", params={"verb": "Identify"})
    date = etree.fromstring(answer.content).findtext(f"{{{OAI}}}responseDate")
    assert date is not None
    return str(date)


@pytest.mark.parametrize("harvester", HARVESTERS)
async def test_a_harvest_during_writes_and_one_from_its_beginning_hold_the_ledger(
    published: Published, harvester: Harvester
) -> None:
    began = await response_date(published.url)
    held: dict[str, str] = {}
    found = harvester(published.url)
    while record := await step(found):
        held.update([record])
        if len(held) == PAGE:
            published.offer()
            published.withdraw(0)
            await published.show()
        elif len(held) == 2 * PAGE:
            published.withdraw(5)
            published.offer()
            await published.show()
    published.withdraw(1)
    published.offer()
    await published.show()
    assert held != published.ledger

    held.update(await asyncio.to_thread(dict, harvester(published.url, **{"from": began})))

    assert held == published.ledger


@pytest.mark.parametrize("harvester", HARVESTERS)
async def test_a_set_between_two_dates_is_what_the_ledger_says(
    published: Published, harvester: Harvester
) -> None:
    now = SystemClock().now()
    bounds = {
        "from": format_instant((now - timedelta(days=1)).replace(microsecond=0)),
        "until": format_instant((now + timedelta(days=1)).replace(microsecond=0)),
    }

    held = await asyncio.to_thread(dict, harvester(published.url, set="ipc:H", **bounds))

    of_it = {name for name, section in published.ipc.items() if section == "H"}
    assert held == {name: published.ledger[name] for name in of_it}


async def test_a_token_kept_for_a_month_goes_on_where_it_was(published: Published) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=published.url) as client:
        asked = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
        first = etree.fromstring((await client.get("/oai", params=asked)).content)
        held = dict(records_in(first))
        token = first.findtext(f".//{{{OAI}}}resumptionToken")
        published.hub.clock.instant += timedelta(days=30)
        published.withdraw(6)
        published.offer()
        await published.show()

        while token:
            again = {"verb": "ListRecords", "resumptionToken": token}
            page = etree.fromstring((await client.get("/oai", params=again)).content)
            held.update(records_in(page))
            token = page.findtext(f".//{{{OAI}}}resumptionToken")

    assert held == published.ledger


def records_in(page: Any) -> Iterable[tuple[str, str]]:
    for record in page.iter(f"{{{OAI}}}record"):
        title = record.findtext(f".//{{{DC}}}title")
        yield record.findtext(f".//{{{OAI}}}identifier"), title or GONE


ASKED: Final = (
    "",
    "verb=Identify",
    "verb=ListSets",
    "verb=ListMetadataFormats",
    "verb=ListMetadataFormats&identifier={0}",
    "verb=GetRecord&metadataPrefix=oai_dc&identifier={0}",
    "verb=GetRecord&metadataPrefix=kaixu&identifier={0}",
    "verb=GetRecord&metadataPrefix=oai_dc&identifier={2}",
    "verb=ListIdentifiers&metadataPrefix=oai_dc",
    "verb=ListRecords&metadataPrefix=oai_dc&set=ipc:H",
    "verb=ListRecords&metadataPrefix=kaixu&from=2020-01-01",
    "verb=ListRecords&metadataPrefix=oai_dc&until=2020-01-01",
    "verb=ListRecords&metadataPrefix=marc21",
    "verb=ListRecords&resumptionToken=x",
    "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:none",
)


async def test_every_answer_has_the_form_of_the_protocol(published: Published) -> None:
    await keeper_of(published.hub.context.service).bring_level()
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    names = [published.name(one) for one in published.offers]

    async with httpx.AsyncClient(trust_env=False, base_url=published.url) as client:
        given = [await client.get(f"/oai?{asked.format(*names)}") for asked in ASKED]

    documents = [etree.fromstring(one.content) for one in given]
    for asked, document in zip(ASKED, documents, strict=True):
        assert schema.validate(document), (asked, schema.error_log)
    documents[-1][1].set("verb", "Steal")
    assert not schema.validate(documents[-1])
