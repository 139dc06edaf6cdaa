"""Rows of letters that wait to be sent. What a letter says is deleted when it has been sent."""

from typing import Final

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, Uuid, text

from shared_platform.database.tables import named_metadata

MAIL: Final = named_metadata()

_WAITING: Final = "sent_at IS NULL AND gave_up_at IS NULL"
mail_letter: Final = Table(
    "mail_letter",
    MAIL,
    Column("id", Uuid, primary_key=True, comment="also the Message-ID, the same at every try"),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, comment="null once it was sent"),
    Column("queued_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("sent_at", DateTime(timezone=True)),
    Column("gave_up_at", DateTime(timezone=True), comment="it was not deliverable for a week"),
    Column("last_error", Text),
    Index(
        "ix_mail_letter_due",
        "due_at",
        postgresql_where=text("sent_at IS NULL AND gave_up_at IS NULL"),
    ),
)
