"""The declaration form: new, unfinished, returned, renewed. Every button is a post."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.forms import Filled, FormError
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words, halves
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.patent_number import parse_application_number
from shared_schema.refusal import DomainError
from subplatform.accounts.documents import DocumentRefused
from subplatform.accounts.errors import NoOrganisation, OrganisationNotFound
from subplatform.declarations.errors import DeclarationChanged, DeclarationExists, NumberChanged
from subplatform.declarations.states import DeclarationStateConflict
from subplatform.holder_pages.declaration_words import DECLARATION_WORDS
from subplatform.holder_pages.field_reading import FILL_IN, Values
from subplatform.holder_pages.form_case import (
    FormCase,
    listing_case,
    new_case,
    unfinished_case,
)
from subplatform.holder_pages.form_checks import (
    Checked,
    check_form,
    patent_facts,
    register_values,
)
from subplatform.holder_pages.form_saving import Circumstance, keep_file, save, submit
from subplatform.holder_pages.form_sending import Sent, SentForm
from subplatform.holder_pages.form_values import Read, field_of, holder_rows, read_form, texts_of
from subplatform.holder_pages.form_view import Shown, form_page, preview_page
from subplatform.holder_pages.form_words import FORM_WORDS
from subplatform.holder_pages.own_visit import Editing, OwnVisit
from subplatform.patent_register.snapshots import keep_snapshots

router = APIRouter(include_in_schema=False)
_REFUSALS: Final = (
    DeclarationExists,
    DeclarationChanged,
    DeclarationStateConflict,
    NumberChanged,
    NoOrganisation,
    OrganisationNotFound,
)


@dataclass(frozen=True, slots=True)
class Handling:
    """One request of the form: where, when, with which transaction."""

    own: OwnVisit
    session: Transaction
    now: Instant
    ids: IdSource

    @property
    def settings(self) -> Any:  # noqa: ANN401 - the application's state
        """The node's settings."""
        return self.own.visit.request.app.state.settings


async def handling(own: Editing, session: Transaction, now: Now, ids: Ids) -> Handling:
    """All that handling a form needs, in one dependency."""
    return Handling(own, session, now, ids)


Handled = Annotated[Handling, Depends(handling, scope="function")]


@router.get("/declarations/new")
async def new_form(
    at: Handled,
    number: Annotated[str, Query(max_length=60)] = "",
    copied: Annotated[UUID | None, Query(alias="copy")] = None,
    organisation: UUID | None = None,
) -> Response:
    """An empty form, filled with what is known of one's organisation and of the patent."""
    case = await new_case(at.session, at.own, organisation=organisation, copied=copied)
    if case.organisation is None and not at.own.scope.mandated:
        words = DECLARATION_WORDS | FORM_WORDS
        return show_page(at.own.visit, "subplatform.holder_pages:no_organisation.html", words=words)
    values = case.values
    if number:
        values = await _filled_from_register(at, {**values, "number": [number]})
    return await _shown(at, case, values)


@router.post("/declarations/new")
async def send_new_form(at: Handled, sent: Sent) -> Response:
    """Check, fill, save, preview or submit a new declaration."""
    whose = "".join(sent.values.get("organisation", ())[-1:])
    organisation = UUID(whose) if _is_uuid(whose) else None
    case = await new_case(at.session, at.own, organisation=organisation, copied=None)
    return await _act(at, case, sent)


@router.get("/declarations/forms/{form}")
async def unfinished_form(at: Handled, form: UUID) -> Response:
    """A form that was saved before it was complete."""
    case = await unfinished_case(at.session, at.own, form)
    return await _shown(at, case, case.values)


@router.post("/declarations/forms/{form}")
async def send_unfinished_form(at: Handled, form: UUID, sent: Sent) -> Response:
    """Go on with it."""
    return await _act(at, await unfinished_case(at.session, at.own, form), sent)


@router.get("/declarations/{listing}/form")
async def listing_form(at: Handled, listing: UUID) -> Response:
    """A draft, a returned declaration, or the next version of a published one."""
    case = await listing_case(at.session, at.own, listing)
    return await _shown(at, case, case.values)


@router.post("/declarations/{listing}/form")
async def send_listing_form(at: Handled, listing: UUID, sent: Sent) -> Response:
    """Change it."""
    return await _act(at, await listing_case(at.session, at.own, listing), sent)


async def _shown(at: Handling, case: FormCase, values: Values) -> Response:
    read, checked = await _judged(at, case, values)
    shown = Shown(case, values, read, checked, key=at.ids.new_token())
    return await form_page(at.session, at.own, shown, profile=at.settings.rule_profile, now=at.now)


async def _judged(at: Handling, case: FormCase, values: Values) -> tuple[Read, Checked | None]:
    profile = case.row.profile if case.row else at.settings.rule_profile
    read = read_form(values, profile=profile, now=at.now, signed=case.signed)
    if read.declaration is None:
        return read, None
    demanded = case.row.report_demanded if case.row else False
    checked = await check_form(
        at.session,
        read.declaration,
        listing=case.listing,
        report_demanded=demanded,
        now=at.now,
    )
    return read, checked


async def _act(at: Handling, case: FormCase, sent: SentForm) -> Response:
    """What the button asks for; the form comes back with all that was typed unless it is done."""
    errors: list[FormError] = []
    values: Values = sent.values
    try:
        values = await keep_file(
            at.session, at.own, case, sent=sent, data_dir=at.settings.data_dir, now=at.now
        )
    except DocumentRefused as refusal:
        errors.append(FormError("report_file", halves(refusal.detail)))
    if sent.act == "fill":
        values = await _filled_from_register(at, _filled(values, case.values))
    if sent.act == "row":
        values = {**values, "holder_rows": [str(holder_rows(values) + 1)]}
    read, checked = await _judged(at, case, values)
    shown = Shown(case, values, read, checked, errors, sent.key, sent.row_version)
    if not errors and sent.act in {"save", "submit", "preview"}:
        return await _done(at, shown, sent)
    return await _again(at, shown, errors)


async def _done(at: Handling, shown: Shown, sent: SentForm) -> Response:
    errors = _obstacles(shown) if sent.act in {"submit", "preview"} else []
    declaration = shown.read.declaration
    if sent.act == "preview" and declaration is not None:
        return preview_page(at.own, shown, declaration, now=at.now)
    if errors:
        return await _again(at, shown, errors)
    when = Circumstance(at.now, at.ids, sent.row_version)

    async def work() -> Done:
        if sent.act == "submit":
            return await submit(
                at.session,
                at.own,
                shown.case,
                read=shown.read,
                at=when,
            )
        return await save(
            at.session,
            at.own,
            shown.case,
            read=shown.read,
            values=shown.values,
            at=when,
        )

    filled: Filled[Any] = Filled({**shown.values, "act": [sent.act]}, (), None, sent.key)
    try:
        return await submit_once(at.own.visit, filled, work, session=at.session, now=at.now)
    except _REFUSALS as refusal:
        return await _again(at, shown, _said(refusal))


async def _again(at: Handling, shown: Shown, errors: Sequence[FormError]) -> Response:
    return await form_page(
        at.session,
        at.own,
        shown.with_errors(errors),
        profile=at.settings.rule_profile,
        now=at.now,
    )


def _obstacles(shown: Shown) -> list[FormError]:
    """What stands against submitting: empty fields, unreadable ones, errors of the rules."""
    missing = [FormError(name, FILL_IN) for name in shown.read.missing]
    found = shown.checked.errors() if shown.checked else []
    return [*missing, *shown.read.errors, *found]


def _said(refusal: DomainError) -> list[FormError]:
    if refusal.errors:
        return [FormError(field_of(one.pointer), halves(one.message)) for one in refusal.errors]
    row = refusal.problem.value
    whole = halves(refusal.detail) if refusal.detail else Words(row.title_zh, row.title_en)
    return [FormError("", whole)]


async def _filled_from_register(at: Handling, values: Values) -> Values:
    """Ask the register for the number, and fill what is empty with what it says."""
    typed = "".join(values.get("number", ())[-1:])
    try:
        number = parse_application_number(typed)
    except IdentifierRefused:
        return values
    desk = at.own.visit.request.app.state.desk
    await keep_snapshots(at.session, await desk.register.facts([number]), now=at.now)
    known = await patent_facts(at.session, number)
    if known is None or known.facts is None:
        return values
    return _filled(values, texts_of(register_values(known.facts)))


def _filled(values: Values, known: Values) -> Values:
    """What was typed, and what is known where nothing was."""
    empty = {name: texts for name, texts in known.items() if not any(values.get(name, ()))}
    return {**values, **empty}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
