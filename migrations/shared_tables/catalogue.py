"""The log's entries and the catalogue that follows from them."""

from typing import Final

import sqlalchemy as sa
from alembic import op


def _catalogue_cursor() -> None:
    op.create_table(
        "catalogue_cursor",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="entries applied"),
        sa.Column("compact_range", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False, comment="Merkle root at that size"),
        sa.Column(
            "checkpoint",
            sa.LargeBinary(),
            nullable=True,
            comment="the signed note that vouches for that size",
        ),
        sa.Column("checkpoint_size", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint_root", sa.LargeBinary(), nullable=False),
        sa.Column(
            "checkpoint_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when this copy first saw it",
        ),
        sa.Column(
            "unsettled_size",
            sa.BigInteger(),
            nullable=True,
            comment="where a snapshot ends that is being applied",
        ),
        sa.CheckConstraint("checkpoint_size >= size", name=op.f("ck_catalogue_cursor_vouched")),
        sa.CheckConstraint("id = 1", name=op.f("ck_catalogue_cursor_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_cursor")),
    )


def _catalogue_listing() -> None:
    op.create_table(
        "catalogue_listing",
        sa.Column("listing", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="the patent's kind, from its number"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column(
            "primary_listing",
            sa.Uuid(),
            nullable=True,
            comment="the listing this one is also offered through",
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), nullable=False),
        sa.Column(
            "serial", sa.BigInteger(), nullable=False, comment="the last entry that changed the row"
        ),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "period_end",
            sa.Date(),
            nullable=True,
            comment="last day of the offer, legal day; null: terms unknown",
        ),
        sa.Column("holder_names", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column(
            "statement_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="of the last version's payload",
        ),
        sa.Column(
            "object_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="of the last version's envelope",
        ),
        sa.Column(
            "terms_object",
            sa.LargeBinary(),
            nullable=True,
            comment="of the envelope with the terms; null: erased",
        ),
        sa.Column(
            "needs_newer_reader", sa.Boolean(), nullable=False, comment="the terms are unknown here"
        ),
        sa.Column(
            "facts_json",
            sa.LargeBinary(),
            nullable=False,
            comment="ready bytes: facts of publication",
        ),
        sa.Column(
            "items_json",
            sa.LargeBinary(),
            nullable=True,
            comment="ready bytes: the nine items; null: terms unknown",
        ),
        sa.CheckConstraint(
            "standing IN ('primary', 'also_offered')", name=op.f("ck_catalogue_listing_standing")
        ),
        sa.CheckConstraint(
            "state IN ('published', 'suspended', 'withdrawn')",
            name=op.f("ck_catalogue_listing_state"),
        ),
        sa.CheckConstraint("serial >= first_serial", name=op.f("ck_catalogue_listing_serial")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_catalogue_listing_version")),
        sa.PrimaryKeyConstraint("listing", name=op.f("pk_catalogue_listing")),
    )
    op.create_index(
        "ix_catalogue_listing_holder",
        "catalogue_listing",
        ["holder_names"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(
        "ix_catalogue_listing_number",
        "catalogue_listing",
        ["application_number", "first_serial"],
        unique=False,
    )
    op.create_index(
        "ix_catalogue_listing_origin", "catalogue_listing", ["origin", "first_serial"], unique=False
    )
    op.create_index(
        "ix_catalogue_listing_period",
        "catalogue_listing",
        ["period_end", "first_serial"],
        unique=False,
        postgresql_where=sa.text("state IN ('published', 'suspended')"),
    )
    op.create_index("ix_catalogue_listing_serial", "catalogue_listing", ["serial"], unique=False)
    op.create_index(
        "ix_catalogue_listing_state", "catalogue_listing", ["state", "first_serial"], unique=False
    )
    op.create_index(
        "ix_catalogue_listing_terms",
        "catalogue_listing",
        ["terms_object"],
        unique=False,
        postgresql_using="hash",
    )
    op.create_index(
        "uq_catalogue_listing_first_serial", "catalogue_listing", ["first_serial"], unique=True
    )


def _log_entry() -> None:
    op.create_table(
        "log_entry",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True, comment="null: the leaf cannot be read"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True, comment="as the hub states it"),
        sa.Column(
            "origin",
            sa.Text(),
            nullable=True,
            comment="the node that said it; null: said by the hub",
        ),
        sa.Column("listing", sa.Uuid(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False, comment="the entry's exact bytes"),
        sa.Column(
            "object_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the statement's envelope",
        ),
        sa.Column(
            "needs_newer_reader",
            sa.Boolean(),
            nullable=False,
            comment="kind or member unknown here",
        ),
        sa.CheckConstraint("octet_length(object_hash) = 32", name=op.f("ck_log_entry_object_hash")),
        sa.CheckConstraint("serial >= 0", name=op.f("ck_log_entry_serial")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_log_entry")),
    )
    op.create_index(
        "ix_log_entry_decisions",
        "log_entry",
        ["serial"],
        unique=False,
        postgresql_where=sa.text("kind IN ('conflict_decided', 'object_erased')"),
    )
    op.create_index(
        "ix_log_entry_directory",
        "log_entry",
        ["serial"],
        unique=False,
        postgresql_where=sa.text(
            "kind IN ('node_enrolled', 'key_added', 'key_revoked', 'node_suspended', 'node_resumed'"
            ", 'node_retired', 'log_opened', 'log_key_changed', 'log_key_retired')"
        ),
    )
    op.create_index(
        "ix_log_entry_log_keys",
        "log_entry",
        ["serial"],
        unique=False,
        postgresql_where=sa.text("kind IN ('log_opened', 'log_key_changed', 'log_key_retired')"),
    )
    op.create_index(
        "ix_log_entry_listing",
        "log_entry",
        ["listing", "serial"],
        unique=False,
        postgresql_where=sa.text("listing IS NOT NULL"),
    )
    op.create_index(
        "ix_log_entry_newer",
        "log_entry",
        ["serial"],
        unique=False,
        postgresql_where=sa.text("needs_newer_reader"),
    )


def _catalogue_applied() -> None:
    op.create_table(
        "catalogue_applied",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_catalogue_applied")),
    )
    op.create_index("ix_catalogue_applied_at", "catalogue_applied", ["at"], unique=False)


def _catalogue_touched() -> None:
    op.create_table(
        "catalogue_touched",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("listing", sa.Uuid(), nullable=True, comment="null: the whole projection"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_touched")),
    )


def _quarantined_entry() -> None:
    op.create_table(
        "quarantined_entry",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column(
            "object",
            sa.LargeBinary(),
            nullable=True,
            comment="the bytes delivered with it, unverified; null: none",
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_quarantined_entry")),
    )


def _statement_object() -> None:
    op.create_table(
        "statement_object",
        sa.Column("object_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "envelope",
            sa.LargeBinary(),
            nullable=True,
            comment="exact bytes; null: erased, or never delivered",
        ),
        sa.Column(
            "erased_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the log's erase entry was made",
        ),
        sa.Column(
            "left_out",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="a snapshot came without it, as replaced by a later statement",
        ),
        sa.CheckConstraint(
            "envelope IS NULL OR erased_at IS NULL",
            name=op.f("ck_statement_object_erased_is_empty"),
        ),
        sa.CheckConstraint(
            "octet_length(object_hash) = 32", name=op.f("ck_statement_object_object_hash")
        ),
        sa.PrimaryKeyConstraint("object_hash", name=op.f("pk_statement_object")),
    )


TABLES: Final = {
    "catalogue_cursor": _catalogue_cursor,
    "catalogue_listing": _catalogue_listing,
    "log_entry": _log_entry,
    "catalogue_applied": _catalogue_applied,
    "catalogue_touched": _catalogue_touched,
    "quarantined_entry": _quarantined_entry,
    "statement_object": _statement_object,
}
