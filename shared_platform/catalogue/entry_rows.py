"""A judged entry as rows: the entry itself, its statement, and why it was set aside."""

from uuid import UUID

from shared_schema.catalogue_fold import JudgedEntry
from shared_schema.catalogue_state import is_change
from shared_schema.log_entry import UnknownEntry


def entry_row(judged: JudgedEntry) -> dict[str, object]:
    """The row of `log_entry`: the exact leaf, and what one looks entries up by."""
    entry = judged.read.entry
    origin: str | None = None
    listing: UUID | None = None
    object_hash: bytes | None = None
    if is_change(entry):
        origin, listing = entry.origin, entry.listing
        object_hash = bytes.fromhex(entry.object_hash) if entry.object_hash else None
    return {
        "serial": judged.read.serial,
        "kind": entry.kind if entry is not None else None,
        "at": None if entry is None or isinstance(entry, UnknownEntry) else entry.at,
        "origin": origin,
        "listing": listing,
        "leaf": judged.read.leaf,
        "object_hash": object_hash,
        "needs_newer_reader": isinstance(entry, UnknownEntry),
    }


def object_row(judged: JudgedEntry) -> dict[str, object] | None:
    """The row of `statement_object`: verified bytes, or an empty place where none came."""
    entry = judged.read.entry
    if not is_change(entry) or not entry.object_hash or not judged.checked.counts:
        return None
    return {
        "object_hash": bytes.fromhex(entry.object_hash),
        "envelope": judged.checked.statement,
        "left_out": judged.read.left_out and judged.checked.statement is None,
    }


def quarantine_row(judged: JudgedEntry) -> dict[str, object] | None:
    """The row of `quarantined_entry`, with the bytes that came for it."""
    found = judged.checked.quarantine
    if found is None:
        return None
    return {
        "serial": judged.read.serial,
        "code": found.code.value,
        "detail": found.detail,
        "object": judged.read.object_bytes,
    }


def needs_newer_reader(judged: JudgedEntry) -> bool:
    """Whether this version cannot read the entry or the terms it carries."""
    terms = judged.checked.terms
    return isinstance(judged.read.entry, UnknownEntry) or bool(terms and terms.needs_newer_reader)
