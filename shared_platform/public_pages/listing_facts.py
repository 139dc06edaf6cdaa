"""The smaller parts of a listing's page: history, other offers, a node's own items, the proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared_platform.catalogue.state_words import STATE_WORDS
from shared_platform.public_pages.known_nodes import KnownNodes
from shared_platform.public_pages.listing_reading import ListingPage, LogLine
from shared_platform.public_pages.listing_view import local_time
from shared_platform.public_pages.listing_words import LISTING_WORDS
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.reason_words import reason_words
from shared_platform.public_pages.site import Site
from shared_schema.bilingual import Words
from shared_schema.extension_items import ExtensionItems
from shared_schema.public_listing import NineItems
from shared_schema.signing_key import ED25519

_CHANGES: Final = frozenset(
    {"listing_offered", "listing_withdrawn", "listing_suspended", "listing_resumed"}
)
_ENDED: Final = Words("许可期限已于 {0} 届满", "the offer ended on {0}")
_FEDERATION: Final = "/federation/v1"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry about the listing as people read it."""

    at: str
    what: str
    reason: str
    serial: int


@dataclass(frozen=True, slots=True)
class OfferLine:
    """Another offer of the same patent."""

    listing: str
    node: str
    state: str
    state_word: str
    version: int


@dataclass(frozen=True, slots=True)
class ProofView:
    """Where the proof is fetched, and what it must prove. `hub` is empty where this is the hub."""

    hub: str
    serial: int
    vkey: str
    node_key: str
    statement_hash: str
    object_hash: str
    proof_url: str
    checkpoint_url: str
    entry_url: str
    object_url: str


def history_lines(history: Sequence[LogLine], reader: Reader) -> list[HistoryLine]:
    """The listing's entries, the newest first."""
    return [_line(one, reader) for one in history]


def _line(one: LogLine, reader: Reader) -> HistoryLine:
    known = one.kind if one.kind in _CHANGES else "entry_other"
    what = reader.says(LISTING_WORDS[known])
    if one.version is not None:
        number = reader.says(Words(f"（第 {one.version} 版）", f" (version {one.version})"))
        what += number
    reason = reader.says(reason_words(one.reason)) if one.reason else ""
    return HistoryLine(local_time(one.at) if one.at else "—", what, reason, one.serial)


def state_since(page: ListingPage, reader: Reader) -> str:
    """Since when the listing is not open: of the log's entry, or the day after its last one."""
    shown, items = page.listing, page.listing["items"]
    if shown["state"] == "expired":
        end = NineItems.model_validate(items).period.end if items else None
        return reader.says(_ENDED).format(end) if end else ""
    kind = f"listing_{shown['state']}"
    return next((local_time(one.at) for one in page.history if one.kind == kind and one.at), "")


def offer_lines(
    offers: Sequence[dict[str, Any]], nodes: KnownNodes, reader: Reader
) -> list[OfferLine]:
    """Other offers of the same patent, each with the node that recommends it."""
    return [
        OfferLine(
            one["listing"],
            reader.says(nodes.name(one["origin"])),
            one["state"],
            reader.says(STATE_WORDS[one["state"]]),
            one["version"],
        )
        for one in offers
    ]


def extension_lines(items: ExtensionItems, reader: Reader) -> list[tuple[str, str]]:
    """A node's own items with their titles; a name of the node's own stands as it is."""
    named = [
        (reader.says(LISTING_WORDS[name]), text)
        for name in ("rd_team", "background", "prospects")
        if (text := getattr(items, name))
    ]
    return named + [(key.partition(":")[2], text) for key, text in items.extensions.items()]


def proof_view(page: ListingPage, site: Site) -> ProofView | None:
    """What "verify this" needs; None where the federation's anchor is not known.

    It proves the newest entry that carries the statement: the hub's own changes carry none.
    """
    anchor = site.anchor()
    if anchor is None:
        return None
    facts, hub = page.listing, site.hub_url
    serial = _statement_serial(page)
    provenance = facts["provenance"]
    key = site.nodes.directory.keys.get(provenance["key_id"])
    base = f"{hub}{_FEDERATION}"
    return ProofView(
        hub,
        serial,
        anchor.log_vkey,
        key.key.public_key if key and key.key.algorithm == ED25519 else "",
        provenance["statement_hash"],
        provenance["object_hash"],
        f"{base}/proofs/entries/{serial}",
        f"{base}/log/checkpoint",
        f"{base}/log/entries?from={serial}&limit=1&bodies=true",
        f"{base}/objects/sha256/{provenance['object_hash']}",
    )


def _statement_serial(page: ListingPage) -> int:
    said = page.listing["provenance"]["statement_hash"]
    named = (one.serial for one in page.history if one.statement_hash == said)
    return next(named, page.listing["serial"])
