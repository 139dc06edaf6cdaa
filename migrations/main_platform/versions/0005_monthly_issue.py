"""Monthly issues, their editions and corrections."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shared_tables.steps import create, drop

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _monthly_issue() -> None:
    op.create_table(
        "monthly_issue",
        sa.Column("number", sa.Text(), nullable=False, comment="as KX-2026-11"),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column(
            "as_of",
            sa.Date(),
            nullable=False,
            comment="legal day on which the listings were open",
        ),
        sa.Column(
            "is_early", sa.Boolean(), nullable=False, comment="frozen before the month was over"
        ),
        sa.Column("log_origin", sa.Text(), nullable=False),
        sa.Column("log_size", sa.BigInteger(), nullable=False),
        sa.Column("log_root", sa.LargeBinary(), nullable=False),
        sa.Column(
            "checkpoint",
            sa.LargeBinary(),
            nullable=False,
            comment="the hub's signed note of that size",
        ),
        sa.Column(
            "publisher",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="names and address then",
        ),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name=op.f("ck_monthly_issue_month_form")
        ),
        sa.CheckConstraint("log_size > 0", name=op.f("ck_monthly_issue_log_not_empty")),
        sa.CheckConstraint("octet_length(log_root) = 32", name=op.f("ck_monthly_issue_root")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_monthly_issue")),
        sa.UniqueConstraint("month", name="uq_monthly_issue_month"),
    )


def _issue_edition() -> None:
    op.create_table(
        "issue_edition",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("erasures_through", sa.BigInteger(), nullable=False, comment="-1: none before"),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "files",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="names, hashes, lengths",
        ),
        sa.Column(
            "unprintable",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="characters the fonts lack",
        ),
        sa.Column(
            "renderer",
            sa.Text(),
            nullable=False,
            comment="program and fonts that set the PDF",
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cause IN ('frozen', 'erased', 'restored')", name=op.f("ck_issue_edition_cause_known")
        ),
        sa.CheckConstraint(
            "(edition = 1) = (cause = 'frozen')", name=op.f("ck_issue_edition_first_is_frozen")
        ),
        sa.ForeignKeyConstraint(
            ["number"], ["monthly_issue.number"], name=op.f("fk_issue_edition_number_monthly_issue")
        ),
        sa.PrimaryKeyConstraint("number", "edition", name=op.f("pk_issue_edition")),
    )


def _issue_entry() -> None:
    op.create_table(
        "issue_entry",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column(
            "terms_object",
            sa.LargeBinary(),
            nullable=True,
            comment="null: erased before the issue",
        ),
        sa.ForeignKeyConstraint(
            ["number"], ["monthly_issue.number"], name=op.f("fk_issue_entry_number_monthly_issue")
        ),
        sa.PrimaryKeyConstraint("number", "no", name=op.f("pk_issue_entry")),
        sa.UniqueConstraint("number", "listing", name="uq_issue_entry_listing"),
    )
    op.create_index("ix_issue_entry_terms", "issue_entry", ["terms_object"], unique=False)


def _issue_erratum() -> None:
    op.create_table(
        "issue_erratum",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "no", sa.BigInteger(), nullable=True, comment="the entry; null: the issue as a whole"
        ),
        sa.Column(
            "line_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the line as published",
        ),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_issue_erratum_seq")),
        sa.CheckConstraint("octet_length(line_hash) = 32", name=op.f("ck_issue_erratum_line_hash")),
        sa.ForeignKeyConstraint(
            ["number"], ["monthly_issue.number"], name=op.f("fk_issue_erratum_number_monthly_issue")
        ),
        sa.PrimaryKeyConstraint("number", "seq", name=op.f("pk_issue_erratum")),
    )


def _issue_erratum_line() -> None:
    op.create_table(
        "issue_erratum_line",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "seq", name=op.f("pk_issue_erratum_line")),
    )


TABLES: Final = {
    "monthly_issue": _monthly_issue,
    "issue_edition": _issue_edition,
    "issue_entry": _issue_entry,
    "issue_erratum": _issue_erratum,
    "issue_erratum_line": _issue_erratum_line,
}


def upgrade() -> None:
    """Create the tables."""
    create(TABLES)


def downgrade() -> None:
    """Drop them, as long as the next release has not written anything."""
    drop(TABLES)
