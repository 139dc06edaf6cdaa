"""The alarms, and what answers requests."""

from typing import Final

import sqlalchemy as sa
from alembic import op


def _idempotency_record() -> None:
    op.create_table(
        "idempotency_record",
        sa.Column(
            "caller", sa.Text(), nullable=False, comment="node or account: keys are per caller"
        ),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "request_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of method, path, body",
        ),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status IS NULL) = (body IS NULL)", name=op.f("ck_idempotency_record_answer_is_whole")
        ),
        sa.CheckConstraint(
            "octet_length(request_hash) = 32",
            name=op.f("ck_idempotency_record_request_hash_length"),
        ),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_record")),
    )
    op.create_index(
        op.f("ix_idempotency_record_expires_at"), "idempotency_record", ["expires_at"], unique=False
    )


def _alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "subject",
            sa.Text(),
            nullable=False,
            comment="what it is about; empty: the service itself",
        ),
        sa.Column("detail", sa.Text(), nullable=False, comment="the facts, as last seen"),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="null: the condition still holds",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    op.create_index(
        "uq_alarm_open",
        "alarm",
        ["code", "subject"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _portal_key() -> None:
    op.create_table(
        "portal_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "contact", sa.Text(), nullable=False, comment="whom to tell when something is wrong"
        ),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "times", sa.Integer(), nullable=False, comment="budgets, in those of one address"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(key_hash) = 32", name=op.f("ck_portal_key_key_hash")),
        sa.CheckConstraint("times BETWEEN 1 AND 1000", name=op.f("ck_portal_key_times")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_portal_key_key_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_portal_key_name")),
    )


def _portal_key_use() -> None:
    op.create_table(
        "portal_key_use",
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="legal day"),
        sa.Column("budget", sa.Text(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False, comment="over the limit"),
        sa.ForeignKeyConstraint(
            ["key"], ["portal_key.id"], name=op.f("fk_portal_key_use_key_portal_key")
        ),
        sa.PrimaryKeyConstraint("key", "day", "budget", name=op.f("pk_portal_key_use")),
    )


def _job_run() -> None:
    op.create_table(
        "job_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "ran_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it last ended well",
        ),
        sa.Column("seconds", sa.Float(), nullable=True, comment="how long that took"),
        sa.Column(
            "next_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it works again at the latest",
        ),
        sa.Column(
            "failed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it last failed",
        ),
        sa.Column(
            "failure",
            sa.Text(),
            nullable=True,
            comment="what kind of failure; the log has the rest",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_run")),
    )


TABLES: Final = {
    "job_run": _job_run,
    "idempotency_record": _idempotency_record,
    "alarm": _alarm,
    "portal_key": _portal_key,
    "portal_key_use": _portal_key_use,
}
