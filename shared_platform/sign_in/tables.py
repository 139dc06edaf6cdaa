"""Rows of accounts and their tokens. Only hashes of tokens are stored.

Both services include these tables in their own metadata, and so in their own migration history.
"""

from typing import Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)

from shared_platform.database.tables import include_tables

_own: Final = MetaData()

account: Final = Table(
    "account",
    _own,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

account_token: Final = Table(
    "account_token",
    _own,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
)


def include_sign_in(metadata: MetaData) -> None:
    """Add the tables to a service's metadata."""
    include_tables(_own, into=metadata)
