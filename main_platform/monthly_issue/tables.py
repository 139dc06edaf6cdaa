"""Rows of monthly issues: where in the log each was frozen, its editions, its entries, its errata.

Rows are only ever added, but for the lines of errata: their words can be erased, their hashes stay.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from main_platform.tables import HubTable
from shared_schema.instants import Instant


class IssueRow(HubTable):
    """One month's issue: all that its contents follow from, besides the log itself."""

    __tablename__ = "monthly_issue"
    __table_args__ = (
        UniqueConstraint("month", name="uq_monthly_issue_month"),
        CheckConstraint("month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="month_form"),
        CheckConstraint("log_size > 0", name="log_not_empty"),
        CheckConstraint("octet_length(log_root) = 32", name="root"),
    )

    number: Mapped[str] = mapped_column(primary_key=True, comment="as KX-2026-11")
    month: Mapped[str]
    as_of: Mapped[date] = mapped_column(comment="legal day on which the listings were open")
    is_early: Mapped[bool] = mapped_column(comment="frozen before the month was over")
    log_origin: Mapped[str]
    log_size: Mapped[int] = mapped_column(BigInteger)
    log_root: Mapped[bytes]
    checkpoint: Mapped[bytes] = mapped_column(comment="the hub's signed note of that size")
    publisher: Mapped[dict[str, str]] = mapped_column(JSONB, comment="names and address then")
    frozen_by: Mapped[str]
    frozen_at: Mapped[Instant]


class IssueEditionRow(HubTable):
    """The files of an issue; a later edition only leaves out what was erased, or replaces files.

    `erasures_through` is the serial of the last erasure that this edition takes into account.
    """

    __tablename__ = "issue_edition"
    __table_args__ = (
        CheckConstraint("cause IN ('frozen', 'erased', 'restored')", name="cause_known"),
        CheckConstraint("(edition = 1) = (cause = 'frozen')", name="first_is_frozen"),
    )

    number: Mapped[str] = mapped_column(ForeignKey("monthly_issue.number"), primary_key=True)
    edition: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    cause: Mapped[str]
    erasures_through: Mapped[int] = mapped_column(BigInteger, comment="-1: none before")
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, comment="names, hashes, lengths")
    unprintable: Mapped[list[str]] = mapped_column(JSONB, comment="characters the fonts lack")
    renderer: Mapped[str] = mapped_column(comment="program and fonts that set the PDF")
    made_at: Mapped[Instant]


class IssueEntryRow(HubTable):
    """Which listing stands under which number of an issue, and the statement of its terms."""

    __tablename__ = "issue_entry"
    __table_args__ = (
        UniqueConstraint("number", "listing", name="uq_issue_entry_listing"),
        Index("ix_issue_entry_terms", "terms_object"),
    )

    number: Mapped[str] = mapped_column(ForeignKey("monthly_issue.number"), primary_key=True)
    no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    listing: Mapped[UUID]
    terms_object: Mapped[bytes | None] = mapped_column(comment="null: erased before the issue")


class IssueErratumRow(HubTable):
    """One correction; each line names the hash of the one before it."""

    __tablename__ = "issue_erratum"
    __table_args__ = (
        CheckConstraint("seq > 0", name="seq"),
        CheckConstraint("octet_length(line_hash) = 32", name="line_hash"),
    )

    number: Mapped[str] = mapped_column(ForeignKey("monthly_issue.number"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    no: Mapped[int | None] = mapped_column(comment="the entry; null: the issue as a whole")
    line_hash: Mapped[bytes] = mapped_column(comment="SHA-256 of the line as published")
    added_by: Mapped[str]
    added_at: Mapped[Instant]


class IssueErratumLineRow(HubTable):
    """The line of an erratum as published; deleted when its entry is erased."""

    __tablename__ = "issue_erratum_line"

    number: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    line: Mapped[bytes]
