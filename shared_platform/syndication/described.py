"""The catalogue as linked data: DCAT-AP."""

from dataclasses import dataclass
from typing import Any

from shared_schema.bilingual import Words
from shared_schema.instants import Instant, format_instant


@dataclass(frozen=True, slots=True)
class Publisher:
    """Whose catalogue it is, and where."""

    names: Words
    base: str
    contact: str


def dcat(publisher: Publisher, *, changed_at: Instant | None, log_size: int) -> dict[str, Any]:
    """The catalogue as DCAT-AP 3 in JSON-LD: one dataset and every way to get it."""
    base = publisher.base
    modified = [] if changed_at is None else [format_instant(changed_at)]
    agent = {"@type": "foaf:Agent", "foaf:name": _both(publisher.names)}
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "vcard": "http://www.w3.org/2006/vcard/ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": f"{base}/catalogue.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _both(publisher.names),
        "dct:description": _both(
            Words("专利开放许可公示目录", "The public catalogue of patent open licences")
        ),
        "dct:publisher": agent,
        "foaf:homepage": {"@id": f"{base}/"},
        "dct:modified": [{"@value": one, "@type": "xsd:dateTime"} for one in modified],
        "dcat:service": [
            _service(publisher, "search", names=_SEARCH, path="/api/v1/catalogue/search"),
            _service(publisher, "harvest", names=_HARVEST, path="/oai"),
        ],
        "dcat:dataset": _dataset(publisher, agent, log_size=log_size),
    }


def _dataset(publisher: Publisher, agent: dict[str, Any], *, log_size: int) -> dict[str, Any]:
    base = publisher.base
    return {
        "@id": f"{base}/catalogue.jsonld#listings",
        "@type": "dcat:Dataset",
        "dct:title": _both(Words("许可声明", "Licence declarations")),
        "dct:description": _both(
            Words(
                f"全部许可声明及其状态，公示日志 {log_size} 条",
                f"Every licence declaration and its state; {log_size} log entries",
            )
        ),
        "dct:publisher": agent,
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": publisher.names.zh,
            "vcard:hasEmail": {"@id": f"mailto:{publisher.contact}"},
        },
        "dcat:distribution": [
            _distribution(name, base + path, media)
            for name, path, media in (
                ("NDJSON", "/api/v1/catalogue/bulk", "application/json"),
                ("CSV", "/api/v1/catalogue/export.csv", "text/csv"),
                ("JSON", "/api/v1/catalogue/changes", "application/json"),
                ("OAI-PMH", "/oai?verb=ListRecords&metadataPrefix=kaixu", "text/xml"),
                ("Atom", "/feeds/catalogue.atom", "application/atom+xml"),
            )
        ],
    }


_SEARCH = Words("检索接口", "Search")
_HARVEST = Words("OAI-PMH 2.0 收割接口", "Harvesting by OAI-PMH 2.0")


def _service(publisher: Publisher, name: str, *, names: Words, path: str) -> dict[str, Any]:
    catalogue = f"{publisher.base}/catalogue.jsonld"
    return {
        "@id": f"{catalogue}#{name}",
        "@type": "dcat:DataService",
        "dct:title": _both(names),
        "dcat:endpointURL": {"@id": publisher.base + path},
        "dcat:servesDataset": {"@id": f"{catalogue}#listings"},
    }


def _distribution(name: str, address: str, media: str) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dct:title": name,
        "dcat:accessURL": {"@id": address},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media}"},
    }


def _both(words: Words) -> list[dict[str, str]]:
    return [
        {"@value": words.zh, "@language": "zh"},
        {"@value": words.en, "@language": "en"},
    ]
