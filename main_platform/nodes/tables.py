"""Rows of nodes, their keys, their enrolments and their inboxes."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from main_platform.tables import HubTable
from main_platform.two_people import Proposed, two_people
from shared_schema.instants import Instant


class NodeRow(HubTable):
    """A member of the federation. `inbox_head` is the sequence number of its newest message."""

    __tablename__ = "node"
    __table_args__ = (
        CheckConstraint(
            "state IN ('requested', 'active', 'suspended', 'retired')", name="state_known"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    state: Mapped[str]
    scope: Mapped[dict[str, Any]]
    inbox_head: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Instant]


class NodeContactRow(HubTable):
    """When a node last sent a proven request, and how far its clock was off then.

    Apart from `node`, whose row messages and decisions lock.
    """

    __tablename__ = "node_contact"

    node: Mapped[str] = mapped_column(ForeignKey("node.id"), primary_key=True)
    seen_at: Mapped[Instant | None]
    clock_offset_seconds: Mapped[int | None] = mapped_column(comment="positive: it is ahead")


class NodeQuotaRow(HubTable):
    """What staff allow a node to send; a missing row or null means the hub's settings."""

    __tablename__ = "node_quota"
    __table_args__ = (
        CheckConstraint("daily_offers >= 0 AND review_backlog >= 0", name="not_negative"),
    )

    node: Mapped[str] = mapped_column(ForeignKey("node.id"), primary_key=True)
    daily_offers: Mapped[int | None]
    review_backlog: Mapped[int | None]


class NodeKeyRow(HubTable):
    """A public key of a node; `state` is pending until the enrolment is confirmed.

    `revoke_at` is the end of an overlap, `ended_by` the key change that set it or revoked the key.
    While `unsettled`, statements that a revoked key signed still have to go back to their node.
    """

    __tablename__ = "node_key"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'active', 'revoked')", name="state_known"),
        CheckConstraint("use IN ('statement', 'cosigner', 'recovery')", name="use_known"),
    )

    key_id: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str] = mapped_column(ForeignKey("node.id"), index=True)
    use: Mapped[str]
    algorithm: Mapped[str]
    public_key: Mapped[bytes]
    state: Mapped[str]
    not_after: Mapped[Instant]
    added_at: Mapped[Instant | None]
    revoke_at: Mapped[Instant | None] = mapped_column(comment="end of the overlap")
    revoked_at: Mapped[Instant | None]
    suspect_from: Mapped[Instant | None] = mapped_column(comment="nothing since is trusted unseen")
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("key_change.change_hash"))
    unsettled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class KeyChangeRow(HubTable):
    """A node's key change that was applied, as it came, with the receipt given for it."""

    __tablename__ = "key_change"

    change_hash: Mapped[str] = mapped_column(primary_key=True, comment="SHA-256 of the payload")
    node: Mapped[str] = mapped_column(ForeignKey("node.id"), index=True)
    envelope: Mapped[bytes]
    receipt: Mapped[bytes]
    received_at: Mapped[Instant]


class KeyRevocationRow(Proposed, HubTable):
    """A revocation that one member of staff proposes and another one confirms or drops."""

    __tablename__ = "key_revocation"
    __table_args__ = (
        *two_people(),
        Index(
            "uq_key_revocation_waiting_key",
            "key_id",
            unique=True,
            postgresql_where="state = 'waiting'",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("node_key.key_id"))
    node: Mapped[str] = mapped_column(ForeignKey("node.id"))
    reason: Mapped[str]
    suspect_from: Mapped[Instant | None]


class EnrolmentRow(HubTable):
    """A node's wish to join, with the confirmations of staff who compared the fingerprint."""

    __tablename__ = "enrolment"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'confirmed', 'refused')", name="state_known"),
        Index(
            "uq_enrolment_waiting_node",
            "node",
            unique=True,
            postgresql_where="state = 'waiting'",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    node: Mapped[str] = mapped_column(ForeignKey("node.id"))
    request: Mapped[dict[str, Any]]
    fingerprint: Mapped[str]
    state: Mapped[str]
    confirmations: Mapped[list[str]]
    requested_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]
    reason: Mapped[str | None]


class CosignatureRow(HubTable):
    """The newest checkpoint that a node cosigned: `size` never goes back.

    `note` is the signed note as it came: the log's own signature and the node's. A size above the
    hub's own log proves that entries were lost here. `answered` is the last question of
    `log_guard` that the node has answered by cosigning.
    """

    __tablename__ = "cosignature"
    __table_args__ = (
        CheckConstraint("octet_length(root) = 32", name="root"),
        Index("ix_cosignature_size", "size"),
    )

    node: Mapped[str] = mapped_column(ForeignKey("node.id"), primary_key=True)
    size: Mapped[int]
    root: Mapped[bytes]
    note: Mapped[bytes]
    line: Mapped[str] = mapped_column(comment="the node's signature line, as served with the log")
    signed_at: Mapped[Instant] = mapped_column(comment="as the node signed it")
    received_at: Mapped[Instant]
    answered: Mapped[int]


class CosignatureWaiverRow(HubTable):
    """Staff let the log go on without hearing a node; gone when the node is heard again."""

    __tablename__ = "cosignature_waiver"

    node: Mapped[str] = mapped_column(ForeignKey("node.id"), primary_key=True)
    by: Mapped[str]
    reason: Mapped[str]
    at: Mapped[Instant]


class ShownCheckpointRow(HubTable):
    """A checkpoint under this log's own key that was larger than this log when it was shown.

    Whoever showed it may be unknown: it proves by itself that entries were lost here. It means
    nothing any more once the log is as large, or staff have waived it.
    """

    __tablename__ = "shown_checkpoint"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[bytes]
    shown_at: Mapped[Instant]
    waived_by: Mapped[str | None]
    reason: Mapped[str | None]


class LogGuardRow(HubTable):
    """What the nodes were asked before the log may grow, one row.

    `question` counts the starts of sequencers: each asks every node how much it has seen; the
    last did at `asked_at`.
    `restored_at`: the database came from a backup, so every active node must be heard.
    """

    __tablename__ = "log_guard"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    question: Mapped[int]
    asked_at: Mapped[Instant | None]
    restored_at: Mapped[Instant | None]


class InboxMessageRow(HubTable):
    """One message for a node; `seq` is dense per node, from 1."""

    __tablename__ = "inbox_message"

    node: Mapped[str] = mapped_column(ForeignKey("node.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[Instant]
