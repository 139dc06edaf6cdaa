"""Where personal data may not be, for the tables that hub and nodes share."""

from typing import Final

from shared_platform.invariants.row_check import RowCheck

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
        "catalogue.unmasked",
        "SELECT listing::text FROM catalogue_listing WHERE items_json IS NOT NULL AND"
        " (convert_from(items_json, 'UTF8')::jsonb -> 'contact' ->> 'phone') ~ :personal",
    ),
    RowCheck(
        "catalogue.more_than_nine",
        "SELECT listing::text FROM catalogue_listing, jsonb_object_keys("
        " convert_from(items_json, 'UTF8')::jsonb) AS item WHERE items_json IS NOT NULL"
        " AND item NOT IN ('number', 'holders', 'title', 'fee', 'period', 'technical_field',"
        " 'territory', 'contact', 'evaluation_report')",
    ),
    RowCheck(
        "audit.names_a_person",
        "SELECT id::text FROM audit_record WHERE facts::text ~ :personal",
    ),
)
