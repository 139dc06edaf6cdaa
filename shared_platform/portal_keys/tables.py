"""Rows of portal keys and of their use. Only hashes of keys are stored.

Both services copy these tables into their own metadata, and so into their migration history.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from shared_platform.database.tables import named_metadata

PORTAL_KEYS: Final = named_metadata()

portal_key: Final = Table(
    "portal_key",
    PORTAL_KEYS,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("contact", Text, nullable=False, comment="whom to tell when something is wrong"),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("times", Integer, nullable=False, comment="budgets, in those of one address"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    CheckConstraint("octet_length(key_hash) = 32", name="key_hash"),
    CheckConstraint("times BETWEEN 1 AND 1000", name="times"),
)

portal_key_use: Final = Table(
    "portal_key_use",
    PORTAL_KEYS,
    Column("key", ForeignKey("portal_key.id"), primary_key=True),
    Column("day", Date, primary_key=True, comment="legal day"),
    Column("budget", Text, primary_key=True),
    Column("granted", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False, comment="over the limit"),
)
