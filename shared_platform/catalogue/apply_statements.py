"""The SQL of applying a page: each statement takes a whole page's rows as arrays."""

from typing import Final

from sqlalchemy import (
    ARRAY,
    Column,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    delete,
    select,
    text,
    update,
)

from shared_platform.catalogue.bulk import insert_rows, unnested
from shared_platform.catalogue.tables import (
    DIRECTORY_ENTRIES,
    catalogue_listing,
    log_entry,
    quarantined_entry,
    statement_object,
)
from shared_schema.entry_check import HARMLESS, QuarantineCode

_LISTING: Final = catalogue_listing.c
_FIXED: Final = ("listing", "origin", "application_number", "kind", "first_serial")
_STATE: Final = (
    "state",
    "standing",
    "primary_listing",
    "version",
    "serial",
    "statement_hash",
    "object_hash",
    "key_id",
    "reason_code",
    "facts_json",
)
_TERMS: Final = (
    "approved_at",
    "terms_object",
    "needs_newer_reader",
    "period_end",
    "holder_names",
    "title",
    "items_json",
)
_HEAD: Final[tuple[Column[object], ...]] = tuple(
    _LISTING[name]
    for name in (*_FIXED, *_STATE, "approved_at", "terms_object")
    if name != "facts_json"
)
_ENTRY: Final = (
    "serial",
    "kind",
    "at",
    "origin",
    "listing",
    "leaf",
    "object_hash",
    "needs_newer_reader",
)
_HASHES: Final = bindparam("hashes", type_=ARRAY(LargeBinary))

INSERT_ENTRIES: Final = insert_rows(log_entry, _ENTRY)

_new_objects = insert_rows(statement_object, ("object_hash", "envelope", "left_out"))
# Bytes that come later fill an empty place; erased ones never come back.
INSERT_OBJECTS: Final = _new_objects.on_conflict_do_update(
    index_elements=["object_hash"],
    set_={
        "envelope": _new_objects.excluded.envelope,
        "left_out": _new_objects.excluded.left_out,
    },
    where=statement_object.c.envelope.is_(None) & statement_object.c.erased_at.is_(None),
)

_listings = insert_rows(catalogue_listing, _FIXED + _STATE + _TERMS)
UPSERT_LISTINGS: Final = _listings.on_conflict_do_update(
    index_elements=["listing"],
    set_={name: _listings.excluded[name] for name in _STATE + _TERMS},
)

_states = unnested(catalogue_listing, ("listing", *_STATE)).subquery("given_state")
UPDATE_STATES: Final = (
    update(catalogue_listing)
    .where(_LISTING.listing == _states.c.listing)
    .values({name: _states.c[name] for name in _STATE})
)

INSERT_QUARANTINED: Final = insert_rows(quarantined_entry, ("serial", "code", "detail", "object"))

_erased = insert_rows(statement_object, ("object_hash", "envelope", "erased_at"))
ERASE_OBJECTS: Final = _erased.on_conflict_do_update(
    index_elements=["object_hash"],
    set_={"envelope": None, "erased_at": _erased.excluded.erased_at},
    where=statement_object.c.erased_at.is_(None),
)

_OF_QUARANTINED: Final = (log_entry.c.serial == quarantined_entry.c.serial) & (
    log_entry.c.object_hash == statement_object.c.object_hash
)
# What the log erased is not missing any more.
FORGET_ERASED: Final = delete(quarantined_entry).where(
    _OF_QUARANTINED,
    statement_object.c.erased_at.is_not(None),
    quarantined_entry.c.code.in_([code.value for code in sorted(HARMLESS)]),
)
# Left out although nothing has replaced it: it is missing after all.
SETTLE_LEFT_OUT: Final = text(
    "INSERT INTO quarantined_entry (serial, code, detail)"
    " SELECT entry.serial, :code, encode(entry.object_hash, 'hex') FROM statement_object AS object"
    " JOIN log_entry AS entry ON entry.object_hash = object.object_hash"
    " JOIN catalogue_listing AS listing ON listing.listing = entry.listing"
    " WHERE object.left_out AND object.envelope IS NULL AND object.erased_at IS NULL"
    " AND entry.object_hash IN (listing.object_hash, listing.terms_object)"
    " AND entry.listing = coalesce(:listing, entry.listing)"
    " ON CONFLICT (serial) DO NOTHING"
).bindparams(
    bindparam("code", QuarantineCode.OBJECT_MISSING.value, type_=Text),
    bindparam("listing", None, type_=Uuid),
)
EMPTY_QUARANTINED: Final = (
    update(quarantined_entry)
    .where(
        log_entry.c.serial == quarantined_entry.c.serial,
        log_entry.c.object_hash == _HASHES.any_(),
    )
    .values(object=None)
    .returning(log_entry.c.listing)
)

# After an update of the program: what is now understood of entries that were not.
_reread = unnested(log_entry, _ENTRY).subquery("given_entry")
REREAD_ENTRIES: Final = (
    update(log_entry)
    .where(log_entry.c.serial == _reread.c.serial, log_entry.c.needs_newer_reader)
    .values({name: _reread.c[name] for name in _ENTRY if name not in {"serial", "leaf"}})
)

HEADS_BY_ID: Final = select(*_HEAD).where(
    _LISTING.listing == bindparam("listing", type_=ARRAY(Uuid)).any_()
)
HEADS_BY_TERMS: Final = select(*_HEAD).where(
    _LISTING.terms_object == bindparam("terms", type_=ARRAY(LargeBinary)).any_()
)
DIRECTORY: Final = (
    select(log_entry.c.serial, log_entry.c.leaf)
    .where(text(DIRECTORY_ENTRIES))
    .order_by(log_entry.c.serial)
)
