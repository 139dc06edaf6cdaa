"""The acts that the hub records (written by `shared_platform.audit.trail.record`)."""

from enum import StrEnum
from typing import Final


class Act(StrEnum):
    """One member for each kind of change that somebody must be able to answer for."""

    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    TOKEN_ISSUED = "token_issued"  # noqa: S105  an act, not a secret
    TOKENS_REVOKED = "tokens_revoked"
    ENROLMENT_REQUESTED = "enrolment_requested"
    ENROLMENT_CONFIRMED = "enrolment_confirmed"
    ENROLMENT_REFUSED = "enrolment_refused"
    NODE_SUSPENDED = "node_suspended"
    NODE_RESUMED = "node_resumed"
    NODE_RETIRED = "node_retired"
    NODE_QUOTA_CHANGED = "node_quota_changed"
    HELD_ENTRY_RELEASED = "held_entry_released"
    HELD_ENTRY_DISCARDED = "held_entry_discarded"
    KEY_ADDED = "key_added"
    KEY_REVOKED = "key_revoked"
    KEY_REVOCATION_PROPOSED = "key_revocation_proposed"
    KEY_REVOCATION_DROPPED = "key_revocation_dropped"
    LOG_KEY_PROPOSED = "log_key_proposed"
    LOG_KEY_CONFIRMED = "log_key_confirmed"
    LOG_KEY_DROPPED = "log_key_dropped"
    KEY_SETTLED = "key_settled"
    STATEMENTS_RECEIVED = "statements_received"
    EQUIVOCATION_SEEN = "equivocation_seen"
    FORK_SEEN = "fork_seen"
    NODE_WAIVED = "node_waived"
    LOG_RECOVERED = "log_recovered"
    HUB_RESTORED = "hub_restored"
    REVIEW_CLAIMED = "review_claimed"
    REVIEW_RELEASED = "review_released"
    REVIEW_DECIDED = "review_decided"
    CONFLICT_DECIDED = "conflict_decided"
    LISTING_WITHDRAWN = "listing_withdrawn"
    LISTING_SUSPENDED = "listing_suspended"
    LISTING_RESUMED = "listing_resumed"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_PROPOSED = "erasure_proposed"
    ERASURE_CONFIRMED = "erasure_confirmed"
    ERASURE_REFUSED = "erasure_refused"
    PORTAL_KEY_ADDED = "portal_key_added"
    PORTAL_KEY_REVOKED = "portal_key_revoked"
    ISSUE_FROZEN = "issue_frozen"
    ISSUE_EDITION_MADE = "issue_edition_made"
    ISSUE_CORRECTED = "issue_corrected"


KEPT_ACTS: Final = frozenset({Act.LOG_RECOVERED.value})
"""Acts that stay in the database for good: `verify` asks which entries came back from nodes."""
