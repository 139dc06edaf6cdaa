"""A listing head as a row of `catalogue_listing`, and back; readers' bytes are made here once."""

from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Row

from shared_schema.catalogue_state import ListingHead, ListingState, Standing, Terms
from shared_schema.declaration import Declaration
from shared_schema.instants import format_instant
from shared_schema.patent_number import kind_of
from shared_schema.public_listing import PUBLIC_LISTING_SCHEMA, NineItems
from shared_schema.text import fold

HOLDER_SEPARATOR: Final = "\x1f"  # declarations cannot hold it (`text.plain`)


def head_of(row: Row[*tuple[Any, ...]]) -> ListingHead:
    """The stored head, its terms not loaded."""
    return ListingHead(
        origin=row.origin,
        listing=row.listing,
        application_number=row.application_number,
        version=row.version,
        state=ListingState(row.state),
        standing=Standing(row.standing),
        primary=row.primary_listing,
        first_serial=row.first_serial,
        serial=row.serial,
        approved_at=row.approved_at,
        statement_hash=row.statement_hash.hex(),
        object_hash=row.object_hash.hex(),
        key_id=row.key_id,
        reason_code=row.reason_code,
        terms_object=row.terms_object.hex() if row.terms_object else None,
    )


def state_columns(head: ListingHead) -> dict[str, object]:
    """The columns that every change may touch."""
    return {
        "listing": head.listing,
        "state": head.state.value,
        "standing": head.standing.value,
        "primary_listing": head.primary,
        "version": head.version,
        "serial": head.serial,
        "statement_hash": bytes.fromhex(head.statement_hash),
        "object_hash": bytes.fromhex(head.object_hash),
        "key_id": head.key_id,
        "reason_code": head.reason_code,
        "facts_json": _facts(head),
    }


def all_columns(head: ListingHead, terms: Terms) -> dict[str, object]:
    """The whole row of a head whose terms are new."""
    declaration = terms.declaration
    return state_columns(head) | {
        "origin": head.origin,
        "application_number": head.application_number,
        "kind": kind_of(head.application_number),
        "first_serial": head.first_serial,
        "approved_at": head.approved_at,
        "terms_object": bytes.fromhex(head.terms_object) if head.terms_object else None,
        "needs_newer_reader": terms.needs_newer_reader,
        "period_end": declaration.period.end if declaration else None,
        "holder_names": HOLDER_SEPARATOR.join(_holders(declaration)),
        "title": declaration.patent.title if declaration else None,
        "items_json": _items(declaration),
    }


def _holders(declaration: Declaration | None) -> tuple[str, ...]:
    """Names as readers type them: folded, so that width and spacing do not matter."""
    return tuple(fold(holder.name) for holder in declaration.holders) if declaration else ()


def _facts(head: ListingHead) -> bytes:
    """The facts of publication, without the state, which depends on the day one looks."""
    facts = {
        "schema": PUBLIC_LISTING_SCHEMA,
        "listing": str(head.listing),
        "origin": head.origin,
        "number": head.application_number,
        "version": head.version,
        "serial": head.serial,
        "approved_at": format_instant(head.approved_at),
        "standing": head.standing.value,
        "primary": _text(head.primary),
        "reason": head.reason_code,
        "provenance": {
            "statement_hash": head.statement_hash,
            "object_hash": head.object_hash,
            "key_id": head.key_id,
        },
    }
    return orjson.dumps(facts)


def _text(listing: UUID | None) -> str | None:
    return None if listing is None else str(listing)


def _items(declaration: Declaration | None) -> bytes | None:
    """The nine public items, the contact masked."""
    if declaration is None:
        return None
    return NineItems.from_declaration(declaration).model_dump_json().encode()
