"""The catalogue's rows: log entries, statements, one row for each listing, the cursor, quarantine.

The tables are Core tables, because they are written a page at a time and read as ready bytes. They
belong to no service: both include them (`include_tables(CATALOGUE, into=…)`) in their own metadata,
and so in their own migration history. All of them are a function of the log; rebuilding them gives
the same rows.
"""

from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from shared_platform.database.tables import named_metadata

# The entries of which the key directory is folded; few, however long the log.
DIRECTORY_ENTRIES: Final = (
    "kind IN ('node_enrolled', 'key_added', 'key_revoked',"
    " 'node_suspended', 'node_resumed', 'node_retired',"
    " 'log_opened', 'log_key_changed', 'log_key_retired')"
)
# The entries about the log's own key; fewer still, and read before each signature.
LOG_KEY_ENTRIES: Final = "kind IN ('log_opened', 'log_key_changed', 'log_key_retired')"
# The entries that concern listings without standing under one.
DECISIONS: Final = "kind IN ('conflict_decided', 'object_erased')"

CATALOGUE: Final = named_metadata()

log_entry: Final = Table(
    "log_entry",
    CATALOGUE,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, comment="null: the leaf cannot be read"),
    Column("at", DateTime(timezone=True), comment="as the hub states it"),
    Column("origin", Text, comment="the node that said it; null: said by the hub"),
    Column("listing", Uuid),
    Column("leaf", LargeBinary, nullable=False, comment="the entry's exact bytes"),
    Column("object_hash", LargeBinary, comment="SHA-256 of the statement's envelope"),
    Column("needs_newer_reader", Boolean, nullable=False, comment="kind or member unknown here"),
    CheckConstraint("serial >= 0", name="serial"),
    CheckConstraint("octet_length(object_hash) = 32", name="object_hash"),
    Index(
        "ix_log_entry_listing", "listing", "serial", postgresql_where=text("listing IS NOT NULL")
    ),
    Index("ix_log_entry_directory", "serial", postgresql_where=text(DIRECTORY_ENTRIES)),
    Index("ix_log_entry_log_keys", "serial", postgresql_where=text(LOG_KEY_ENTRIES)),
    Index("ix_log_entry_decisions", "serial", postgresql_where=text(DECISIONS)),
    Index("ix_log_entry_newer", "serial", postgresql_where=text("needs_newer_reader")),
)

statement_object: Final = Table(
    "statement_object",
    CATALOGUE,
    Column("object_hash", LargeBinary, primary_key=True),
    Column("envelope", LargeBinary, comment="exact bytes; null: erased, or never delivered"),
    Column("erased_at", DateTime(timezone=True), comment="when the log's erase entry was made"),
    Column(
        "left_out",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="a snapshot came without it, as replaced by a later statement",
    ),
    CheckConstraint("octet_length(object_hash) = 32", name="object_hash"),
    CheckConstraint("envelope IS NULL OR erased_at IS NULL", name="erased_is_empty"),
)

catalogue_listing: Final = Table(
    "catalogue_listing",
    CATALOGUE,
    Column("listing", Uuid, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("application_number", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="the patent's kind, from its number"),
    Column("state", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("primary_listing", Uuid, comment="the listing this one is also offered through"),
    Column("version", Integer, nullable=False),
    Column("first_serial", BigInteger, nullable=False),
    Column("serial", BigInteger, nullable=False, comment="the last entry that changed the row"),
    Column("approved_at", DateTime(timezone=True), nullable=False),
    Column("period_end", Date, comment="last day of the offer, legal day; null: terms unknown"),
    Column("holder_names", ARRAY(Text), nullable=False),
    Column("title", Text),
    Column("key_id", Text, nullable=False),
    Column("reason_code", Text),
    Column("statement_hash", LargeBinary, nullable=False, comment="of the last version's payload"),
    Column("object_hash", LargeBinary, nullable=False, comment="of the last version's envelope"),
    Column("terms_object", LargeBinary, comment="of the envelope with the terms; null: erased"),
    Column("needs_newer_reader", Boolean, nullable=False, comment="the terms are unknown here"),
    Column("facts_json", LargeBinary, nullable=False, comment="ready bytes: facts of publication"),
    Column("items_json", LargeBinary, comment="ready bytes: the nine items; null: terms unknown"),
    CheckConstraint("state IN ('published', 'suspended', 'withdrawn')", name="state"),
    CheckConstraint("standing IN ('primary', 'also_offered')", name="standing"),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("serial >= first_serial", name="serial"),
    Index("uq_catalogue_listing_first_serial", "first_serial", unique=True),
    Index("ix_catalogue_listing_state", "state", "first_serial"),
    Index("ix_catalogue_listing_number", "application_number", "first_serial"),
    Index("ix_catalogue_listing_origin", "origin", "first_serial"),
    Index("ix_catalogue_listing_serial", "serial"),
    Index(
        "ix_catalogue_listing_period",
        "period_end",
        "first_serial",
        postgresql_where=text("state IN ('published', 'suspended')"),
    ),
    Index("ix_catalogue_listing_terms", "terms_object", postgresql_using="hash"),
    Index(
        "ix_catalogue_listing_holder",
        "holder_names",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    ),
)

catalogue_cursor: Final = Table(
    "catalogue_cursor",
    CATALOGUE,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False, comment="entries applied"),
    Column("compact_range", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False, comment="Merkle root at that size"),
    Column("checkpoint", LargeBinary, comment="the signed note that vouches for that size"),
    Column("checkpoint_size", BigInteger, nullable=False),
    Column("checkpoint_root", LargeBinary, nullable=False),
    Column("checkpoint_at", DateTime(timezone=True), comment="when this copy first saw it"),
    Column("unsettled_size", BigInteger, comment="where a snapshot ends that is being applied"),
    CheckConstraint("id = 1", name="one_row"),
    CheckConstraint("checkpoint_size >= size", name="vouched"),
)

catalogue_touched: Final = Table(
    "catalogue_touched",
    CATALOGUE,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("listing", Uuid, comment="null: the whole projection"),
)
"""Listings made anew without a new entry, as when missing bytes came: followers look at them again.

Written under the position's lock, so that the numbers appear in their order."""

catalogue_applied: Final = Table(
    "catalogue_applied",
    CATALOGUE,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Index("ix_catalogue_applied_at", "at"),
)
"""When this copy first showed entries below a size: the one clock that grows with the log."""

quarantined_entry: Final = Table(
    "quarantined_entry",
    CATALOGUE,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("object", LargeBinary, comment="the bytes delivered with it, unverified; null: none"),
)
