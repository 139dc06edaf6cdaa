"""Type in what the patent register answered, where no adapter asks it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.fee_terms import ShortText
from shared_schema.instants import legal_day
from shared_schema.refusal import DomainError
from shared_schema.register_facts import (
    AnnualFeeStatus,
    PatentStatus,
    Pledge,
    RecordedLicence,
    RegisterFacts,
    RegisterHolder,
    Suspension,
)
from shared_schema.text import PlainText
from subplatform.declarations.drafts import find_declaration
from subplatform.operator_pages.callers import DeskVerifier
from subplatform.operator_pages.declaration_pages import heading
from subplatform.operator_pages.queue_pages import QUEUE
from subplatform.operator_pages.verification_words import (
    FEE_WORDS,
    LICENCE_WORDS,
    STATUS_WORDS,
    SUSPENSION_WORDS,
    VERIFICATION_WORDS,
)
from subplatform.verification.by_hand import take_reading

router = APIRouter(include_in_schema=False)


class ReadingForm(BaseModel):
    """An extract of the register, as far as the rules ask."""

    model_config = ConfigDict(extra="forbid")

    as_of: date
    source: ShortText
    status: PatentStatus
    holders: Annotated[PlainText, Field(max_length=4_000)]
    annual_fee: AnnualFeeStatus
    pledgee: PlainText | None = None
    pledge_consent: bool = False
    licence: Literal["exclusive", "sole"] | None = None
    suspension: Literal["ownership", "preservation"] | None = None

    def facts(self, number: str) -> RegisterFacts:
        """The reading of that patent."""
        names = [name.strip() for name in self.holders.splitlines() if name.strip()]
        pledges = (
            [Pledge(pledgee=self.pledgee, consent=self.pledge_consent)] if self.pledgee else []
        )
        return RegisterFacts(
            application_number=number,
            as_of=self.as_of,
            source=self.source,
            granted=self.status != "pending",
            status=self.status,
            holders=tuple(RegisterHolder(name=name) for name in names),
            annual_fee=self.annual_fee,
            pledges=tuple(pledges),
            licences=(RecordedLicence(kind=self.licence),) if self.licence else (),
            suspensions=(Suspension(cause=self.suspension),) if self.suspension else (),
        )


SentReading = Annotated[Filled[ReadingForm], Depends(form_of(ReadingForm))]


@router.get(f"{QUEUE}/{{listing}}/reading")
async def reading_page(
    visit: DeskVerifier, listing: UUID, session: Transaction, now: Now, ids: Ids
) -> Response:
    """The form, with the declared holders to be compared."""
    row = await find_declaration(session, listing)
    known = {"as_of": legal_day(now), "holders": "\n".join(row.holder_names)}
    form = fresh(visit.reader, key=ids.new_token(), values=known)
    return await _page(visit, session, listing, form=form)


@router.post(f"{QUEUE}/{{listing}}/reading")
async def save_reading(
    visit: DeskVerifier, listing: UUID, sent: SentReading, session: Transaction, now: Now
) -> Response:
    """Keep the answer and judge the declaration by it."""

    async def act() -> Done:
        assert sent.model is not None
        row = await find_declaration(session, listing)
        number = row.application_number
        facts = {number: sent.model.facts(number)}
        await take_reading(session, listing, facts, by=visit.caller.name, now=now)
        said = Words("已保存登记簿答复并重新核查。", "The answer is kept; checked again.")
        return Done(f"{QUEUE}/{listing}", said)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    return await _page(visit, session, listing, form=sent.view(visit.reader), status=422)


async def _page(
    visit: Visit, session: Transaction, listing: UUID, *, form: FormView, status: int = 200
) -> Response:
    row = await find_declaration(session, listing)
    says = visit.reader.says

    def choices(words: Mapping[str, Words], *left_out: str) -> list[tuple[str, str]]:
        return [(name, says(one)) for name, one in words.items() if name not in left_out]

    facts = heading(row, visit.reader) | {
        "form": form,
        "statuses": choices(STATUS_WORDS),
        "fees": choices(FEE_WORDS),
        "licences": choices(LICENCE_WORDS, "ordinary"),
        "suspensions": choices(SUSPENSION_WORDS),
    }
    template = "subplatform.operator_pages:reading.html"
    return show_page(visit, template, facts, words=VERIFICATION_WORDS, status=status)
