"""Statements that came in, and what the office decided."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shared_tables.steps import create, drop

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _held_entry() -> None:
    op.create_table(
        "held_entry",
        sa.Column(
            "id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="its id in the queue",
        ),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "code", sa.Text(), nullable=False, comment="as readers would give it in quarantine"
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "discarded_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="null: it waits for staff",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_entry")),
    )


def _equivocation() -> None:
    op.create_table(
        "equivocation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("oseq", sa.BigInteger(), nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("known_oseq", sa.BigInteger(), nullable=False),
        sa.Column("known_hash", sa.Text(), nullable=False),
        sa.Column("statement_hash", sa.Text(), nullable=False),
        sa.Column("object_hash", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["origin"], ["node.id"], name=op.f("fk_equivocation_origin_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equivocation")),
        sa.UniqueConstraint(
            "origin", "object_hash", name=op.f("uq_equivocation_origin_object_hash")
        ),
    )


def _erasure() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "reason", sa.Text(), nullable=False, comment="code; becomes public with the entries"
        ),
        sa.Column("extent", sa.Text(), nullable=True, comment="null: staff have not chosen yet"),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="by the node; null: it did not ask",
        ),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True, comment="code of why it was refused"),
        sa.Column("statements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("vacuumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "extent IN ('ended', 'before_live', 'withdraw')", name=op.f("ck_erasure_extent_known")
        ),
        sa.CheckConstraint("proposed_by <> decided_by", name=op.f("ck_erasure_two_people")),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_erasure_remaining")),
        sa.CheckConstraint(
            "state IN ('asked', 'proposed', 'confirmed', 'done', 'refused')",
            name=op.f("ck_erasure_state_known"),
        ),
        sa.ForeignKeyConstraint(["origin"], ["node.id"], name=op.f("fk_erasure_origin_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index("ix_erasure_listing", "erasure", ["listing"], unique=False)
    op.create_index("ix_erasure_state", "erasure", ["state", "id"], unique=False)
    op.create_index(
        "uq_erasure_open_listing",
        "erasure",
        ["listing"],
        unique=True,
        postgresql_where="state IN ('asked', 'confirmed', 'proposed')",
    )


def _intake_counter() -> None:
    op.create_table(
        "intake_counter",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("highest", sa.BigInteger(), nullable=False, comment="largest oseq received"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("day_offers", sa.BigInteger(), nullable=False),
        sa.Column(
            "gap_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="null: no number is missing",
        ),
        sa.CheckConstraint(
            "received <= highest", name=op.f("ck_intake_counter_oseqs_are_distinct")
        ),
        sa.ForeignKeyConstraint(
            ["origin"], ["node.id"], name=op.f("fk_intake_counter_origin_node")
        ),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_intake_counter")),
    )


def _intake_listing() -> None:
    op.create_table(
        "intake_listing",
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("statement_hash", sa.Text(), nullable=False),
        sa.Column(
            "declared_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="issued_at of version 1, as the node says",
        ),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=True, comment="of the last offer received"),
        sa.Column("offered_version", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR NOT live", name=op.f("ck_intake_listing_tombstone_is_dead")
        ),
        sa.ForeignKeyConstraint(
            ["origin"], ["node.id"], name=op.f("fk_intake_listing_origin_node")
        ),
        sa.PrimaryKeyConstraint("listing", name=op.f("pk_intake_listing")),
    )
    op.create_index(
        "ix_intake_listing_application_number",
        "intake_listing",
        ["application_number"],
        unique=False,
    )
    op.create_index(
        "uq_intake_listing_live_number",
        "intake_listing",
        ["origin", "application_number"],
        unique=True,
        postgresql_where="live",
    )


def _submission() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("oseq", sa.BigInteger(), nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("prev", sa.Text(), nullable=True),
        sa.Column("statement_hash", sa.Text(), nullable=False),
        sa.Column("object_hash", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (octet_length(envelope) > 0)",
            name=op.f("ck_submission_erased_is_empty"),
        ),
        sa.CheckConstraint(
            "op IN ('offer', 'withdraw', 'suspend', 'resume')", name=op.f("ck_submission_op_known")
        ),
        sa.ForeignKeyConstraint(["origin"], ["node.id"], name=op.f("fk_submission_origin_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("listing", "version", name=op.f("uq_submission_listing_version")),
        sa.UniqueConstraint("origin", "oseq", name=op.f("uq_submission_origin_oseq")),
    )
    op.create_index(
        "ix_submission_dated",
        "submission",
        ["origin", "oseq"],
        unique=False,
        postgresql_where=sa.text("op IN ('offer', 'resume')"),
    )


def _listing_change() -> None:
    op.create_table(
        "listing_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission", sa.Uuid(), nullable=True),
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("statement_hash", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True, comment="private to the origin"),
        sa.Column("others", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("needs_entry", sa.Boolean(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("by IN ('origin', 'hub')", name=op.f("ck_listing_change_by_known")),
        sa.CheckConstraint(
            "kind IN ('withdraw', 'suspend', 'resume', 'conflict_decided')",
            name=op.f("ck_listing_change_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["submission"], ["submission.id"], name=op.f("fk_listing_change_submission_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_change")),
        sa.UniqueConstraint("submission", name=op.f("uq_listing_change_submission")),
    )
    op.create_index("ix_listing_change_listing", "listing_change", ["listing"], unique=False)
    op.create_index(
        "ix_listing_change_unlogged_number",
        "listing_change",
        ["application_number"],
        unique=False,
        postgresql_where="serial IS NULL AND needs_entry",
    )


def _review() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("statement_hash", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("holder_names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("high_risk", sa.Boolean(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("finding_codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("unchecked_rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("conflicts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "regions",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="GB/T 2260: the holders' places, with all that they lie in",
        ),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_approver", sa.Text(), nullable=True),
        sa.Column("second_approver", sa.Text(), nullable=True),
        sa.Column(
            "resolution", sa.Text(), nullable=True, comment="`replace` while a second must agree"
        ),
        sa.Column("standing", sa.Text(), nullable=True),
        sa.Column("primary_listing", sa.Uuid(), nullable=True),
        sa.Column(
            "turn",
            sa.BigInteger(),
            nullable=False,
            comment="its place among what waits: nodes take turns",
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("serial", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'sequenced') = (serial IS NOT NULL)",
            name=op.f("ck_review_serial_when_logged"),
        ),
        sa.CheckConstraint("first_approver <> second_approver", name=op.f("ck_review_two_people")),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'sequenced')"
            " OR (first_approver IS NULL) = (second_approver IS NULL)",
            name=op.f("ck_review_confirmed_when_approved"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'claimed', 'second_review', 'conflict_hold', 'approved', 'sequenced', 'returned', 'rejected', 'superseded')",
            name=op.f("ck_review_state_known"),
        ),
        sa.ForeignKeyConstraint(["id"], ["submission.id"], name=op.f("fk_review_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(
        "ix_review_application_number", "review", ["application_number", "state"], unique=False
    )
    gin = {"unique": False, "postgresql_using": "gin"}
    by_value = {"holder_names": "jsonb_path_ops"}
    op.create_index("ix_review_finding_codes", "review", ["finding_codes"], **gin)
    op.create_index(
        "ix_review_holder_names", "review", ["holder_names"], **gin, postgresql_ops=by_value
    )
    op.create_index("ix_review_regions", "review", ["regions"], **gin)
    op.create_index("ix_review_listing", "review", ["listing", "version"], unique=True)
    op.create_index(
        "ix_review_origin_decided",
        "review",
        ["origin", "decided_at"],
        unique=False,
        postgresql_where="decided_at IS NOT NULL",
    )
    op.create_index("ix_review_origin_state", "review", ["origin", "state", "id"], unique=False)
    op.create_index(
        "ix_review_origin_turn",
        "review",
        ["origin", "turn"],
        unique=False,
        postgresql_where="state IN ('claimed', 'conflict_hold', 'second_review', 'waiting')",
    )
    op.create_index("ix_review_state", "review", ["state", "id"], unique=False)
    op.create_index("ix_review_turn", "review", ["state", "turn", "id"], unique=False)
    op.create_index(
        "uq_review_open_listing",
        "review",
        ["listing"],
        unique=True,
        postgresql_where="state IN ('claimed', 'conflict_hold', 'second_review', 'waiting')",
    )


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("review", sa.Uuid(), nullable=False),
        sa.Column("statement_hash", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("examiner", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["review"], ["review.id"], name=op.f("fk_decision_review_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_review"), "decision", ["review"], unique=False)


TABLES: Final = {
    "held_entry": _held_entry,
    "equivocation": _equivocation,
    "erasure": _erasure,
    "intake_counter": _intake_counter,
    "intake_listing": _intake_listing,
    "submission": _submission,
    "listing_change": _listing_change,
    "review": _review,
    "decision": _decision,
}


def upgrade() -> None:
    """Create the tables."""
    create(TABLES)


def downgrade() -> None:
    """Drop them, as long as the next release has not written anything."""
    drop(TABLES)
