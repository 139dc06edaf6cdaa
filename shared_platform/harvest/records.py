"""A listing as XML: Dublin Core for everybody, and every public item in our own format."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from lxml import etree

from shared_platform.catalogue.state_words import STATE_WORDS
from shared_platform.harvest.protocol import OAI
from shared_schema.fee_text import describe_fee
from shared_schema.patent_number import kind_of, print_patent_number
from shared_schema.public_listing import NineItems
from shared_schema.region import lineage
from shared_schema.territory import describe

DC: Final = "http://purl.org/dc/elements/1.1/"
OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
KAIXU: Final = "urn:kaixu:public-listing:1"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_OAI_DC_SCHEMA: Final = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

_NAMES: Final[dict[str | None, str]] = {None: KAIXU}
_PROVENANCE: Final = {
    "statement_hash": "statementHash",
    "object_hash": "objectHash",
    "key_id": "keyId",
}

Element = etree._Element  # noqa: SLF001  the package has no other name for the type


def metadata(shown: Mapping[str, Any], prefix: str, *, page: str) -> Element:
    """The metadata of a listing's public JSON; `page` is its permanent address."""
    nine = NineItems.model_validate(shown["items"]) if shown["items"] else None
    return _dublin_core(shown, nine, page) if prefix == "oai_dc" else _kaixu(shown, nine, page)


def set_specs(shown: Mapping[str, Any]) -> list[str]:
    """The sets a listing belongs to, each level of a hierarchy (§2.6)."""
    specs = [f"origin:{shown['origin']}"]
    items = shown["items"] or {}
    for symbol in items.get("technical_field", {}).get("ipc", ()):
        specs += [f"ipc:{symbol[0]}", f"ipc:{symbol[0]}:{symbol[:3]}"]
        specs.append(f"ipc:{symbol[0]}:{symbol[:3]}:{symbol[:4]}")
    for code in items.get("territory", {}).get("include", ()):
        down = lineage(code)[::-1]
        specs += [f"region:{':'.join(down[:depth])}" for depth in range(1, len(down) + 1)]
    return list(dict.fromkeys(specs))


def _dublin_core(shown: Mapping[str, Any], nine: NineItems | None, page: str) -> Element:
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": _XSI})
    root.set(f"{{{_XSI}}}schemaLocation", f"{OAI_DC} {_OAI_DC_SCHEMA}")
    for name, text in _dublin_core_terms(shown, nine, page):
        etree.SubElement(root, f"{{{DC}}}{name}").text = text
    return root


def _dublin_core_terms(
    shown: Mapping[str, Any], nine: NineItems | None, page: str
) -> Iterator[tuple[str, str]]:
    number = str(shown["number"])
    yield "identifier", page
    yield "identifier", print_patent_number(number)
    yield "type", f"patent open licence ({kind_of(number)})"
    yield "source", str(shown["origin"])
    yield "date", str(shown["approved_at"])
    yield "language", "zh"
    if shown["state"] != "published":
        words = STATE_WORDS[str(shown["state"])]
        yield "description", f"{words.zh} / {words.en}"
    if nine is None:
        return
    yield "title", nine.title or print_patent_number(number)
    for holder in nine.holders:
        yield "creator", holder
    for symbol in (*nine.technical_field.ipc, *nine.technical_field.industries):
        yield "subject", symbol
    if nine.technical_field.text:
        yield "subject", nine.technical_field.text
    yield "rights", describe_fee(nine.fee, "zh")
    yield "coverage", describe(nine.territory, "zh")
    yield "coverage", f"{nine.period.start or '..'}/{nine.period.end}"


def _kaixu(shown: Mapping[str, Any], nine: NineItems | None, page: str) -> Element:
    root = etree.Element(f"{{{KAIXU}}}listing", nsmap=_NAMES)  # type: ignore[arg-type]  # the stub forgets None
    root.set("id", str(shown["listing"]))
    root.set("state", str(shown["state"]))
    root.set("version", str(shown["version"]))
    root.set("serial", str(shown["serial"]))
    root.set("page", page)
    for name, text in _kaixu_terms(shown, nine):
        etree.SubElement(root, f"{{{KAIXU}}}{name}").text = text
    return root


def _kaixu_terms(shown: Mapping[str, Any], nine: NineItems | None) -> Iterator[tuple[str, str]]:
    """The nine items in the plan's order; `json` holds them exactly, the rest is for people."""
    yield "number", str(shown["number"])
    yield "origin", str(shown["origin"])
    yield "approvedAt", str(shown["approved_at"])
    for name, value in shown["provenance"].items():
        yield _PROVENANCE[name], str(value)
    if nine is None:
        return
    for holder in nine.holders:
        yield "holder", holder
    if nine.title:
        yield "title", nine.title
    yield "fee", describe_fee(nine.fee, "zh")
    yield "periodEnd", str(nine.period.end)
    yield "territory", describe(nine.territory, "zh")
    yield "json", orjson.dumps(shown["items"]).decode()


def oai(name: str, text: str | None = None, **attributes: str) -> Element:
    """An element of the protocol."""
    element = etree.Element(f"{{{OAI}}}{name}", attributes)
    element.text = text
    return element
