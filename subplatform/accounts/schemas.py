"""Bodies of the API of organisations, members and mandates."""

from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared_platform.sign_in.schemas import Region
from shared_schema.fee_terms import ShortText
from shared_schema.instants import Instant
from shared_schema.text import PlainText
from subplatform.accounts.mandates import MandateLine, NewMandate
from subplatform.accounts.members import Invited, Member
from subplatform.accounts.organisations import Contact
from subplatform.accounts.tables import OrganisationRow

MemberRole = Literal["owner", "editor", "viewer"]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 \-]{4,24}$")]
Email = Annotated[str, Field(max_length=254)]
_ID: Final = "019a0000-0000-7000-8000-000000000001"
_ORGANISATION: Final[dict[str, Any]] = {
    "id": _ID,
    "state": "active",
    "name": "五邑大学",
    "kind": "university",
    "credit_code": "12440000455858666R",
    "region": "440700",
    "roles": ["holder"],
    "contact_name": "张三",
    "contact_phone": "0750-3299000",
    "contact_email": None,
    "created_at": "2026-11-22T08:00:00Z",
    "reason": None,
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OrganisationOut(_Body):
    """An organisation, as its members and the node's operators see it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [_ORGANISATION]}
    )

    id: UUID
    state: str
    name: str
    kind: str
    credit_code: str | None
    region: str | None
    roles: list[str]
    contact_name: str | None
    contact_phone: str | None
    contact_email: str | None
    created_at: Instant
    reason: str | None

    @classmethod
    def of(cls, row: OrganisationRow) -> "OrganisationOut":
        """The organisation."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class OrganisationChange(_Body):
    """What an organisation's owners may change by themselves; all of it is set anew."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"contact_name": "张三", "contact_phone": "0750-3299000"}]},
    )

    region: Region | None = None
    contact_name: PlainText | None = None
    contact_phone: Phone | None = None
    contact_email: Email | None = None

    def contact(self) -> Contact:
        """The contact of it."""
        return Contact(self.contact_name, self.contact_phone, self.contact_email)


class OrganisationsOut(_Body):
    """A page, the newest first; `next` is the `before` of the next page, null at the end."""

    items: list[OrganisationOut]
    next: UUID | None


class RefusalIn(_Body):
    """Why an organisation is refused; its members read it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"reason": "证照不符"}]}
    )

    reason: PlainText


class MemberOut(_Body):
    """One member, or somebody who asks to be one."""

    account: UUID
    name: str
    display_name: str
    email: str | None
    role: str
    is_requested: bool
    since: Instant
    has_signed_in: bool

    @classmethod
    def of(cls, member: Member) -> "MemberOut":
        """The member."""
        return cls(**{name: getattr(member, name) for name in cls.model_fields})


class InvitationIn(_Body):
    """Whom to invite, and as what."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"email": "li@wyu.example", "display_name": "李娜", "role": "editor"}]
        },
    )

    email: Email
    display_name: PlainText
    role: MemberRole = "editor"

    def wanted(self) -> Invited:
        """The use case's form of it."""
        return Invited(self.email, self.display_name, self.role)


class MemberChange(_Body):
    """Another role; it lets in who asked to join."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"role": "editor"}]}
    )

    role: MemberRole


class MandateIn(_Body):
    """What an agent asks an organisation for; without numbers: for all its patents."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "organisation": "12440000455858666R",
                    "begins_on": "2026-12-01",
                    "ends_on": "2027-11-30",
                    "may_declare": True,
                    "may_withdraw": False,
                }
            ]
        },
    )

    organisation: Annotated[ShortText, Field(description="credit code, or the organisation's id")]
    begins_on: date
    ends_on: date
    may_declare: bool = True
    may_withdraw: bool = False
    numbers: Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=500)] = ()

    def wanted(self) -> NewMandate:
        """The use case's form of it."""
        return NewMandate(
            self.organisation,
            self.begins_on,
            self.ends_on,
            self.may_declare,
            self.may_withdraw,
            self.numbers,
        )


class MandateOut(_Body):
    """A mandate between two organisations; `stands`: it lets the agent act today."""

    id: UUID
    state: str
    stands: bool
    organisation_id: UUID
    organisation: str
    agent_id: UUID
    agent: str
    may_declare: bool
    may_withdraw: bool
    numbers: list[str] | None
    begins_on: date
    ends_on: date
    document_sha256: str | None
    document_name: str | None
    proposed_at: Instant
    decided_at: Instant | None

    @classmethod
    def of(cls, line: MandateLine, *, today: date) -> "MandateOut":
        """The mandate."""
        own = {"stands", "organisation", "agent"}
        row = {name: getattr(line.mandate, name) for name in set(cls.model_fields) - own}
        return cls(
            stands=line.stands_on(today),
            organisation=line.organisation_name,
            agent=line.agent_name,
            **row,
        )
