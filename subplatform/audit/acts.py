"""The acts that a node records (written by `shared_platform.audit.trail.record`)."""

from enum import StrEnum


class Act(StrEnum):
    """One member for each kind of change that somebody must be able to answer for."""

    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    TOKEN_ISSUED = "token_issued"  # noqa: S105  an act, not a secret
    TOKENS_REVOKED = "tokens_revoked"
    LIST_IMPORTED = "list_imported"
    DECLARATION_CREATED = "declaration_created"
    DECLARATION_EDITED = "declaration_edited"
    DECLARATION_DELETED = "declaration_deleted"
    DECLARATION_SUBMITTED = "declaration_submitted"
    DECLARATION_TAKEN_UP = "declaration_taken_up"
    DECLARATION_REFUSED = "declaration_refused"
    REPORT_DEMANDED = "report_demanded"
    DECLARATIONS_CHECKED = "declarations_checked"
    DECLARATIONS_RECOMMENDED = "declarations_recommended"
    DECISION_RECEIVED = "decision_received"
    LISTING_WITHDRAWN = "listing_withdrawn"
    LISTING_SUSPENDED = "listing_suspended"
    LISTING_RESUMED = "listing_resumed"
    LISTING_EXPIRED = "listing_expired"
    ERASURE_ASKED = "erasure_asked"
    STATEMENTS_ERASED = "statements_erased"
    DELIVERY_REPLAYED = "delivery_replayed"
    KEY_ROTATED = "key_rotated"
    KEY_REVOKED = "key_revoked"
    SIGNED_AGAIN = "signed_again"
    NODE_REBUILT = "node_rebuilt"
    ENROLMENT_REQUESTED = "enrolment_requested"
    PORTAL_KEY_ADDED = "portal_key_added"
    PORTAL_KEY_REVOKED = "portal_key_revoked"
