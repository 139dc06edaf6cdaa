"""Rows of accounts and of what proves who somebody is. Only hashes of secrets are stored.

Both services copy these tables into their own metadata, and so into their migration history.
"""

from typing import Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared_platform.database.tables import named_metadata

SIGN_IN: Final = named_metadata()

account: Final = Table(
    "account",
    SIGN_IN,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("email", Text, unique=True, comment="folded to lower case; where links are sent"),
    Column("roles", ARRAY(Text), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    Column("password_hash", Text, comment="argon2id, as pwdlib writes it"),
    Column("password_changed_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

account_token: Final = Table(
    "account_token",
    SIGN_IN,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
)

browser_session: Final = Table(
    "browser_session",
    SIGN_IN,
    Column("secret_hash", LargeBinary, primary_key=True, comment="SHA-256 of the cookie's value"),
    Column("id", Uuid, nullable=False, unique=True, comment="names it to its owner; opens nothing"),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("stage", Text, nullable=False, comment="what is proven so far"),
    Column("device", Text, nullable=False, comment="what the browser calls itself"),
    Column("address", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False, index=True),
    Column("notices", JSONB, nullable=False, server_default="[]", comment="for the next page"),
    CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash_length"),
    CheckConstraint("stage IN ('whole', 'second_factor', 'enrolling')", name="stage_known"),
)

account_link: Final = Table(
    "account_link",
    SIGN_IN,
    Column("secret_hash", LargeBinary, primary_key=True, comment="SHA-256 of the link's secret"),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
    CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash_length"),
    CheckConstraint("purpose IN ('invitation', 'recovery')", name="purpose_known"),
)
