"""Rows of the review: one for each offer, every decision on it, and changes without a review."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from main_platform.review.states import OPEN, ReviewState
from main_platform.tables import HubTable
from shared_schema.instants import Instant

_STATES = ", ".join(f"'{state.value}'" for state in ReviewState)
_OPEN = "state IN (" + ", ".join(sorted(f"'{state.value}'" for state in OPEN)) + ")"


class ReviewRow(HubTable):
    """One offered version before the hub's staff; its id is its submission's.

    `conflicts` names the other offers of the patent that were seen, with what is equal. `standing`
    and `primary_listing` are as decided at approval, until the log's projection has them.
    """

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        CheckConstraint("(state = 'sequenced') = (serial IS NOT NULL)", name="serial_when_logged"),
        CheckConstraint("first_approver <> second_approver", name="two_people"),
        CheckConstraint(
            "state NOT IN ('approved', 'sequenced')"
            " OR (first_approver IS NULL) = (second_approver IS NULL)",
            name="confirmed_when_approved",
        ),
        Index("ix_review_state", "state", "id"),
        Index("ix_review_turn", "state", "turn", "id"),
        Index("ix_review_origin_turn", "origin", "turn", postgresql_where=_OPEN),
        Index("ix_review_origin_state", "origin", "state", "id"),
        Index(
            "ix_review_origin_decided",
            "origin",
            "decided_at",
            postgresql_where="decided_at IS NOT NULL",
        ),
        Index("ix_review_listing", "listing", "version", unique=True),
        Index("ix_review_application_number", "application_number", "state"),
        Index("uq_review_open_listing", "listing", unique=True, postgresql_where=_OPEN),
        Index("ix_review_finding_codes", "finding_codes", postgresql_using="gin"),
        Index(
            "ix_review_holder_names",
            "holder_names",
            postgresql_using="gin",
            postgresql_ops={"holder_names": "jsonb_path_ops"},
        ),
        Index("ix_review_regions", "regions", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    origin: Mapped[str]
    listing: Mapped[UUID]
    version: Mapped[int]
    application_number: Mapped[str]
    statement_hash: Mapped[str]
    title: Mapped[str | None]
    holder_names: Mapped[list[str]]
    state: Mapped[str]
    high_risk: Mapped[bool]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    finding_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    unchecked_rules: Mapped[list[str]]
    conflicts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    regions: Mapped[list[str]] = mapped_column(
        ARRAY(Text), comment="GB/T 2260: the holders' places, with all that they lie in"
    )
    claimed_by: Mapped[str | None]
    claimed_at: Mapped[Instant | None]
    first_approver: Mapped[str | None]
    second_approver: Mapped[str | None]
    resolution: Mapped[str | None] = mapped_column(comment="`replace` while a second must agree")
    standing: Mapped[str | None]
    primary_listing: Mapped[UUID | None]
    turn: Mapped[int] = mapped_column(comment="its place among what waits: nodes take turns")
    opened_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]
    serial: Mapped[int | None]


class DecisionRow(HubTable):
    """One person's decision, bound to the statement that was seen; never changed."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    review: Mapped[UUID] = mapped_column(ForeignKey("review.id"), index=True)
    statement_hash: Mapped[str]
    verdict: Mapped[str]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    examiner: Mapped[str]
    at: Mapped[Instant]


class ListingChangeRow(HubTable):
    """A change of a listing that no review was needed for: by its node, or by the hub itself.

    `submission` is the node's statement. `needs_entry` is false where nothing public was changed;
    `serial` is null until the entry is in the log. `text` and `actor` are not public.
    """

    __tablename__ = "listing_change"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('withdraw', 'suspend', 'resume', 'conflict_decided')", name="kind_known"
        ),
        CheckConstraint("by IN ('origin', 'hub')", name="by_known"),
        Index("ix_listing_change_listing", "listing"),
        Index(
            "ix_listing_change_unlogged_number",
            "application_number",
            postgresql_where="serial IS NULL AND needs_entry",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    submission: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"), unique=True)
    listing: Mapped[UUID]
    origin: Mapped[str]
    application_number: Mapped[str]
    kind: Mapped[str]
    by: Mapped[str]
    version: Mapped[int]
    statement_hash: Mapped[str | None]
    reason_code: Mapped[str | None]
    text: Mapped[str | None] = mapped_column(comment="private to the origin")
    others: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    actor: Mapped[str]
    at: Mapped[Instant]
    needs_entry: Mapped[bool]
    serial: Mapped[int | None]
