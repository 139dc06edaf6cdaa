"""Rows of what nodes sent: statements as they came, listings as last heard of, equivocations."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from main_platform.tables import HubTable
from shared_schema.instants import Instant


class SubmissionRow(HubTable):
    """A statement that was accepted into the hub, with the receipt the node got for it.

    `envelope` are the exact bytes received, empty once erased; every other column is a reading of
    them. `findings`
    holds `{"findings": […], "unchecked_rules": […]}` as of the day of receipt.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("origin", "oseq"),
        UniqueConstraint("listing", "version"),
        Index(
            "ix_submission_dated",
            "origin",
            "oseq",
            postgresql_where=text("op IN ('offer', 'resume')"),
        ),
        CheckConstraint("op IN ('offer', 'withdraw', 'suspend', 'resume')", name="op_known"),
        CheckConstraint(
            "(erased_at IS NULL) = (octet_length(envelope) > 0)", name="erased_is_empty"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(ForeignKey("node.id"))
    oseq: Mapped[int]
    listing: Mapped[UUID]
    version: Mapped[int]
    op: Mapped[str]
    application_number: Mapped[str]
    key_id: Mapped[str]
    prev: Mapped[str | None]
    statement_hash: Mapped[str]
    object_hash: Mapped[str]
    envelope: Mapped[bytes]
    reason_code: Mapped[str | None]
    findings: Mapped[dict[str, Any]]
    issued_at: Mapped[Instant]
    received_at: Mapped[Instant]
    receipt: Mapped[bytes]
    erased_at: Mapped[Instant | None]


class IntakeListingRow(HubTable):
    """A listing as last heard of: where its version chain stands, and whether it still counts.

    Its row lock is the lock of the listing: intake, review and withdrawal take it before they
    change anything about the listing. `live`: an offer is under review, approved or published.
    `offered_version`: the newest approved one. `withdrawn_at`: a tombstone, for ever.
    """

    __tablename__ = "intake_listing"
    __table_args__ = (
        Index(
            "uq_intake_listing_live_number",
            "origin",
            "application_number",
            unique=True,
            postgresql_where="live",
        ),
        Index("ix_intake_listing_application_number", "application_number"),
        CheckConstraint("withdrawn_at IS NULL OR NOT live", name="tombstone_is_dead"),
    )

    listing: Mapped[UUID] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(ForeignKey("node.id"))
    application_number: Mapped[str]
    version: Mapped[int]
    statement_hash: Mapped[str]
    declared_at: Mapped[Instant] = mapped_column(comment="issued_at of version 1, as the node says")
    live: Mapped[bool]
    period_end: Mapped[date | None] = mapped_column(comment="of the last offer received")
    offered_version: Mapped[int | None]
    withdrawn_at: Mapped[Instant | None]


class IntakeCounterRow(HubTable):
    """What was received of a node, counted as it came in, so that nobody has to count rows.

    Changed under the origin's lock only. `day_offers` counts the offers and resumptions of the
    legal day `day`, which the daily quota bounds.
    """

    __tablename__ = "intake_counter"
    __table_args__ = (CheckConstraint("received <= highest", name="oseqs_are_distinct"),)

    origin: Mapped[str] = mapped_column(ForeignKey("node.id"), primary_key=True)
    received: Mapped[int]
    highest: Mapped[int] = mapped_column(comment="largest oseq received")
    day: Mapped[date]
    day_offers: Mapped[int]
    gap_since: Mapped[Instant | None] = mapped_column(comment="null: no number is missing")


class EquivocationRow(HubTable):
    """A second, different statement under a number that was used: kept as evidence, never applied.

    `known_hash` is the statement the hub had accepted, `statement_hash` the one refused; its bytes
    are empty once the listing's version was erased.
    """

    __tablename__ = "equivocation"
    __table_args__ = (UniqueConstraint("origin", "object_hash"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    origin: Mapped[str] = mapped_column(ForeignKey("node.id"))
    oseq: Mapped[int]
    listing: Mapped[UUID]
    version: Mapped[int]
    known_oseq: Mapped[int]
    known_hash: Mapped[str]
    statement_hash: Mapped[str]
    object_hash: Mapped[str]
    envelope: Mapped[bytes]
    received_at: Mapped[Instant]
