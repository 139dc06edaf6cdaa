"""The node's invariants that are questions to its tables."""

from typing import Final

from shared_platform.invariants.personal_data import GIVEN, SHARED_CHECKS, SHARED_TABLES
from shared_platform.invariants.row_check import RowCheck, RowChecks

ONCE: Final = RowChecks(
    "I2",
    ("outbox_message", "log_entry"),
    (
        RowCheck(
            "version.twice",
            "SELECT listing || '/' || version FROM outbox_message WHERE state <> 'cancelled'"
            " GROUP BY listing, version HAVING count(*) > 1",
        ),
        RowCheck(
            "statement.logged_twice",
            "SELECT encode(object_hash, 'hex') FROM log_entry WHERE object_hash IS NOT NULL"
            " GROUP BY object_hash HAVING count(*) > 1",
        ),
    ),
)
APPROVED: Final = RowChecks(
    "I4",
    ("declaration",),
    (
        RowCheck(
            "public.without_entry",
            "SELECT d.listing::text FROM declaration d LEFT JOIN catalogue_listing c"
            " ON c.listing = d.listing WHERE d.state IN ('published', 'suspended')"
            " AND (c.listing IS NULL OR c.state = 'withdrawn')",
        ),
        RowCheck(
            "public.though_withdrawn",
            "SELECT c.listing::text FROM catalogue_listing c WHERE c.state <> 'withdrawn'"
            " AND EXISTS (SELECT FROM log_entry e WHERE e.listing = c.listing"
            " AND e.kind = 'listing_withdrawn')",
        ),
    ),
    reads=("catalogue_listing", "log_entry"),
)
SENT_OR_NOT: Final = RowChecks(
    "I8",
    ("outbox_message",),
    (
        RowCheck(
            "sent.without_receipt",
            "SELECT oseq::text FROM outbox_message WHERE state = 'sent'"
            " AND (receipt_id IS NULL OR receipt IS NULL OR sent_at IS NULL)",
        ),
        RowCheck(
            "unsent.with_receipt",
            "SELECT oseq::text FROM outbox_message WHERE state IN ('dead', 'cancelled')"
            " AND receipt IS NOT NULL",
        ),
        RowCheck(
            "waiting.without_alarm",
            "SELECT oseq::text FROM outbox_message WHERE state = 'waiting'"
            " AND next_attempt_at < CAST(:overdue AS timestamptz)"
            " AND NOT EXISTS (SELECT FROM outbox_condition WHERE paused IS NOT NULL)",
        ),
    ),
    reads=("outbox_condition",),
)
ALLOWED: Final = RowChecks(
    "I10",
    (*SHARED_TABLES, "outbox_message"),
    (
        *SHARED_CHECKS,
        RowCheck(
            "erased.kept",
            "SELECT oseq::text FROM outbox_message"
            " WHERE erased_at IS NOT NULL AND octet_length(envelope) > 0",
        ),
    ),
    given=GIVEN,
)
ROW_CHECKS: Final = (ONCE, APPROVED, ALLOWED)
