"""What a hub makes public: the nine items, identifiers and provenance, in every form; no more.

Not compared are the log's own addresses: statements travel there as their nodes signed them, which
is the protocol (docs/catalogue.md says so to readers).
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from main_platform.catalogue.write_snapshot import files_outdated_through
from shared_platform.bulk_download.here import bulk_keeper_of
from shared_platform.database.engine import Database
from shared_platform.search.here import keeper_of
from shared_schema.public_listing import PROVENANCE_FACTS, PUBLIC_FACTS, PUBLIC_ITEMS
from tests.main_platform.hub_interface import PUBLIC
from tests.main_platform.hub_log import Hub
from tests.main_platform.hub_places import OpenHub, an_open_hub
from tests.main_platform.public_forms import FORMS, beyond, of_csv, of_json, plain
from tests.shared_platform.test_limit_reads import ACCOUNTS
from tests.shared_schema.offers import a_declaration

NUMBER = "2021109782894"
PRIVATE = {
    "credit code": "914403001922038216",
    "fee share": "37.125",
    "fee reason": "理由机密甲",
    "abstract": "摘要机密乙",
    "commitment's signer": "签署人机密丙",
    "commitment's text": "version-secret-d",
    "publication number": "CN113690001",
    "grant date": "2023-03-07",
    "name": "欧阳机密",
    "phone": "13912349876",
    "mailbox": "secret.person",
    "reason in words": "撤回机密丁",
}
"""What stands in the statements and may be shown nowhere else."""
EVERYTHING: dict[str, Any] = {
    "patent": {
        "application_number": NUMBER,
        "kind": "invention",
        "title": "一种装置",
        "publication_number": "CN113690001B",
        "grant_date": PRIVATE["grant date"],
    },
    "holders": [
        {
            "name": "五邑大学",
            "kind": "university",
            "credit_code": PRIVATE["credit code"],
            "share_percent": PRIVATE["fee share"],
            "consents": True,
        }
    ],
    "fee_reason": PRIVATE["fee reason"],
    "technical_field": {"ipc": ["G10L 15/20"], "industries": ["C39"], "text": "语音处理"},
    "contact": {
        "name": PRIVATE["name"],
        "phone": PRIVATE["phone"],
        "email": f"{PRIVATE['mailbox']}@example.cn",
    },
    "evaluation_report": {"kind": "evaluation", "number": "PJ-1", "issued_on": "2026-01-05"},
    "abstract": PRIVATE["abstract"],
    "commitments": [
        {
            "code": "no_exclusive_licence",
            "text_version": PRIVATE["commitment's text"],
            "signer": PRIVATE["commitment's signer"],
            "signed_at": "2026-11-20T08:00:00Z",
        }
    ],
}
WITHOUT_PARAMETERS = {
    "/oai": "verb=ListRecords&metadataPrefix=kaixu",
    "/oembed": "url=https://hub.test/listings/{listing}",
    "/holders": "name=五邑大学",
}
NUMBERED = ("/issues/", "/api/v1/issues/")
"""A numbered issue is written from `NineItems` and `Publication`, which take no further member."""
PAGE_ONLY = {"history", "other_offers"}


class Public(OpenHub):
    """A hub with everything published, and its public addresses."""

    values: dict[str, str]

    async def read(self, path: str, query: str = "") -> bytes:
        """The answer at a public route, its parameters filled in."""
        address = path.format(**self.values)
        asked = query or WITHOUT_PARAMETERS.get(path, "").format(**self.values)
        async with self.client() as client:
            answer = await client.get(f"{address}?{asked}" if asked else address)
        assert answer.status_code == 200, f"{address}: {answer.text}"
        assert isinstance(answer, httpx.Response)
        return answer.content


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[Public]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        feeding = Hub(hub_committed.sessions)
        federation = feeding.federation
        node = federation.enrol("gz-centre")
        offered = federation.offer(node, NUMBER, declaration=a_declaration(**EVERYTHING))
        await feeding.queue()
        await opened.context.sequencer.drain()
        service = opened.context.service
        await keeper_of(service).bring_level()
        keeper = bulk_keeper_of(service, outdated_through=files_outdated_through)
        manifest = await keeper.write(now=opened.clock.now())
        assert manifest is not None
        public = Public(opened.context, opened.clock, opened.app)
        public.values = {
            "listing": str(offered.listing),
            "node": node,
            "board": "free",
            "facet": "holder_kind",
            "page": "0",
            "version": "1",
            "name": manifest.files[0].name,
        }
        yield public


def catalogue_routes() -> list[str]:
    """Public reads of the hub but the protocol's own, and files that are the same for all."""
    apart = ("/federation/", "/static/", "/console/static/", "/.well-known/", *ACCOUNTS, *NUMBERED)
    return sorted(path for method, path in PUBLIC if method == "GET" and not path.startswith(apart))


async def test_every_form_shows_what_is_declared_and_nothing_else(hub: Public) -> None:
    for path, members in FORMS.items():
        shown = members(await hub.read(path))

        assert shown, path
        assert beyond(shown) - PAGE_ONLY == set(), path


async def test_dublin_core_and_english_tables_show_no_more_either(hub: Public) -> None:
    dublin = FORMS["/oai"](await hub.read("/oai", "verb=ListRecords&metadataPrefix=oai_dc"))
    minimum = of_csv(await hub.read("/api/v1/catalogue/export.csv", "columns=cnipa-min"))

    assert beyond(dublin) == beyond(minimum) == set()
    assert {"creator", "rights"} <= dublin
    assert len(minimum) == 6


async def test_the_json_of_a_listing_is_exactly_the_declared_one(hub: Public) -> None:
    shown = orjson.loads(await hub.read("/api/v1/catalogue/listings/{listing}"))

    assert {*shown} == {*PUBLIC_FACTS, "items", "provenance"}
    assert (*shown["items"],) == PUBLIC_ITEMS
    assert (*shown["provenance"],) == PROVENANCE_FACTS
    assert {*shown["items"]["contact"]} == {"name", "phone", "email"}
    assert {*shown["items"]["technical_field"]} == {"ipc", "industries", "text"}
    assert {*shown["items"]["period"]} == {"start", "end"}
    assert {*shown["items"]["territory"]} == {"include", "exclude"}
    assert {*shown["items"]["evaluation_report"]} == {"kind", "number", "issued_on", "sha256"}
    assert {*shown["items"]["fee"]} == {
        "payment",
        "free_period",
        "pay_after_use",
        "currency",
        "note",
    }


async def test_nothing_private_stands_in_any_public_answer(hub: Public) -> None:
    for path in catalogue_routes():
        text = plain(await hub.read(path)).decode()

        assert [what for what, secret in PRIVATE.items() if secret in text] == [], path


async def test_the_contact_is_masked_alike_wherever_it_is_shown(hub: Public) -> None:
    shown_at = []
    for path in FORMS:
        text = plain(await hub.read(path)).decode()
        if "139****9876" in text:
            shown_at.append(path)
            assert "欧*" in text, path

    assert "/listings/{listing}" in shown_at
    assert "/api/v1/catalogue/export.csv" in shown_at
    assert len(shown_at) >= 9


def test_one_member_more_is_found_in_json_and_in_a_table() -> None:
    listing = {"listing": "1", "items": {"number": "2", "abstract": "…"}, "provenance": {}}

    assert beyond(of_json(orjson.dumps(listing))) == {"abstract"}
    assert beyond(of_json(orjson.dumps(listing | {"rd_team": "…"}))) == {"abstract", "rd_team"}
    assert beyond(of_csv("专利号,研发团队\r\n".encode())) == {"研发团队"}


def test_every_route_that_gives_out_listings_is_compared() -> None:
    with_listings = {"catalogue/", "/feeds/", "/listings/", "/oai"}
    without = {
        "/api/v1/catalogue/bulk",
        "/api/v1/catalogue/facets",
        "/api/v1/catalogue/facets/{facet}",
        "/feeds/issues.atom",
        "/oai/public-listing.xsd",
    }

    found = {one for one in catalogue_routes() if any(part in one for part in with_listings)}

    assert found - without == set(FORMS)
