"""Rows of what the hub told this node, and the proofs that its listings are in the log."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared_schema.instants import Instant
from subplatform.tables import NodeTable


class HubMessageRow(NodeTable):
    """One message from the hub, kept as it came; `seq` is dense, so the largest is the cursor.

    A hub restored from a backup gives numbers again: what was read under them before is kept, with
    `replaced_at`.

    `outcome` says what it changed here: `applied`, `noted` (nothing to change) or `unknown` (a
    kind that a newer version may understand).
    """

    __tablename__ = "hub_message"
    __table_args__ = (
        CheckConstraint("seq >= 1", name="seq_positive"),
        CheckConstraint("outcome IN ('applied', 'noted', 'unknown')", name="outcome_known"),
        Index("ix_hub_message_listing", "listing", "seq"),
        Index(
            "uq_hub_message_seq",
            "seq",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    seq: Mapped[int]
    kind: Mapped[str]
    at: Mapped[str]
    body: Mapped[dict[str, Any]]
    listing: Mapped[UUID | None]
    outcome: Mapped[str]
    received_at: Mapped[Instant]
    replaced_at: Mapped[Instant | None]


class InclusionProofRow(NodeTable):
    """The proof that an entry about one of this node's listings is in the signed log.

    `proof` is a `.tlog-proof` file (c2sp.org/tlog-proof) that verifies with the anchor alone.
    """

    __tablename__ = "inclusion_proof"
    __table_args__ = (Index("ix_inclusion_proof_listing", "listing", "serial"),)

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    listing: Mapped[UUID]
    proof: Mapped[bytes]
    stored_at: Mapped[Instant]
