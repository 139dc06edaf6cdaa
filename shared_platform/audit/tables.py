"""Rows of the audit trail. A trigger in each migration history refuses to change or delete them."""

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Table, Text
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
    Index("ix_audit_record_subject", "subject_kind", "subject", "id"),
)
