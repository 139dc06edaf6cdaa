"""Atom (RFC 4287, with the deleted entries of RFC 6721) and JSON Feed 1.1."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from lxml import etree

from shared_platform.syndication.recent import FeedItem
from shared_schema.bilingual import Language
from shared_schema.instants import Instant, format_instant, whole_second

ATOM: Final = "http://www.w3.org/2005/Atom"
TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
_NAMES: Final[dict[str | None, str]] = {None: ATOM, "at": TOMBSTONES}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `address` is its own, `home` the page that shows the same."""

    title: str
    address: str
    home: str
    language: Language
    updated_at: Instant
    items: Sequence[FeedItem]


def atom(feed: Feed) -> bytes:
    """The feed as Atom. A withdrawn listing is a deleted entry, so that readers drop it."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=_NAMES)  # type: ignore[arg-type]  # the stub forgets None
    root.set("{http://www.w3.org/XML/1998/namespace}lang", feed.language)
    _add(root, "title", feed.title)
    _add(root, "id", feed.address)
    _add(root, "updated", format_instant(whole_second(feed.updated_at)))
    _add(root, "link", rel="self", href=feed.address, type="application/atom+xml")
    _add(root, "link", rel="alternate", href=feed.home, type="text/html")
    for item in feed.items:
        if item.is_gone:
            _deleted(root, item)
        else:
            _entry(root, item)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _entry(root: "etree._Element", item: FeedItem) -> None:
    entry = etree.SubElement(root, f"{{{ATOM}}}entry")
    _add(entry, "title", item.title)
    _add(entry, "id", f"urn:uuid:{item.listing}")
    _add(entry, "updated", format_instant(whole_second(item.changed_at)))
    _add(entry, "published", item.approved_at)
    for holder in item.holders or ("—",):
        _add(_add(entry, "author"), "name", holder)
    _add(entry, "link", rel="alternate", href=item.page, type="text/html")
    _add(entry, "summary", item.summary, type="text")


def _deleted(root: "etree._Element", item: FeedItem) -> None:
    when = format_instant(whole_second(item.changed_at))
    etree.SubElement(
        root, f"{{{TOMBSTONES}}}deleted-entry", ref=f"urn:uuid:{item.listing}", when=when
    )


def _add(
    parent: "etree._Element", name: str, text: str | None = None, **attributes: str
) -> "etree._Element":
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text
    return element


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON Feed 1.1; `_kaixu` tells the state, withdrawn ones included."""
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": "zh-CN" if feed.language == "zh" else "en",
        "items": [_json_item(item) for item in feed.items],
    }
    return orjson.dumps(document)


def _json_item(item: FeedItem) -> dict[str, Any]:
    return {
        "id": f"urn:uuid:{item.listing}",
        "url": item.page,
        "title": item.title,
        "content_text": item.summary,
        "date_published": item.approved_at,
        "date_modified": format_instant(whole_second(item.changed_at)),
        "authors": [{"name": holder} for holder in item.holders],
        "_kaixu": {"state": item.state},
    }
