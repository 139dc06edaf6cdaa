"""The log as the hub writes and proves it."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from migrations.shared_tables.steps import create, drop

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _log_bundle() -> None:
    op.create_table(
        "log_bundle",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("zstd", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_log_bundle")),
    )


def _log_head() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "size", sa.BigInteger(), nullable=False, comment="entries committed; the next serial"
        ),
        sa.Column("compact_range", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column(
            "checkpoint",
            sa.LargeBinary(),
            nullable=True,
            comment="signed note; null: none was signed",
        ),
        sa.Column("checkpoint_size", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("checkpoint_size <= size", name=op.f("ck_log_head_signed_after_commit")),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_one_row")),
        sa.CheckConstraint("octet_length(root) = 32", name=op.f("ck_log_head_root")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )


def _log_handover() -> None:
    op.create_table(
        "log_handover",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column(
            "note",
            sa.LargeBinary(),
            nullable=False,
            comment="the signed checkpoint, exact bytes",
        ),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > serial", name=op.f("ck_log_handover_covers_the_entry")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_log_handover")),
    )


def _log_key_proposal() -> None:
    op.create_table(
        "log_key_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False, comment="the key that is replaced or ends"),
        sa.Column("log_vkey", sa.Text(), nullable=True, comment="the new key"),
        sa.Column("proof", sa.Text(), nullable=True, comment="the new key's own envelope, base64"),
        sa.Column("overlap", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "action IN ('rotate', 'retire')", name=op.f("ck_log_key_proposal_action_known")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'dropped')",
            name=op.f("ck_log_key_proposal_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_by IS NULL)",
            name=op.f("ck_log_key_proposal_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR decided_by <> proposed_by",
            name=op.f("ck_log_key_proposal_two_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_key_proposal")),
    )
    op.create_index(
        "uq_log_key_proposal_waiting",
        "log_key_proposal",
        ["state"],
        unique=True,
        postgresql_where="state = 'waiting'",
    )


def _log_tile() -> None:
    op.create_table(
        "log_tile",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0",
            name=op.f("ck_log_tile_hashes"),
        ),
        sa.PrimaryKeyConstraint("level", "n", name=op.f("pk_log_tile")),
    )


def _publish_queue() -> None:
    op.create_table(
        "publish_queue",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False, comment="lower goes first"),
        sa.Column("listing", sa.Uuid(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column(
            "queued_at", sa.DateTime(timezone=True), nullable=False, comment="when the hub decided"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publish_queue")),
    )
    op.create_index(
        "ix_publish_queue_erasure",
        "publish_queue",
        ["id"],
        unique=False,
        postgresql_where=sa.text("subject_kind = 'erasure'"),
    )
    op.create_index("ix_publish_queue_listing", "publish_queue", ["listing", "id"], unique=False)
    op.create_index("ix_publish_queue_order", "publish_queue", ["priority", "id"], unique=False)


def _cosignature() -> None:
    op.create_table(
        "cosignature",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column(
            "line",
            sa.Text(),
            nullable=False,
            comment="the node's signature line, as served with the log",
        ),
        sa.Column(
            "signed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="as the node signed it",
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(root) = 32", name=op.f("ck_cosignature_root")),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_cosignature_node_node")),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_cosignature")),
    )
    op.create_index("ix_cosignature_size", "cosignature", ["size"], unique=False)


def _cosignature_waiver() -> None:
    op.create_table(
        "cosignature_waiver",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["node"], ["node.id"], name=op.f("fk_cosignature_waiver_node_node")
        ),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_cosignature_waiver")),
    )


def _shown_checkpoint() -> None:
    op.create_table(
        "shown_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waived_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_shown_checkpoint")),
    )


def _log_guard() -> None:
    op.create_table(
        "log_guard",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("question", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_guard_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_guard")),
    )


def _fork_evidence() -> None:
    op.create_table(
        "fork_evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("own_root", sa.LargeBinary(), nullable=False, comment="of the hub at that size"),
        sa.Column("own_note", sa.LargeBinary(), nullable=False, comment="the hub's newest"),
        sa.Column(
            "proof",
            sa.LargeBinary(),
            nullable=True,
            comment="by the node's log, where the hub's is the smaller one",
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_fork_evidence_node_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fork_evidence")),
        sa.UniqueConstraint("node", "size", "root", name=op.f("uq_fork_evidence_node_size_root")),
    )


TABLES: Final = {
    "log_bundle": _log_bundle,
    "log_head": _log_head,
    "log_handover": _log_handover,
    "log_key_proposal": _log_key_proposal,
    "log_tile": _log_tile,
    "publish_queue": _publish_queue,
    "cosignature": _cosignature,
    "cosignature_waiver": _cosignature_waiver,
    "shown_checkpoint": _shown_checkpoint,
    "log_guard": _log_guard,
    "fork_evidence": _fork_evidence,
}


def upgrade() -> None:
    """Create the tables."""
    create(TABLES)


def downgrade() -> None:
    """Drop them, as long as the next release has not written anything."""
    drop(TABLES)
