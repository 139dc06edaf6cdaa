"""Rows of organisations, their members, and the mandates between them."""

from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared_platform.database.tables import include_tables
from shared_platform.sign_in.tables import SIGN_IN
from shared_schema.instants import Instant
from subplatform.accounts.states import MandateState, OrganisationState
from subplatform.tables import NodeTable

include_tables(SIGN_IN, into=NodeTable.metadata)  # members are accounts
ORGANISATION_ROLES: Final = ("holder", "agent", "enterprise", "trading_centre")
MEMBER_ROLES: Final = ("owner", "editor", "viewer")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class OrganisationRow(NodeTable):
    """Whose declarations these are: a legal person by its credit code, or one individual.

    `roles` are given to each of its members' accounts when the membership begins. The contact is
    what forms are filled with at first; `contact_name` null: nobody said.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(f"state IN ({_listed(tuple(OrganisationState))})", name="state_known"),
        CheckConstraint(
            "(kind = 'individual') = (credit_code IS NULL)", name="legal_persons_have_a_code"
        ),
        Index("ix_organisation_state", "state", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    credit_code: Mapped[str | None] = mapped_column(unique=True)
    region: Mapped[str | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None]
    contact_email: Mapped[str | None]
    created_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None] = mapped_column(comment="why it was refused; its members read it")


class MemberRow(NodeTable):
    """One account's place in its one organisation; `is_requested` until an owner lets it in."""

    __tablename__ = "organisation_member"
    __table_args__ = (
        CheckConstraint(f"role IN ({_listed(MEMBER_ROLES)})", name="role_known"),
        Index("ix_organisation_member_organisation_id", "organisation_id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str]
    is_requested: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    since: Mapped[Instant]


class MandateRow(NodeTable):
    """What an organisation lets an agent's organisation do for it, from and until which day.

    `numbers` null: for all its patents. The document is the signed power of attorney, kept in
    `DATA_DIR/documents` under its digest.
    """

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint(f"state IN ({_listed(tuple(MandateState))})", name="state_known"),
        CheckConstraint("begins_on <= ends_on", name="days_in_order"),
        CheckConstraint("organisation_id <> agent_id", name="of_another"),
        CheckConstraint("may_declare OR may_withdraw", name="lets_do_something"),
        Index("ix_mandate_agent", "agent_id", "state"),
        Index("ix_mandate_organisation", "organisation_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    may_declare: Mapped[bool]
    may_withdraw: Mapped[bool]
    numbers: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    begins_on: Mapped[date]
    ends_on: Mapped[date]
    document_sha256: Mapped[str | None]
    document_name: Mapped[str | None]
    proposed_by: Mapped[str]
    proposed_at: Mapped[Instant]
    decided_by: Mapped[str | None]
    decided_at: Mapped[Instant | None]


class DocumentRow(NodeTable):
    """A file that an organisation handed in: a report, a power of attorney.

    The bytes are in `DATA_DIR/documents/<organisation>/<sha256>`; `media_type` is what they are,
    whatever the sender called them.
    """

    __tablename__ = "document"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[Instant]


class PatentRow(NodeTable):
    """One patent in an organisation's inventory, whether it is declared or not."""

    __tablename__ = "patent"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    application_number: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str | None]
    added_by: Mapped[str]
    added_at: Mapped[Instant]


class NoticeRow(NodeTable):
    """Something an organisation must know; `about` names it once, so that it is told once.

    `mailed_at` null: its members have had no letter about it yet.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_organisation", "organisation_id", "id"),
        Index("ix_notice_unmailed", "id", postgresql_where=text("mailed_at IS NULL")),
        UniqueConstraint("organisation_id", "about"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    at: Mapped[Instant]
    kind: Mapped[str]
    about: Mapped[str]
    listing: Mapped[UUID | None]
    number: Mapped[str | None]
    facts: Mapped[dict[str, Any]]
    read_at: Mapped[Instant | None]
    mailed_at: Mapped[Instant | None]


ORGANISATIONS: Final = cast(Table, OrganisationRow.__table__)
MEMBERS: Final = cast(Table, MemberRow.__table__)
MANDATES: Final = cast(Table, MandateRow.__table__)
