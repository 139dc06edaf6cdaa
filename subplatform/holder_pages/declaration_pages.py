"""One declaration for its holder: standing, reasons, timeline with receipts, what may be done."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.reason_words import REASON_WORDS, reason_words
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.workspace_page import show_page
from shared_schema.declaration import Declaration
from shared_schema.fee_text import describe_fee
from shared_schema.patent_number import print_patent_number
from shared_schema.territory import describe
from shared_schema.text import PlainText
from subplatform.declarations.drafts import delete_draft
from subplatform.declarations.reach import reach_declaration
from subplatform.declarations.states import (
    DELETABLE,
    Action,
    DeclarationStateConflict,
    State,
    may,
)
from subplatform.declarations.tables import DeclarationRow
from subplatform.declarations.unfinished import drop_form, find_form
from subplatform.holder_pages.declaration_words import (
    DECLARATION_WORDS,
    DELETED_NOTICE,
    NEXT_STEPS,
    STATES,
    WITHDRAWN_NOTICE,
)
from subplatform.holder_pages.form_checks import reason_errors, stored_notes
from subplatform.holder_pages.form_words import FORM_WORDS
from subplatform.holder_pages.own_visit import Editing, OwnVisit, Reading, Withdrawing
from subplatform.outbox.deliveries import find_delivery, stored_receipt
from subplatform.outbox.replay import DeliveryNotFound
from subplatform.recommendation.errors import ConsentMissing
from subplatform.recommendation.routes import OwnAnchor, OwnSigner
from subplatform.recommendation.timeline import proof_file, read_timeline
from subplatform.recommendation.withdraw import Withdrawal, withdraw

router = APIRouter(include_in_schema=False)
_WORDS: Final = {**FORM_WORDS, **DECLARATION_WORDS}
_REASONS: Final = ("holder_wish", "transfer", "lapse", "exclusive_licence", "other")


class WithdrawalForm(BaseModel):
    """Why the holders withdraw, and whether all of them consent."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(pattern=f"^({'|'.join(_REASONS)})$")]
    text: Annotated[PlainText, Field(max_length=500)]
    all_owners_consent: bool = False


SentWithdrawal = Annotated[Filled[WithdrawalForm], Depends(form_of(WithdrawalForm))]


class EmptyForm(BaseModel):
    """A form that only confirms."""

    model_config = ConfigDict(extra="forbid")


SentNothing = Annotated[Filled[EmptyForm], Depends(form_of(EmptyForm))]


@router.get("/declarations/{listing}")
async def declaration_page(
    own: Reading, listing: UUID, session: Transaction, anchor: OwnAnchor
) -> Response:
    """Where the declaration stands, how that is proven, and what comes next."""
    row = await reach_declaration(session, listing, own.scope)
    timeline = await read_timeline(session, listing, anchor=anchor)
    reader = own.visit.reader
    declaration = Declaration.model_validate(row.body)
    facts = _standing(row, own) | {
        "notes": stored_notes(row.findings, reader),
        "reasons": [reader.says(one.message) for one in reason_errors(row.return_reasons)],
        "suspended": [
            reader.says(reason_words(code)) for code in (row.suspension or {}).get("codes", [])
        ],
        "fee": describe_fee(declaration.fee, reader.lang),
        "territory": describe(declaration.territory, reader.lang),
        "statements": timeline.statements[::-1],
        "has_proof": any(one.inclusion == "verified" for one in timeline.statements),
    }
    template = "subplatform.holder_pages:declaration.html"
    return show_page(own.visit, template, facts, words=_WORDS)


def _standing(row: DeclarationRow, own: OwnVisit) -> dict[str, Any]:
    reader, state = own.visit.reader, State(row.state)
    return {
        "row": row,
        "number": print_patent_number(row.application_number),
        "heading": row.title or print_patent_number(row.application_number),
        "state_word": reader.says(STATES[state]),
        "next_step": reader.says(NEXT_STEPS[state]),
        "may_edit": may(state, Action.EDIT),
        "may_renew": may(state, Action.RENEW),
        "may_withdraw": row.version > 0 and may(state, Action.REQUEST_WITHDRAWAL),
        "may_delete": row.version == 0 and state in DELETABLE,
        "is_public": row.serial is not None,
    }


@router.get("/declarations/{listing}/submitted")
async def submitted_page(own: Reading, listing: UUID, session: Transaction) -> Response:
    """The receipt of this node: what was handed in, when and by whom."""
    row = await reach_declaration(session, listing, own.scope)
    template = "subplatform.holder_pages:submitted.html"
    return show_page(own.visit, template, _standing(row, own), words=_WORDS)


@router.get("/declarations/{listing}/receipts/{oseq}")
async def receipt_download(
    own: Reading, listing: UUID, oseq: int, session: Transaction
) -> Response:
    """The hub's signed answer as a file that anybody with its key can check.

    Raises:
        DeliveryNotFound: no statement of this declaration has that number.
    """
    await reach_declaration(session, listing, own.scope)
    delivery = await find_delivery(session, oseq)
    if delivery.listing != listing:
        raise DeliveryNotFound(detail=f"没有序号 {oseq} 的声明 / no statement has oseq {oseq}")
    receipt = await stored_receipt(session, oseq)
    return _download(receipt.to_json(), f"receipt-{oseq}.json", "application/json")


@router.get("/declarations/{listing}/proof")
async def proof_download(own: Reading, listing: UUID, session: Transaction) -> Response:
    """The proof that the newest entry is in the signed log."""
    await reach_declaration(session, listing, own.scope)
    proof = await proof_file(session, listing)
    return _download(proof, f"listing-{listing}.tlog-proof", "text/plain; charset=utf-8")


def _download(content: bytes, name: str, media_type: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


@router.get("/declarations/{listing}/withdrawal")
async def withdrawal_page(
    own: Withdrawing, listing: UUID, session: Transaction, ids: Ids
) -> Response:
    """What a withdrawal means, and the form for its reason."""
    row = await reach_declaration(session, listing, own.scope)
    form = fresh(own.visit.reader, key=ids.new_token(), values={"code": "holder_wish"})
    return _withdrawal(own, row, form)


@router.post("/declarations/{listing}/withdrawal")
async def withdraw_listing(
    own: Withdrawing,
    listing: UUID,
    sent: SentWithdrawal,
    session: Transaction,
    signer: OwnSigner,
    now: Now,
) -> Response:
    """Withdraw at the holders' wish; nobody approves it."""
    row = await reach_declaration(session, listing, own.scope)

    async def act() -> Done:
        assert sent.model is not None
        wish = Withdrawal(sent.model.code, sent.model.text, sent.model.all_owners_consent)
        await withdraw(session, listing, wish, signer=signer, by=own.name, now=now)
        return Done(f"/declarations/{listing}", WITHDRAWN_NOTICE)

    try:
        if sent.model is not None:
            return await submit_once(own.visit, sent, act, session=session, now=now)
    except (ConsentMissing, DeclarationStateConflict) as refusal:
        sent = sent.refused(refusal)
    return _withdrawal(own, row, sent.view(own.visit.reader))


def _withdrawal(own: OwnVisit, row: DeclarationRow, form: FormView) -> Response:
    reader = own.visit.reader
    facts = _standing(row, own) | {
        "form": form,
        "codes": [(code, reader.says(REASON_WORDS[code])) for code in _REASONS],
        "is_shared": len(row.holder_names) > 1,
    }
    template = "subplatform.holder_pages:withdrawal.html"
    return show_page(own.visit, template, facts, words=_WORDS, status=422 if form.errors else 200)


@router.get("/declarations/{listing}/deletion")
async def deletion_page(own: Editing, listing: UUID, session: Transaction, ids: Ids) -> Response:
    """What deleting a draft means."""
    row = await reach_declaration(session, listing, own.scope)
    facts = _standing(row, own) | {
        "form": fresh(own.visit.reader, key=ids.new_token()),
        "address": f"/declarations/{listing}/deletion",
        "back": f"/declarations/{listing}",
    }
    return show_page(own.visit, "subplatform.holder_pages:deletion.html", facts, words=_WORDS)


@router.post("/declarations/{listing}/deletion")
async def delete_listing(
    own: Editing, listing: UUID, sent: SentNothing, session: Transaction, now: Now
) -> Response:
    """Delete a declaration of which nothing was signed."""
    await reach_declaration(session, listing, own.scope)

    async def act() -> Done:
        await delete_draft(session, listing, by=own.name, now=now)
        return Done("/declarations", DELETED_NOTICE)

    return await submit_once(own.visit, sent, act, session=session, now=now)


@router.get("/declarations/forms/{form}/deletion")
async def form_deletion_page(own: Editing, form: UUID, session: Transaction, ids: Ids) -> Response:
    """What forgetting an unfinished form means."""
    found = await find_form(session, form, within=own.scope)
    number = print_patent_number(found.number) if found.number else ""
    facts = {
        "heading": number or own.visit.reader.says(DECLARATION_WORDS["no_number"]),
        "number": number,
        "form": fresh(own.visit.reader, key=ids.new_token()),
        "address": f"/declarations/forms/{form}/deletion",
        "back": "/declarations",
    }
    return show_page(own.visit, "subplatform.holder_pages:deletion.html", facts, words=_WORDS)


@router.post("/declarations/forms/{form}/deletion")
async def delete_form(
    own: Editing, form: UUID, sent: SentNothing, session: Transaction, now: Now
) -> Response:
    """Forget an unfinished form."""
    found = await find_form(session, form, within=own.scope)

    async def act() -> Done:
        await drop_form(session, found.id)
        return Done("/declarations", DELETED_NOTICE)

    return await submit_once(own.visit, sent, act, session=session, now=now)
