"""Rows of how the hub sees this node: its last answer to a report."""

from typing import Any

from sqlalchemy import CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from shared_schema.instants import Instant
from subplatform.tables import NodeTable


class HubViewRow(NodeTable):
    """The hub's last answer to a report, one row; untrusted, read as `HubView`."""

    __tablename__ = "hub_view"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    answered_at: Mapped[Instant]
    view: Mapped[dict[str, Any]]
    clock_offset_seconds: Mapped[int]
    is_restored: Mapped[bool]
