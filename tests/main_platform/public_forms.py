"""Every form in which a hub gives listings out, and the members that each of them shows."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import orjson
import zstandard
from lxml import etree, html
from python_calamine import CalamineWorkbook

from shared_platform.export.columns import COLUMNS, headings
from shared_platform.public_pages.listing_words import LISTING_WORDS
from shared_schema.public_listing import PROVENANCE_FACTS, PUBLIC_FACTS, PUBLIC_ITEMS

EMBED_LINK: Final = "嵌入"  # on a listing's page: how another site shows it
DECLARED: Final = frozenset((*PUBLIC_ITEMS, *PUBLIC_FACTS, *PROVENANCE_FACTS))
"""All that may be shown of a listing, by the one list of the contract."""

# What a form calls a member, where it is not the member's own name. Addresses of the listing, and
# what its number or state says in other words, are no members of their own.
NAMES: Final[Mapping[str, str]] = {
    # tables
    "period_end": "period",
    "report": "evaluation_report",
    "kind": "number",
    # OAI-PMH, format kaixu
    "approvedAt": "approved_at",
    "statementHash": "statement_hash",
    "objectHash": "object_hash",
    "keyId": "key_id",
    "holder": "holders",
    "periodEnd": "period",
    "id": "listing",
    "page": "listing",
    # OAI-PMH, Dublin Core
    "identifier": "number",
    "type": "number",
    "source": "origin",
    "date": "approved_at",
    "language": "schema",
    "creator": "holders",
    "subject": "technical_field",
    "rights": "fee",
    "coverage": "territory",
    # schema.org
    "@context": "schema",
    "@type": "schema",
    "@id": "listing",
    "url": "listing",
    "availability": "state",
    "name": "title",
    "description": "fee",
    "offeredBy": "holders",
    "validThrough": "period",
    "itemOffered": "title",
    "price": "fee",
    "priceCurrency": "fee",
    # feeds: `updated` is when this copy showed the change, which the log's serial stands for
    "link": "listing",
    "updated": "serial",
    "published": "approved_at",
    "author": "holders",
    "summary": "fee",
    "content_text": "fee",
    "date_published": "approved_at",
    "date_modified": "serial",
    "authors": "holders",
    "_kaixu": "state",
    # cards: `facts` are number, kind, territory and period once more
    "heading": "title",
    "fee_note": "fee",
    "days_left": "period",
    "days_left_text": "period",
    "is_ending_soon": "period",
    "state_text": "state",
    "notes": "standing",
    "facts": "number",
    # the listing's page
    "permanent": "listing",
    "as_json": "listing",
}


def beyond(shown: set[str]) -> set[str]:
    """What a form shows that is not declared."""
    return {name for name in shown if NAMES.get(name, name) not in DECLARED}


def of_listing(shown: Mapping[str, Any]) -> set[str]:
    """The members of a listing's JSON, those of its items and of its provenance."""
    items = set(shown["items"] or ())
    return (set(shown) - {"items", "provenance"}) | items | set(shown["provenance"])


def of_json(raw: bytes) -> set[str]:
    return of_listing(orjson.loads(raw))


def of_page(raw: bytes) -> set[str]:
    return set().union(*map(of_listing, orjson.loads(raw)["items"]))


def of_bulk(raw: bytes) -> set[str]:
    return set().union(*(of_listing(orjson.loads(line)) for line in plain(raw).splitlines()))


def of_csv(raw: bytes) -> set[str]:
    return set(_columns(next(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))))


def of_workbook(raw: bytes) -> set[str]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0)
    return set(_columns([str(cell) for cell in sheet.to_python()[0]]))


def of_oai(raw: bytes) -> set[str]:
    """Elements and attributes of each record's metadata; `json` holds the items."""
    shown: set[str] = set()
    for record in _all(etree.fromstring(raw), "//*[local-name()='metadata']/*"):
        if etree.QName(record).localname == "listing":
            shown |= {str(name) for name in record.attrib}
        for element in record:
            name = etree.QName(element).localname
            shown |= set(orjson.loads(element.text or "")) if name == "json" else {name}
    return shown


def of_atom(raw: bytes) -> set[str]:
    entries = _all(etree.fromstring(raw), "//*[local-name()='entry']/*")
    return {etree.QName(one).localname for one in entries}


def of_json_feed(raw: bytes) -> set[str]:
    return set().union(*orjson.loads(raw)["items"])


def of_offer(raw: bytes) -> set[str]:
    return set(orjson.loads(raw))


def of_cards(raw: bytes) -> set[str]:
    """The members of each card, and its lines by the members whose words they are."""
    cards = orjson.loads(raw)["items"]
    lines = {_by_words(line["title"]) for card in cards for line in card["items"]}
    return lines | set().union(*cards) - {"items"}


def of_listing_page(raw: bytes) -> set[str]:
    """The terms of the page's lists, by the members whose words they are."""
    found = _all(html.document_fromstring(raw.decode()), "//dl//dt")
    return {_by_words("".join(str(part) for part in one.itertext())) for one in found} - {
        EMBED_LINK
    }


FORMS: Final[Mapping[str, Callable[[bytes], set[str]]]] = {
    "/api/v1/catalogue/search": of_page,
    "/api/v1/catalogue/changes": of_page,
    "/api/v1/catalogue/listings": of_page,
    "/api/v1/catalogue/listings/{listing}": of_json,
    "/api/v1/catalogue/bulk/{name}": of_bulk,
    "/api/v1/catalogue/export.csv": of_csv,
    "/api/v1/catalogue/export.xlsx": of_workbook,
    "/feeds/catalogue.atom": of_atom,
    "/feeds/catalogue.json": of_json_feed,
    "/oai": of_oai,
    "/listings/{listing}.jsonld": of_offer,
    "/listings/{listing}": of_listing_page,
    "/embed/listings/{listing}": of_listing_page,
    "/api/v1/catalogue/cards": of_cards,
}
"""The public routes that give out whole listings, and how their members are read."""


def plain(raw: bytes) -> bytes:
    """The text in an answer: decompressed, and a workbook's files one after the other."""
    if raw.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read()
    if raw.startswith(b"\x1f\x8b"):
        return gzip.decompress(raw)
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            return b"\n".join(book.read(name) for name in book.namelist())
    return raw


def _by_words(title: str) -> str:
    return next((name for name, words in LISTING_WORDS.items() if words.zh == title), title)


def _columns(head: list[str]) -> Iterator[str]:
    names = dict(zip(headings("nine", "zh"), (one.name for one in COLUMNS["nine"]), strict=True))
    for heading in head:
        yield names.get(heading, heading)


def _all(root: "etree._Element", path: str) -> list["etree._Element"]:
    found = root.xpath(path)
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, etree._Element)]
