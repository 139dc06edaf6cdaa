"""Rows of what nodes report about themselves: the last report of each."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from main_platform.tables import HubTable
from shared_schema.instants import Instant


class NodeReportRow(HubTable):
    """A node's last status report, as `StatusReport` read it."""

    __tablename__ = "node_report"

    node: Mapped[str] = mapped_column(ForeignKey("node.id"), primary_key=True)
    reported_at: Mapped[Instant]
    report: Mapped[dict[str, Any]]
