"""Declarations, and what is sent to the hub."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shared_tables.steps import create, drop

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _import_run() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_new", sa.BigInteger(), nullable=False),
        sa.Column("rows_updated", sa.BigInteger(), nullable=False),
        sa.Column("rows_unchanged", sa.BigInteger(), nullable=False),
        sa.Column("rows_refused", sa.BigInteger(), nullable=False),
        sa.Column(
            "counts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.CheckConstraint(
            "state IN ('running', 'completed', 'interrupted')",
            name=op.f("ck_import_run_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_import_run_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(
        "ix_import_run_organisation", "import_run", ["organisation_id", "id"], unique=False
    )
    op.create_index("ix_import_run_file", "import_run", ["file_sha256", "profile"], unique=False)


def _import_job() -> None:
    op.create_table(
        "import_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=True),
        sa.Column("supplied", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("rows_done", sa.BigInteger(), nullable=False),
        sa.Column("rows_total", sa.BigInteger(), nullable=True),
        sa.Column("run", sa.Uuid(), nullable=True),
        sa.Column(
            "counts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "problem", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'read', 'done', 'refused', 'failed')",
            name=op.f("ck_import_job_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL)",
            name=op.f("ck_import_job_lease_is_timed"),
        ),
        sa.ForeignKeyConstraint(
            ["run"], ["import_run.id"], name=op.f("fk_import_job_run_import_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    op.create_index(
        "ix_import_job_open",
        "import_job",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )


def _node_counter() -> None:
    op.create_table(
        "node_counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_node_counter")),
    )


def _outbox_condition() -> None:
    op.create_table(
        "outbox_condition",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "paused", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("paused_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_failures", sa.BigInteger(), nullable=False),
        sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contiguous_through", sa.BigInteger(), nullable=True),
        sa.Column("gap_count", sa.BigInteger(), nullable=True),
        sa.Column(
            "foreign_statements",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column(
            "conflicting_statements",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column(
            "reconcile_wanted", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.CheckConstraint(
            "(paused IS NULL) = (probe_at IS NULL)", name=op.f("ck_outbox_condition_pause_is_timed")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_outbox_condition_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_condition")),
    )


def _register_snapshot() -> None:
    op.create_table(
        "register_snapshot",
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application_number", name=op.f("pk_register_snapshot")),
    )


def _declaration() -> None:
    op.create_table(
        "declaration",
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("last_statement_hash", sa.Text(), nullable=True),
        sa.Column("last_oseq", sa.BigInteger(), nullable=True),
        sa.Column(
            "needs_signature",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="its key was revoked at the hub",
        ),
        sa.Column("serial", sa.BigInteger(), nullable=True),
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("holder_names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("imported_hash", sa.Text(), nullable=True),
        sa.Column("extension", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("finding_codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("unchecked_rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("report_demanded", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_as_of", sa.Date(), nullable=True),
        sa.Column("status_source", sa.Text(), nullable=True),
        sa.Column("source", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("return_reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "correction_due",
            sa.Date(),
            nullable=True,
            comment="the last day for the correction that a verifier asked for",
        ),
        sa.Column(
            "suspension", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("row_version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "erased_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its content was taken out",
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'verifying', 'correction', 'verified', 'recommended', 'published', 'suspended', 'withdrawal_requested', 'withdrawn', 'expired', 'refused')",
            name=op.f("ck_declaration_state_known"),
        ),
        sa.CheckConstraint(
            "(version = 0) = (last_oseq IS NULL)",
            name=op.f("ck_declaration_signed_versions_have_an_oseq"),
        ),
        sa.CheckConstraint(
            "(version = 0) = (last_statement_hash IS NULL)",
            name=op.f("ck_declaration_signed_versions_have_a_hash"),
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_declaration_version")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_run.id"], name=op.f("fk_declaration_import_id_import_run")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_declaration_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("listing", name=op.f("pk_declaration")),
    )
    op.create_index(
        "ix_declaration_application_number", "declaration", ["application_number"], unique=False
    )
    op.create_index(
        "ix_declaration_finding_codes",
        "declaration",
        ["finding_codes"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index("ix_declaration_import", "declaration", ["import_id"], unique=False)
    op.create_index(
        "ix_declaration_organisation", "declaration", ["organisation_id", "listing"], unique=False
    )
    op.create_index(
        "ix_declaration_needs_signature",
        "declaration",
        ["listing"],
        unique=False,
        postgresql_where=sa.text("needs_signature"),
    )
    op.create_index(
        "ix_declaration_period_end",
        "declaration",
        ["period_end"],
        unique=False,
        postgresql_where=sa.text("state IN ('published', 'suspended')"),
    )
    op.create_index("ix_declaration_state", "declaration", ["state", "listing"], unique=False)
    op.create_index(
        "uq_declaration_live_number",
        "declaration",
        ["application_number"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'expired', 'refused')"),
    )


def _outbox_message() -> None:
    op.create_table(
        "outbox_message",
        sa.Column("oseq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("statement_hash", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("is_alone", sa.Boolean(), nullable=False),
        sa.Column("is_unanswered", sa.Boolean(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch_key", sa.Text(), nullable=True),
        sa.Column("batch_position", sa.BigInteger(), nullable=True),
        sa.Column(
            "last_problem",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column(
            "receipt", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (octet_length(envelope) > 0)",
            name=op.f("ck_outbox_message_erased_is_empty"),
        ),
        sa.CheckConstraint(
            "erased_at IS NULL OR state NOT IN ('waiting', 'leased')",
            name=op.f("ck_outbox_message_erased_is_not_sent"),
        ),
        sa.CheckConstraint(
            "(state = 'leased') = (lease_id IS NOT NULL)",
            name=op.f("ck_outbox_message_lease_is_owned"),
        ),
        sa.CheckConstraint(
            "(state = 'leased') = (lease_until IS NOT NULL)",
            name=op.f("ck_outbox_message_lease_is_timed"),
        ),
        sa.CheckConstraint(
            "batch_key IS NULL OR state = 'leased' OR (state = 'waiting' AND is_unanswered)",
            name=op.f("ck_outbox_message_batch_is_open"),
        ),
        sa.CheckConstraint(
            "state <> 'sent' OR receipt_id IS NOT NULL",
            name=op.f("ck_outbox_message_sent_has_receipt"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'leased', 'sent', 'dead', 'cancelled')",
            name=op.f("ck_outbox_message_state_known"),
        ),
        sa.CheckConstraint(
            "(batch_key IS NULL) = (batch_position IS NULL)",
            name=op.f("ck_outbox_message_batch_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["intake_receipt.id"],
            name=op.f("fk_outbox_message_receipt_id_intake_receipt"),
        ),
        sa.PrimaryKeyConstraint("oseq", name=op.f("pk_outbox_message")),
    )
    op.create_index(
        "ix_outbox_message_due",
        "outbox_message",
        ["priority", "oseq"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'leased')"),
    )
    op.create_index("ix_outbox_message_state", "outbox_message", ["state", "oseq"], unique=False)
    op.create_index(
        "uq_outbox_message_batch",
        "outbox_message",
        ["batch_key", "batch_position"],
        unique=True,
        postgresql_where=sa.text("batch_key IS NOT NULL"),
    )
    op.create_index(
        "uq_outbox_message_listing_version",
        "outbox_message",
        ["listing", "version"],
        unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
    )


TABLES: Final = {
    "import_run": _import_run,
    "import_job": _import_job,
    "node_counter": _node_counter,
    "outbox_condition": _outbox_condition,
    "register_snapshot": _register_snapshot,
    "declaration": _declaration,
    "outbox_message": _outbox_message,
}


def upgrade() -> None:
    """Create the tables."""
    create(TABLES)


def downgrade() -> None:
    """Drop them, as long as the next release has not written anything."""
    drop(TABLES)
