"""Rows about the copy of the log: what was wrong with its source, and when it last answered."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_schema.instants import Instant
from subplatform.tables import NodeTable


class MirrorAlarmRow(NodeTable):
    """Something about the log that people must look at; open until the condition has ended.

    `code` is the refusal's, as `sync.fork`, or `quarantine`.
    """

    __tablename__ = "mirror_alarm"
    __table_args__ = (
        Index(
            "uq_mirror_alarm_open",
            "code",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str]
    detail: Mapped[str]
    raised_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    times: Mapped[int]
    ended_at: Mapped[Instant | None]


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
