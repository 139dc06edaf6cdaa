"""The hub's invariants that are questions to its tables: acknowledged, once, decided, allowed."""

from typing import Final

from shared_platform.invariants.personal_data import GIVEN, SHARED_CHECKS, SHARED_TABLES
from shared_platform.invariants.row_check import RowCheck, RowChecks


def _recovered(serial: str) -> str:
    """That the entry came back from a node after a restore: who had decided went with the disk."""
    return (
        "EXISTS (SELECT FROM audit_record recovered WHERE recovered.act = 'log_recovered'"
        f" AND {serial} >= (recovered.facts->>'from')::bigint"
        f" AND {serial} < (recovered.facts->>'to')::bigint)"
    )


ACKNOWLEDGED: Final = RowChecks(
    "I1",
    ("submission",),
    (
        RowCheck(
            "offer.without_review",
            "SELECT s.origin || '/' || s.oseq FROM submission s LEFT JOIN review r USING (id)"
            " WHERE s.op = 'offer' AND r.id IS NULL",
        ),
        RowCheck(
            "change.without_outcome",
            "SELECT s.origin || '/' || s.oseq FROM submission s"
            " LEFT JOIN listing_change c ON c.submission = s.id"
            " WHERE s.op <> 'offer' AND c.id IS NULL",
        ),
        RowCheck(
            "receipt.of_another",
            "SELECT origin || '/' || oseq FROM submission"
            " WHERE convert_from(receipt, 'UTF8')::jsonb ->> 'statement_hash'"
            " IS DISTINCT FROM statement_hash",
        ),
        RowCheck(
            "approval.lost",
            "SELECT r.id::text FROM review r WHERE r.state = 'approved'"
            " AND NOT EXISTS (SELECT FROM publish_queue q"
            " WHERE q.subject_kind = 'review' AND q.subject = r.id::text)"
            " AND NOT EXISTS (SELECT FROM held_entry h"
            " WHERE h.subject_kind = 'review' AND h.subject = r.id::text)",
        ),
        RowCheck(
            "change.lost",
            "SELECT c.id::text FROM listing_change c WHERE c.needs_entry AND c.serial IS NULL"
            " AND NOT EXISTS (SELECT FROM publish_queue q"
            " WHERE q.subject_kind = 'listing_change' AND q.subject = c.id::text)"
            " AND NOT EXISTS (SELECT FROM held_entry h"
            " WHERE h.subject_kind = 'listing_change' AND h.subject = c.id::text)",
        ),
        RowCheck(
            "review.not_in_log",
            "SELECT r.id::text FROM review r JOIN submission s USING (id)"
            " LEFT JOIN log_entry e ON e.serial = r.serial"
            " WHERE r.serial IS NOT NULL"
            " AND e.object_hash IS DISTINCT FROM decode(s.object_hash, 'hex')",
        ),
        RowCheck(
            "change.not_in_log",
            "SELECT c.id::text FROM listing_change c LEFT JOIN log_entry e ON e.serial = c.serial"
            " WHERE c.serial IS NOT NULL AND (e.serial IS NULL"
            " OR (c.kind <> 'conflict_decided' AND e.listing IS DISTINCT FROM c.listing))",
        ),
    ),
    reads=("review", "listing_change", "publish_queue", "held_entry", "log_entry"),
)
ONCE: Final = RowChecks(
    "I2",
    ("log_entry", "submission"),
    (
        RowCheck(
            "statement.logged_twice",
            "SELECT encode(object_hash, 'hex') FROM log_entry WHERE object_hash IS NOT NULL"
            " GROUP BY object_hash HAVING count(*) > 1",
        ),
        RowCheck(
            "version.twice",
            "SELECT listing || '/' || version FROM submission"
            " GROUP BY listing, version HAVING count(*) > 1",
        ),
        RowCheck(
            "oseq.twice",
            "SELECT origin || '/' || oseq FROM submission"
            " GROUP BY origin, oseq HAVING count(*) > 1",
        ),
        RowCheck(
            "serial.twice",
            "SELECT serial::text FROM review WHERE serial IS NOT NULL"
            " GROUP BY serial HAVING count(*) > 1",
        ),
    ),
    reads=("review",),
)
_AUDITED: Final = (
    "SELECT count(*) FROM audit_record a WHERE a.subject_kind = 'review'"
    " AND a.subject = d.review::text AND a.actor = d.examiner AND a.at = d.at"
    " AND a.act = 'review_decided'"
)
DECIDED: Final = RowChecks(
    "I3",
    ("decision", "erasure"),
    (
        RowCheck(
            "decision.not_audited_once",
            f"SELECT d.review || ' ' || d.verdict FROM decision d WHERE ({_AUDITED}) <> 1"  # noqa: S608 - ours
            " AND d.at > coalesce((SELECT max(last_at) FROM audit_archive), '-infinity')",
        ),
        RowCheck(
            "approval.by_one_person",
            "SELECT r.id::text FROM review r WHERE r.high_risk"  # noqa: S608 - ours
            " AND r.state IN ('approved', 'sequenced') AND (SELECT count(DISTINCT d.examiner)"
            f" FROM decision d WHERE d.review = r.id) < 2 AND NOT {_recovered('r.serial')}",
        ),
        RowCheck(
            "approval.by_its_origin",
            "SELECT r.id::text FROM review r JOIN decision d ON d.review = r.id"
            " WHERE d.examiner = r.origin",
        ),
        RowCheck(
            "erasure.by_one_person",
            "SELECT id::text FROM erasure WHERE state IN ('confirmed', 'done')"
            " AND (proposed_by IS NULL OR decided_by IS NULL OR proposed_by = decided_by)",
        ),
    ),
    reads=("review", "audit_record", "audit_archive"),
)
APPROVED: Final = RowChecks(
    "I4",
    ("catalogue_listing",),
    (
        RowCheck(
            "offer.without_approval",
            "SELECT e.serial::text FROM log_entry e"  # noqa: S608 - ours
            " LEFT JOIN review r ON r.serial = e.serial"
            " WHERE e.kind = 'listing_offered' AND NOT EXISTS (SELECT FROM decision d"
            " WHERE d.review = r.id AND d.statement_hash = r.statement_hash"
            f" AND d.verdict NOT IN ('return', 'reject')) AND NOT {_recovered('e.serial')}",
        ),
        RowCheck(
            "public.though_withdrawn",
            "SELECT c.listing::text FROM catalogue_listing c WHERE c.state <> 'withdrawn'"
            " AND EXISTS (SELECT FROM log_entry e WHERE e.listing = c.listing"
            " AND e.kind = 'listing_withdrawn')",
        ),
    ),
    reads=("log_entry", "review", "decision", "audit_record"),
)
ALLOWED: Final = RowChecks(
    "I10",
    (*SHARED_TABLES, "submission"),
    (
        *SHARED_CHECKS,
        RowCheck(
            "erased.kept",
            "SELECT s.id::text FROM submission s JOIN review r USING (id)"
            " WHERE s.erased_at IS NOT NULL AND (octet_length(s.envelope) > 0"
            " OR r.title IS NOT NULL OR r.holder_names <> '[]' OR r.findings <> '[]')",
        ),
    ),
    reads=("review",),
    given=GIVEN,
)
ROW_CHECKS: Final = (ACKNOWLEDGED, ONCE, DECIDED, APPROVED, ALLOWED)
