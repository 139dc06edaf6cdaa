"""Rows of accounts and of what proves who somebody is. Only hashes of secrets are stored.

Both services copy these tables into their own metadata, and so into their migration history.
"""

from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared_platform.database.tables import named_metadata

SIGN_IN: Final = named_metadata()

# Of these roles an account has one at most; at a node, which lacks two of them, always so.
ADMINISTRATORS_APART: Final = (
    "('administrator' = ANY (roles))::int + ('security_administrator' = ANY (roles))::int"
    " + ('auditor' = ANY (roles))::int <= 1"
)

account: Final = Table(
    "account",
    SIGN_IN,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("email", Text, unique=True, comment="folded to lower case; where links are sent"),
    Column("roles", ARRAY(Text), nullable=False),
    Column("region", Text, comment="GB/T 2260 code that a regional role is bound to"),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    Column("password_hash", Text, comment="argon2id, as pwdlib writes it"),
    Column("password_changed_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), comment="last sign-in, or switched on again"),
    CheckConstraint(ADMINISTRATORS_APART, name="administrators_apart"),
)

account_token: Final = Table(
    "account_token",
    SIGN_IN,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("id", Uuid, nullable=False, unique=True, comment="names it to its owner; opens nothing"),
    Column("label", Text, nullable=False),
    Column("scopes", ARRAY(Text), comment="permissions it is limited to; null: all of the account"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True)),
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

totp_device: Final = Table(
    "totp_device",
    SIGN_IN,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("secret", Text, comment="base 32 (RFC 6238); null until a code has confirmed it"),
    Column("proposed_secret", Text, comment="shown to its owner, not yet confirmed"),
    Column("last_step", BigInteger, nullable=False, server_default="0", comment="taken last"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("confirmed_at", DateTime(timezone=True)),
)

recovery_code: Final = Table(
    "recovery_code",
    SIGN_IN,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
)

sign_in_failure: Final = Table(
    "sign_in_failure",
    SIGN_IN,
    Column("key_hash", LargeBinary, primary_key=True, comment="of what was typed, known or not"),
    Column("failures", Integer, nullable=False, comment="in a row"),
    Column("last_failed_at", DateTime(timezone=True), nullable=False, index=True),
    Column("waits_until", DateTime(timezone=True), nullable=False),
)

account_identity: Final = Table(
    "account_identity",
    SIGN_IN,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True, comment="the issuer's own name for the person"),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("linked_at", DateTime(timezone=True), nullable=False),
)

provider_visit: Final = Table(
    "provider_visit",
    SIGN_IN,
    Column("state_hash", LargeBinary, primary_key=True, comment="SHA-256 of the OAuth state"),
    Column("browser_hash", LargeBinary, nullable=False, comment="of the cookie it is bound to"),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False, comment="of PKCE (RFC 7636)"),
    Column("wanted", Text, comment="the page to come back to"),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
