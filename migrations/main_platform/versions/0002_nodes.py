"""Nodes, their keys, and what they report."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shared_tables.steps import create, drop

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _node() -> None:
    op.create_table(
        "node",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scope", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inbox_head", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'active', 'suspended', 'retired')",
            name=op.f("ck_node_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
    )


def _request_nonce() -> None:
    op.create_table(
        "request_nonce",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "nonce", name=op.f("pk_request_nonce")),
    )
    op.create_index(
        op.f("ix_request_nonce_expires_at"), "request_nonce", ["expires_at"], unique=False
    )


def _enrolment() -> None:
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("confirmations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'refused')", name=op.f("ck_enrolment_state_known")
        ),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_enrolment_node_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_index(
        "uq_enrolment_waiting_node",
        "enrolment",
        ["node"],
        unique=True,
        postgresql_where="state = 'waiting'",
    )


def _inbox_message() -> None:
    op.create_table(
        "inbox_message",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_inbox_message_node_node")),
        sa.PrimaryKeyConstraint("node", "seq", name=op.f("pk_inbox_message")),
    )


def _node_contact() -> None:
    op.create_table(
        "node_contact",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "clock_offset_seconds", sa.BigInteger(), nullable=True, comment="positive: it is ahead"
        ),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_node_contact_node_node")),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_node_contact")),
    )


def _node_quota() -> None:
    op.create_table(
        "node_quota",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("daily_offers", sa.BigInteger(), nullable=True),
        sa.Column("review_backlog", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "daily_offers >= 0 AND review_backlog >= 0", name=op.f("ck_node_quota_not_negative")
        ),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_node_quota_node_node")),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_node_quota")),
    )


def _key_change() -> None:
    op.create_table(
        "key_change",
        sa.Column("change_hash", sa.Text(), nullable=False, comment="SHA-256 of the payload"),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_key_change_node_node")),
        sa.PrimaryKeyConstraint("change_hash", name=op.f("pk_key_change")),
    )
    op.create_index(op.f("ix_key_change_node"), "key_change", ["node"], unique=False)


def _node_report() -> None:
    op.create_table(
        "node_report",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_node_report_node_node")),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_node_report")),
    )


def _node_key() -> None:
    op.create_table(
        "node_key",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "revoke_at", sa.DateTime(timezone=True), nullable=True, comment="end of the overlap"
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "suspect_from",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="nothing since is trusted unseen",
        ),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("unsettled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'active', 'revoked')", name=op.f("ck_node_key_state_known")
        ),
        sa.CheckConstraint(
            "use IN ('statement', 'cosigner', 'recovery')", name=op.f("ck_node_key_use_known")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"],
            ["key_change.change_hash"],
            name=op.f("fk_node_key_ended_by_key_change"),
        ),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_node_key_node_node")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_node_key")),
    )
    op.create_index(op.f("ix_node_key_node"), "node_key", ["node"], unique=False)


def _key_revocation() -> None:
    op.create_table(
        "key_revocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("suspect_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'dropped')",
            name=op.f("ck_key_revocation_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_by IS NULL)",
            name=op.f("ck_key_revocation_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR decided_by <> proposed_by",
            name=op.f("ck_key_revocation_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["node_key.key_id"], name=op.f("fk_key_revocation_key_id_node_key")
        ),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_key_revocation_node_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_revocation")),
    )
    op.create_index(
        "uq_key_revocation_waiting_key",
        "key_revocation",
        ["key_id"],
        unique=True,
        postgresql_where="state = 'waiting'",
    )


TABLES: Final = {
    "node": _node,
    "request_nonce": _request_nonce,
    "enrolment": _enrolment,
    "inbox_message": _inbox_message,
    "node_contact": _node_contact,
    "node_quota": _node_quota,
    "key_change": _key_change,
    "node_report": _node_report,
    "node_key": _node_key,
    "key_revocation": _key_revocation,
}


def upgrade() -> None:
    """Create the tables."""
    create(TABLES)


def downgrade() -> None:
    """Drop them, as long as the next release has not written anything."""
    drop(TABLES)
