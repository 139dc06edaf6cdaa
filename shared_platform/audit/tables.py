"""Rows of the audit trail. They are sealed once, by a trigger in each migration history, and stay.

What was archived into files may be removed; nothing else may.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared_platform.database.tables import named_metadata

AUDIT: Final = named_metadata()

audit_record: Final = Table(
    "audit_record",
    AUDIT,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False, comment="account name, node id or the service itself"),
    Column("act", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("place", BigInteger, unique=True, comment="in the chain, from 1; null until sealed"),
    Column("hash", LargeBinary, comment="SHA-256 of the hash before and this row's bytes"),
    CheckConstraint("(place IS NULL) = (hash IS NULL)", name="sealed_whole"),
    CheckConstraint("octet_length(hash) = 32", name="hash_length"),
    Index("ix_audit_record_subject", "subject_kind", "subject", "id"),
    Index("ix_audit_record_subject_at", "subject", "at", "id"),
    Index("ix_audit_record_at", "at", "id"),
    Index("ix_audit_record_actor", "actor", "at", "id"),
    Index("ix_audit_record_act", "act", "at", "id"),
)
Index("ix_audit_record_unsealed", audit_record.c.id, postgresql_where=audit_record.c.hash.is_(None))

audit_archive: Final = Table(
    "audit_archive",
    AUDIT,
    Column("first_place", BigInteger, primary_key=True, autoincrement=False),
    Column("last_place", BigInteger, nullable=False, unique=True),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("last_hash", LargeBinary, nullable=False, comment="on which the chain goes on"),
    Column("file", Text, nullable=False, unique=True, comment="its name in the audit folder"),
    Column("sha256", LargeBinary, nullable=False, comment="of the file"),
    Column("bytes", Integer, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("first_place <= last_place", name="places_in_order"),
    CheckConstraint("octet_length(last_hash) = 32 AND octet_length(sha256) = 32", name="lengths"),
    CheckConstraint("last_at <= made_at - interval '180 days'", name="kept_180_days"),
)
