"""Rows of alarms; both services include them in their own migration history."""

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Table, Text, text

from shared_platform.database.tables import named_metadata

ALARMS: Final = named_metadata()

alarm: Final = Table(
    "alarm",
    ALARMS,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("code", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="what it is about; empty: the service itself"),
    Column("detail", Text, nullable=False, comment="the facts, as last seen"),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("ended_at", DateTime(timezone=True), comment="null: the condition still holds"),
    Index(
        "uq_alarm_open",
        "code",
        "subject",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
)
