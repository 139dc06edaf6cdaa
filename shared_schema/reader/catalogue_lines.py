"""The verified catalogue as NDJSON: one line for each listing, tombstones included.

The contact is masked as on the public pages. `terms` are the members of the signed statement's body
as the node wrote them; what a node shows beyond the nine items is never in a statement.
"""

from datetime import date
from typing import Any, Final

import orjson

from shared_schema.catalogue_state import ListingHead, ListingState
from shared_schema.declaration import Declaration
from shared_schema.instants import format_instant
from shared_schema.public_listing import NineItems
from shared_schema.reader.kept import KeptListing
from shared_schema.statement import declaration_of, read_statement

LINE_SCHEMA: Final = "verified-listing/1"
_TERMS: Final = ("fee", "fee_reason", "period", "territory")


def catalogue_line(kept: KeptListing, *, today: date) -> bytes:
    """One listing as a JSON line; `today` is the legal day by which offers have expired."""
    head = kept.head
    declaration, terms = _read(kept)
    line = {
        "schema": LINE_SCHEMA,
        "listing": str(head.listing),
        "number": head.application_number,
        "state": _state(head, declaration, today),
        "standing": head.standing.value,
        "primary": None if head.primary is None else str(head.primary),
        "reason": head.reason_code,
        "needs_newer_reader": kept.needs_newer_reader,
        "items": None if declaration is None else _items(declaration),
        "terms": terms,
        "provenance": _provenance(head),
    }
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _read(kept: KeptListing) -> tuple[Declaration | None, dict[str, Any] | None]:
    """The kept envelope was verified before it was kept."""
    if kept.envelope is None:
        return None, None
    said = read_statement(kept.envelope).statement
    body = said.body or {}
    terms: dict[str, Any] = {name: body[name] for name in _TERMS if name in body}
    return (None if kept.needs_newer_reader else declaration_of(said)), terms


def _items(declaration: Declaration) -> dict[str, Any]:
    return NineItems.from_declaration(declaration).model_dump(mode="json")


def _state(head: ListingHead, declaration: Declaration | None, today: date) -> str:
    if head.state is ListingState.WITHDRAWN or declaration is None:
        return head.state.value
    return "expired" if declaration.period.end < today else head.state.value


def _provenance(head: ListingHead) -> dict[str, Any]:
    return {
        "origin": head.origin,
        "version": head.version,
        "first_serial": head.first_serial,
        "serial": head.serial,
        "approved_at": format_instant(head.approved_at),
        "statement_hash": head.statement_hash,
        "object_hash": head.object_hash,
        "terms_object": head.terms_object,
        "key_id": head.key_id,
    }
