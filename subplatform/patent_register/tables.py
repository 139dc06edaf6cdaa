"""Rows of the register readings that a node keeps."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from shared_schema.instants import Instant
from subplatform.tables import NodeTable


class RegisterSnapshotRow(NodeTable):
    """The newest reading of one patent: what checks between two register readings go by."""

    __tablename__ = "register_snapshot"

    application_number: Mapped[str] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]]
    as_of: Mapped[date]
    source: Mapped[str]
    taken_at: Mapped[Instant]
