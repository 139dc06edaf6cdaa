"""Listings that are embedded elsewhere."""

from typing import Any

import httpx
from lxml import etree

from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.page_places import Pages

BASE = "https://pages.example"
FREE: dict[str, Any] = {"fee": {"payment": {"mode": "free"}, "note": "以合同为准"}}


async def a_catalogue(pages: Pages) -> list[str]:
    """Two open listings, a suspended and a withdrawn one; their identifiers."""
    library = pages.library
    offers = [
        library.offer(a_number(1), "传感器校准装置"),
        library.offer(a_number(2), "传感器外壳", **FREE),
        library.offer(a_number(3), "水泵"),
        library.offer(a_number(4), "阀门"),
    ]
    library.federation.hub_change(offers[2], "suspend", reason="annual_fee_unpaid")
    library.federation.hub_change(offers[3], "withdraw", reason="lapse")
    await library.level()
    return [str(one.listing) for one in offers]


def drawn(answer: httpx.Response) -> list[str]:
    """The texts of the picture, read as strictly as a browser does."""
    root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False))
    return [str(one.text) for one in root.iter("{http://www.w3.org/2000/svg}text")]
