"""Site maps (sitemaps.org protocol): every listing's permanent address, withdrawn ones included."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from lxml import etree

from shared_schema.instants import Instant, format_instant, whole_second

ADDRESSES: Final = 10_000  # log entries whose first offers share a map
NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NAMES: Final[dict[str | None, str]] = {None: NAMESPACE}


def sitemap_index(base: str, *, pages: int) -> bytes:
    """The index that names each map."""
    root = _root("sitemapindex")
    for page in range(pages):
        _location(root, "sitemap", f"{base}/sitemap-{page}.xml")
    return _written(root)


def sitemap(base: str, listings: Sequence[tuple[UUID, Instant]]) -> bytes:
    """One map: addresses with the time at which each last changed here."""
    root = _root("urlset")
    for listing, changed_at in listings:
        place = _location(root, "url", f"{base}/listings/{listing}")
        changed = etree.SubElement(place, f"{{{NAMESPACE}}}lastmod")
        changed.text = format_instant(whole_second(changed_at))
    return _written(root)


def _root(name: str) -> "etree._Element":
    return etree.Element(f"{{{NAMESPACE}}}{name}", nsmap=_NAMES)  # type: ignore[arg-type]  # the stub forgets None


def _location(root: "etree._Element", name: str, address: str) -> "etree._Element":
    place = etree.SubElement(root, f"{{{NAMESPACE}}}{name}")
    etree.SubElement(place, f"{{{NAMESPACE}}}loc").text = address
    return place


def _written(root: "etree._Element") -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
