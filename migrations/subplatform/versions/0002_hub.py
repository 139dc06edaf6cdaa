"""What came from the hub, and how far its log was followed."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shared_tables.steps import create, drop

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _hub_message() -> None:
    op.create_table(
        "hub_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('applied', 'noted', 'unknown')", name=op.f("ck_hub_message_outcome_known")
        ),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_hub_message_seq_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_message")),
    )
    op.create_index(
        "uq_hub_message_seq",
        "hub_message",
        ["seq"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index("ix_hub_message_listing", "hub_message", ["listing", "seq"], unique=False)


def _inclusion_proof() -> None:
    op.create_table(
        "inclusion_proof",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_inclusion_proof")),
    )
    op.create_index(
        "ix_inclusion_proof_listing", "inclusion_proof", ["listing", "serial"], unique=False
    )


def _hub_view() -> None:
    op.create_table(
        "hub_view",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("view", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("clock_offset_seconds", sa.BigInteger(), nullable=False),
        sa.Column("is_restored", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_hub_view_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_view")),
    )


def _intake_receipt() -> None:
    op.create_table(
        "intake_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stored", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_receipt")),
    )


def _mirror_contact() -> None:
    op.create_table(
        "mirror_contact",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("hub_size", sa.BigInteger(), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "failure", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_mirror_contact_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mirror_contact")),
    )


def _cosigning() -> None:
    op.create_table(
        "cosigning",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("cosigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "failure", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_cosigning_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosigning")),
    )


def _fork_evidence() -> None:
    op.create_table(
        "fork_evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="of the copy"),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("hub_note", sa.LargeBinary(), nullable=False),
        sa.Column(
            "proof",
            sa.LargeBinary(),
            nullable=True,
            comment="the source's own, between both sizes",
        ),
        sa.Column(
            "hub_note_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of its text, signatures apart",
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fork_evidence")),
    )
    op.create_index(
        "uq_fork_evidence_told",
        "fork_evidence",
        ["size", "hub_note_hash"],
        unique=True,
        postgresql_where=sa.text("proof IS NULL"),
    )
    op.create_index(
        "uq_fork_evidence_proven",
        "fork_evidence",
        ["size", "hub_note_hash"],
        unique=True,
        postgresql_where=sa.text("proof IS NOT NULL"),
    )


TABLES: Final = {
    "hub_message": _hub_message,
    "inclusion_proof": _inclusion_proof,
    "hub_view": _hub_view,
    "intake_receipt": _intake_receipt,
    "mirror_contact": _mirror_contact,
    "cosigning": _cosigning,
    "fork_evidence": _fork_evidence,
}


def upgrade() -> None:
    """Create the tables."""
    create(TABLES)


def downgrade() -> None:
    """Drop them, as long as the next release has not written anything."""
    drop(TABLES)
