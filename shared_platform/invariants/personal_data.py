"""Where personal data may not be, for the tables that hub and nodes share."""

from collections.abc import Mapping
from typing import Any, Final

from shared_platform.invariants.row_check import RowCheck
from shared_schema.public_listing import PUBLIC_ITEMS
from shared_schema.rules import PROFILES

# A mobile number, a landline, an e-mail address; not inside hashes, keys or identifiers.
PERSONAL: Final = (
    r"(?<![0-9A-Za-z_+/=-])(1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8})(?![0-9A-Za-z_+/=-])"
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}"
)
SHARED_TABLES: Final = ("catalogue_listing", "log_entry", "audit_record")
SHARED_CHECKS: Final = (
    RowCheck(
        "log.names_a_person",
        "SELECT serial::text FROM log_entry WHERE convert_from(leaf, 'UTF8') ~ :personal",
    ),
    RowCheck(
        # A profile may give contacts whole; which one it was, stands in the statement.
        "catalogue.unmasked",
        "SELECT listing::text FROM catalogue_listing LEFT JOIN statement_object AS terms"
        " ON terms.object_hash = terms_object WHERE items_json IS NOT NULL AND"
        " (convert_from(items_json, 'UTF8')::jsonb -> 'contact' ->> 'phone') ~ :personal"
        " AND NOT coalesce(convert_from(decode(convert_from(terms.envelope, 'UTF8')::jsonb"
        " ->> 'payload', 'base64'), 'UTF8')::jsonb -> 'body' ->> 'profile'"
        " = ANY(CAST(:open_profiles AS text[])), false)",
    ),
    RowCheck(
        "catalogue.more_than_nine",
        "SELECT listing::text FROM catalogue_listing, jsonb_object_keys("
        " convert_from(items_json, 'UTF8')::jsonb) AS item WHERE items_json IS NOT NULL"
        " AND item <> ALL(CAST(:public_items AS text[]))",
    ),
    RowCheck(
        "audit.names_a_person",
        "SELECT id::text FROM audit_record WHERE facts::text ~ :personal",
    ),
)
GIVEN: Final[Mapping[str, Any]] = {
    "personal": PERSONAL,
    "public_items": list(PUBLIC_ITEMS),
    "open_profiles": [name for name, one in PROFILES.items() if one.contact == "full"],
}
"""What the queries are given."""
