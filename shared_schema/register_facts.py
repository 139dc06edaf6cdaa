"""What the patent register says of one patent on one day, as far as the licensing rules ask.

A register adapter of a node fills it (CNIPA's register, an official copy typed in by a verifier);
the rules trust it as it is. Every fact carries the day it was read and from where, so a stale one
can be seen. The file holds no contact data.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from shared_schema.credit_code import CreditCode
from shared_schema.fee_terms import ShortText
from shared_schema.patent_number import ApplicationNumber
from shared_schema.text import PlainText

PatentStatus = Literal["valid", "lapsed", "invalidated", "pending", "expired"]
AnnualFeeStatus = Literal["paid", "due", "in_grace", "unpaid"]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RegisterHolder(_Fact):
    """A patentee as registered; the credit code only where the source gives it."""

    name: PlainText
    credit_code: CreditCode | None = None


class Pledge(_Fact):
    """A registered pledge; `consent` is the pledgee's, in writing, to an open licence."""

    pledgee: PlainText
    since: date | None = None
    consent: bool = False


class RecordedLicence(_Fact):
    """A recorded licence: 独占 exclusive, 排他 sole, 普通 ordinary; `until` None: no end known."""

    kind: Literal["exclusive", "sole", "ordinary"]
    since: date | None = None
    until: date | None = None


class Suspension(_Fact):
    """Procedures suspended: an ownership dispute (Rule 103) or a preservation order (Rule 104)."""

    cause: Literal["ownership", "preservation"]
    since: date | None = None
    until: date | None = None


class Transfer(_Fact):
    """A registered change of patentee, effective `on`."""

    to: PlainText
    on: date


def _as_holder(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Registered = Annotated[RegisterHolder, BeforeValidator(_as_holder)]


class RegisterFacts(_Fact):
    """One reading of the register. `status_since` is the day the present status began.

    `annual_fee`: `due` is payable and not late; `in_grace` runs in the six months with surcharge
    (Rule 115); `unpaid` is past them. `evaluation_report`: whether one was made (Rule 63 lets
    anyone consult it); None: not looked up. A holder may be given as a bare name.
    """

    application_number: ApplicationNumber
    as_of: date
    source: ShortText
    granted: bool
    status: PatentStatus
    status_since: date | None = None
    holders: tuple[Registered, ...]
    title: PlainText | None = None
    filing_date: date | None = None
    grant_date: date | None = None
    annual_fee: AnnualFeeStatus
    pledges: tuple[Pledge, ...] = ()
    licences: tuple[RecordedLicence, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    evaluation_report: bool | None = None
