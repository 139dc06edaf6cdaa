"""Rows about the copy of the log: when its source last answered, and how."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_schema.instants import Instant
from subplatform.tables import NodeTable


class MirrorContactRow(NodeTable):
    """The last exchanges with the log's source: one row.

    `level_at` is when the copy last held everything that the source had signed.
    """

    __tablename__ = "mirror_contact"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    hub_size: Mapped[int | None]
    contacted_at: Mapped[Instant | None]
    level_at: Mapped[Instant | None]
    failing_since: Mapped[Instant | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class CosigningRow(NodeTable):
    """What this node has vouched for at the hub: one row.

    `size` and `root` are those of the last cosignature that the hub took; `failure` says why the
    last one was not.
    """

    __tablename__ = "cosigning"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    size: Mapped[int]
    cosigned_at: Mapped[Instant | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class ForkEvidenceRow(NodeTable):
    """Two checkpoints under the log's own key of which neither continues the other; never changed.

    `note` is the one that this copy was proven against, `hub_note` the one that contradicts it.
    Each contradiction once, and once more with its proof.
    """

    __tablename__ = "fork_evidence"
    __table_args__ = (
        Index(
            "uq_fork_evidence_told",
            "size",
            "hub_note_hash",
            unique=True,
            postgresql_where=text("proof IS NULL"),
        ),
        Index(
            "uq_fork_evidence_proven",
            "size",
            "hub_note_hash",
            unique=True,
            postgresql_where=text("proof IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    size: Mapped[int] = mapped_column(comment="of the copy")
    note: Mapped[bytes]
    hub_note: Mapped[bytes]
    proof: Mapped[bytes | None] = mapped_column(comment="the source's own, between both sizes")
    hub_note_hash: Mapped[bytes] = mapped_column(comment="SHA-256 of its text, signatures apart")
    seen_at: Mapped[Instant]
