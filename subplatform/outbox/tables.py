"""Rows of the outbox: statements to deliver, the hub's receipts, counters, and its condition."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_schema.instants import Instant
from subplatform.tables import NodeTable

_JSON: Final = JSONB(none_as_null=True)


class OutboxMessageRow(NodeTable):
    """One signed statement on its way. `envelope` is sent as it is, however often; empty: erased.

    `attempts` counts leases, `failures` the steps of the retry table since the last replay. While
    `is_unanswered` the hub may have the statement, though nobody here has seen its receipt.
    Rows that share a `batch_key` are sent again together, in the order of `batch_position`, so
    that the same key always goes with the same bytes.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'leased', 'sent', 'dead', 'cancelled')", name="state_known"
        ),
        CheckConstraint("(state = 'leased') = (lease_until IS NOT NULL)", name="lease_is_timed"),
        CheckConstraint("(state = 'leased') = (lease_id IS NOT NULL)", name="lease_is_owned"),
        CheckConstraint("state <> 'sent' OR receipt_id IS NOT NULL", name="sent_has_receipt"),
        CheckConstraint("(batch_key IS NULL) = (batch_position IS NULL)", name="batch_is_whole"),
        CheckConstraint(
            "batch_key IS NULL OR state = 'leased' OR (state = 'waiting' AND is_unanswered)",
            name="batch_is_open",
        ),
        CheckConstraint(
            "(erased_at IS NULL) = (octet_length(envelope) > 0)", name="erased_is_empty"
        ),
        CheckConstraint(
            "erased_at IS NULL OR state NOT IN ('waiting', 'leased')", name="erased_is_not_sent"
        ),
        Index(
            "uq_outbox_message_listing_version",
            "listing",
            "version",
            unique=True,
            postgresql_where=text("state <> 'cancelled'"),
        ),
        Index(
            "uq_outbox_message_batch",
            "batch_key",
            "batch_position",
            unique=True,
            postgresql_where=text("batch_key IS NOT NULL"),
        ),
        Index(
            "ix_outbox_message_due",
            "priority",
            "oseq",
            postgresql_where=text("state IN ('waiting', 'leased')"),
        ),
        Index("ix_outbox_message_state", "state", "oseq"),
    )

    oseq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    listing: Mapped[UUID]
    version: Mapped[int]
    op: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    statement_hash: Mapped[str]
    envelope: Mapped[bytes]
    state: Mapped[str]
    attempts: Mapped[int]
    failures: Mapped[int]
    is_alone: Mapped[bool]
    is_unanswered: Mapped[bool]
    next_attempt_at: Mapped[Instant]
    lease_id: Mapped[UUID | None]
    lease_until: Mapped[Instant | None]
    batch_key: Mapped[str | None]
    batch_position: Mapped[int | None]
    last_problem: Mapped[dict[str, Any] | None] = mapped_column(_JSON)
    receipt_id: Mapped[UUID | None] = mapped_column(ForeignKey("intake_receipt.id"))
    receipt: Mapped[dict[str, Any] | None] = mapped_column(_JSON)
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    erased_at: Mapped[Instant | None]


class IntakeReceiptRow(NodeTable):
    """A signed answer of the hub to one statement or one batch, provable without the hub.

    `stored` is what `StoredReceipt.to_json` wrote.
    """

    __tablename__ = "intake_receipt"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    stored: Mapped[bytes]
    received_at: Mapped[Instant]


class NodeCounterRow(NodeTable):
    """A dense counter of this node; whoever takes numbers holds its row until the commit."""

    __tablename__ = "node_counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class OutboxConditionRow(NodeTable):
    """What concerns the whole outbox: one row.

    Paused while `paused` names why the hub does not take anything from this node; one probe is made
    at `probe_at`. `foreign_statements` lists numbers under which the hub holds statements that this
    node knows nothing of (it was restored from a backup), `conflicting_statements` those under
    which it holds another one than this node (a second copy of the node, or a stolen key).
    `reconcile_wanted`: compare with the hub before the hour is over.
    """

    __tablename__ = "outbox_condition"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("(paused IS NULL) = (probe_at IS NULL)", name="pause_is_timed"),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    paused: Mapped[dict[str, Any] | None] = mapped_column(_JSON)
    paused_since: Mapped[Instant | None]
    probe_at: Mapped[Instant | None]
    pause_failures: Mapped[int]
    reconciled_at: Mapped[Instant | None]
    contiguous_through: Mapped[int | None]
    gap_count: Mapped[int | None]
    foreign_statements: Mapped[list[int] | None] = mapped_column(_JSON)
    conflicting_statements: Mapped[list[int] | None] = mapped_column(_JSON)
    reconcile_wanted: Mapped[bool] = mapped_column(server_default=text("false"))
