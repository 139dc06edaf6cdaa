"""Rows about the copy of the log: when its source last answered, and how."""

from typing import Any

from sqlalchemy import CheckConstraint, SmallInteger
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
