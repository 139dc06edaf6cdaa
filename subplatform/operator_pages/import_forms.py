"""The forms of imports."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared_schema.declaration import Contact
from shared_schema.fee_terms import ShortText
from shared_schema.text import PlainText
from subplatform.declarations.import_schemas import CommitmentPaperIn, ProfileName, SuppliedIn
from subplatform.declarations.importing.profile_files import profile_names

_TEXT_VERSION = "2024-1"


class ImportForm(BaseModel):
    """Which profile the list is read by, and what all its rows lack."""

    model_config = ConfigDict(extra="forbid")

    profile: ProfileName
    organisation: UUID | None = None
    contact_name: Annotated[PlainText, Field(max_length=60)] | None = None
    contact_phone: Annotated[str, Field(pattern=r"^\+?[0-9][0-9 \-]{4,24}$")] | None = None
    contact_email: (
        Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$", max_length=254)]
        | None
    ) = None
    signer: Annotated[PlainText, Field(max_length=100)] | None = None
    signed_on: date | None = None
    text_version: ShortText = _TEXT_VERSION
    holders_consent: bool = False

    @model_validator(mode="after")
    def _known_and_whole(self) -> Self:
        if self.profile not in profile_names():
            raise ValueError("没有这个导入配置 / there is no such profile")
        if (self.signer is None) != (self.signed_on is None):
            raise ValueError(
                "承诺的签署人和签署日须同时填写 / give both who signed the commitments and when"
            )
        if self.contact_name is None and (self.contact_phone or self.contact_email):
            raise ValueError("请填写联系人姓名 / give the contact's name")
        return self

    def supplied(self) -> SuppliedIn:
        """What is added to rows that lack it."""
        contact, paper = None, None
        if self.contact_name is not None:
            contact = Contact(
                name=self.contact_name, phone=self.contact_phone, email=self.contact_email
            )
        if self.signer is not None and self.signed_on is not None:
            paper = CommitmentPaperIn(
                signer=self.signer, signed_on=self.signed_on, text_version=self.text_version
            )
        return SuppliedIn(contact=contact, commitments=paper, holders_consent=self.holders_consent)


class StartForm(BaseModel):
    """Import what was read; `whole`: all rows or none. `only_read` reads it once more."""

    model_config = ConfigDict(extra="forbid")

    whole: bool = False
    only_read: bool = False
