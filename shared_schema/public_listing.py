"""What the catalogue shows of a declaration: the nine public items of the plan, and nothing else.

The nine (plan, part 2(6)): number, holder, name of the invention, fee method and standard, period,
technical field, territory, contact, evaluation report. Around them stand only the facts of
publication. Consents, fee shares, credit codes, reasons, commitments and abstracts stay out; a
contract test compares every form in which a hub gives listings out with the lists below, and fails
when a member is added.
"""

import re
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared_schema.declaration import (
    Contact,
    Declaration,
    EvaluationReport,
    Period,
    Sha256Hex,
    TechnicalField,
)
from shared_schema.fee_terms import FeeTerms, ShortText
from shared_schema.patent_number import ApplicationNumber
from shared_schema.rules.profile import ContactForm, contact_form
from shared_schema.territory import Territory
from shared_schema.text import PlainText

PUBLIC_LISTING_SCHEMA: Final = "public-listing/1"

ListingState = Literal["published", "suspended", "withdrawn", "expired"]

PUBLIC_ITEMS: Final = (
    "number",
    "holders",
    "title",
    "fee",
    "period",
    "technical_field",
    "territory",
    "contact",
    "evaluation_report",
)
"""The nine, in the plan's order."""
PUBLIC_FACTS: Final = (
    "state",
    "schema",
    "listing",
    "origin",
    "number",
    "version",
    "serial",
    "approved_at",
    "standing",
    "primary",
    "reason",
    "needs_newer_reader",
)
"""Identifiers, and the facts of publication: all of them stand in the log's entries."""
PROVENANCE_FACTS: Final = ("statement_hash", "object_hash", "key_id")
"""How a listing is proven."""

_HIDDEN: Final = "****"
_COUNTRY: Final = re.compile(r"^(?:\+|00)86[ -]?")
_LONG_NUMBER: Final = 11
_TAIL_NUMBER: Final = 7


class _Public(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShownContact(_Public):
    """A contact as a reader sees it, masked or whole; looser than `Contact`, which people type."""

    name: ShortText
    phone: ShortText | None = None
    email: ShortText | None = None


class NineItems(_Public):
    """Exactly the nine public items, in the plan's order. The patent's kind is in its number."""

    number: ApplicationNumber
    holders: tuple[PlainText, ...]
    title: PlainText | None
    fee: FeeTerms
    period: Period
    technical_field: TechnicalField
    territory: Territory
    contact: ShownContact | None
    evaluation_report: EvaluationReport | None

    @classmethod
    def from_declaration(
        cls, declaration: Declaration, *, contact: ContactForm | None = None
    ) -> Self:
        """The declaration's public part, the contact as its rule profile says.

        Another form is for readers who are known and whose look is logged.
        """
        whom, form = declaration.contact, contact or contact_form(declaration.profile)
        return cls(
            number=declaration.patent.application_number,
            holders=tuple(holder.name for holder in declaration.holders),
            title=declaration.patent.title,
            fee=declaration.fee,
            period=declaration.period,
            technical_field=declaration.technical_field,
            territory=declaration.territory,
            contact=None if whom is None else _shown(whom, form),
            evaluation_report=declaration.evaluation_report,
        )


class Provenance(_Public):
    """How a reader proves the listing: the statement's hashes and the key that signed it."""

    statement_hash: Sha256Hex
    object_hash: Sha256Hex
    key_id: ShortText


class Publication(_Public):
    """The facts of publication: who said it, which version, in which state, where in the log."""

    listing: UUID
    origin: ShortText
    version: Annotated[int, Field(ge=1)]
    state: ListingState
    serial: Annotated[int, Field(ge=0)]
    approved_at: AwareDatetime
    provenance: Provenance


class PublicListing(Publication):
    """One listing as the catalogue gives it out (schema `public-listing/1`)."""

    schema_id: Annotated[Literal["public-listing/1"], Field(alias="schema")] = "public-listing/1"
    items: NineItems

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @classmethod
    def from_declaration(
        cls,
        declaration: Declaration,
        publication: Publication,
        *,
        contact: ContactForm | None = None,
    ) -> Self:
        """The listing of a published declaration."""
        items = NineItems.from_declaration(declaration, contact=contact)
        return cls.model_validate(dict(publication) | {"items": items})


def mask_contact(contact: Contact) -> ShownContact:
    """The contact as anybody may see it: 张*, 138****5678, a***@x.cn.

    Of a number at least four digits are hidden; the stars do not tell how many, nor how long a
    name or a mailbox is.
    """
    return ShownContact(
        name=f"{contact.name.strip()[:1]}*",
        phone=None if contact.phone is None else _masked_phone(contact.phone),
        email=None if contact.email is None else _masked_email(contact.email),
    )


def _shown(contact: Contact, form: ContactForm) -> ShownContact | None:
    match form:
        case "masked":
            return mask_contact(contact)
        case "hidden":
            return None
        case "full":
            return ShownContact(name=contact.name[:500], phone=contact.phone, email=contact.email)


def _masked_phone(phone: str) -> str:
    digits = re.sub(r"\D", "", _COUNTRY.sub("", phone))
    if len(digits) >= _LONG_NUMBER:
        return f"{digits[:3]}{_HIDDEN}{digits[-4:]}"
    return f"{_HIDDEN}{digits[-2:]}" if len(digits) >= _TAIL_NUMBER else _HIDDEN


def _masked_email(email: str) -> str:
    mailbox, _, domain = email.partition("@")
    return f"{mailbox[:1]}***@{domain}"
