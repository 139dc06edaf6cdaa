"""Accounts, and what proves who somebody is."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column(
            "email", sa.Text(), nullable=True, comment="folded to lower case; where links are sent"
        ),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "region",
            sa.Text(),
            nullable=True,
            comment="GB/T 2260 code that a regional role is bound to",
        ),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "password_hash", sa.Text(), nullable=True, comment="argon2id, as pwdlib writes it"
        ),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "used_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="last sign-in, or switched on again",
        ),
        sa.CheckConstraint(
            "('administrator' = ANY (roles))::int + ('security_administrator' = ANY (roles))::int"
            " + ('auditor' = ANY (roles))::int <= 1",
            name=op.f("ck_account_administrators_apart"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )


def _account_token() -> None:
    op.create_table(
        "account_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False, comment="names it to its owner; opens nothing"),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column(
            "scopes",
            sa.ARRAY(sa.Text()),
            nullable=True,
            comment="permissions it is limited to; null: all of the account",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_token_account_id_account")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_account_token")),
        sa.UniqueConstraint("id", name=op.f("uq_account_token_id")),
    )
    op.create_index(
        op.f("ix_account_token_account_id"), "account_token", ["account_id"], unique=False
    )


def _browser_session() -> None:
    op.create_table(
        "browser_session",
        sa.Column(
            "secret_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the cookie's value",
        ),
        sa.Column("id", sa.Uuid(), nullable=False, comment="names it to its owner; opens nothing"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False, comment="what is proven so far"),
        sa.Column("device", sa.Text(), nullable=False, comment="what the browser calls itself"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "notices",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="for the next page",
        ),
        sa.CheckConstraint(
            "octet_length(secret_hash) = 32", name=op.f("ck_browser_session_secret_hash_length")
        ),
        sa.CheckConstraint(
            "stage IN ('whole', 'second_factor', 'enrolling')",
            name=op.f("ck_browser_session_stage_known"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_browser_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_browser_session")),
        sa.UniqueConstraint("id", name=op.f("uq_browser_session_id")),
    )
    op.create_index(
        op.f("ix_browser_session_account_id"), "browser_session", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_browser_session_ends_at"), "browser_session", ["ends_at"], unique=False
    )


def _account_link() -> None:
    op.create_table(
        "account_link",
        sa.Column(
            "secret_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the link's secret",
        ),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "octet_length(secret_hash) = 32", name=op.f("ck_account_link_secret_hash_length")
        ),
        sa.CheckConstraint(
            "purpose IN ('invitation', 'recovery')", name=op.f("ck_account_link_purpose_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_link_account_id_account")
        ),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_account_link")),
    )
    op.create_index(
        op.f("ix_account_link_account_id"), "account_link", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_account_link_expires_at"), "account_link", ["expires_at"], unique=False
    )


def _mail_letter() -> None:
    op.create_table(
        "mail_letter",
        sa.Column(
            "id", sa.Uuid(), nullable=False, comment="also the Message-ID, the same at every try"
        ),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True, comment="null once it was sent"),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "gave_up_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="it was not deliverable for a week",
        ),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_letter")),
    )
    op.create_index(
        "ix_mail_letter_due",
        "mail_letter",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND gave_up_at IS NULL"),
    )


def _totp_device() -> None:
    op.create_table(
        "totp_device",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "secret",
            sa.Text(),
            nullable=True,
            comment="base 32 (RFC 6238); null until a code has confirmed it",
        ),
        sa.Column(
            "proposed_secret",
            sa.Text(),
            nullable=True,
            comment="shown to its owner, not yet confirmed",
        ),
        sa.Column(
            "last_step", sa.BigInteger(), server_default="0", nullable=False, comment="taken last"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_totp_device_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_totp_device")),
    )


def _recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_index(
        op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], unique=False
    )


def _sign_in_failure() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column(
            "key_hash", sa.LargeBinary(), nullable=False, comment="of what was typed, known or not"
        ),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(
        op.f("ix_sign_in_failure_last_failed_at"),
        "sign_in_failure",
        ["last_failed_at"],
        unique=False,
    )


def _account_identity() -> None:
    op.create_table(
        "account_identity",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="the issuer's own name for the person"
        ),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_identity_account_id_account")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_account_identity")),
    )
    op.create_index(
        op.f("ix_account_identity_account_id"), "account_identity", ["account_id"], unique=False
    )


def _provider_visit() -> None:
    op.create_table(
        "provider_visit",
        sa.Column(
            "state_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the OAuth state"
        ),
        sa.Column(
            "browser_hash", sa.LargeBinary(), nullable=False, comment="of the cookie it is bound to"
        ),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False, comment="of PKCE (RFC 7636)"),
        sa.Column("wanted", sa.Text(), nullable=True, comment="the page to come back to"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_provider_visit")),
    )
    op.create_index(
        op.f("ix_provider_visit_expires_at"), "provider_visit", ["expires_at"], unique=False
    )


TABLES: Final = {
    "account": _account,
    "account_token": _account_token,
    "browser_session": _browser_session,
    "account_link": _account_link,
    "mail_letter": _mail_letter,
    "totp_device": _totp_device,
    "recovery_code": _recovery_code,
    "sign_in_failure": _sign_in_failure,
    "account_identity": _account_identity,
    "provider_visit": _provider_visit,
}
