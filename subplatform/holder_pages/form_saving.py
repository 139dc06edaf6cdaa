"""Save and submit what a form says: as a declaration where it makes one, else as it was typed."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.workspace.submit_once import Done
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from subplatform.accounts.documents import hand_in
from subplatform.declarations.drafts import NewDraft, create_draft
from subplatform.declarations.edit import Edit, edit_draft
from subplatform.declarations.procedure import submit_draft
from subplatform.declarations.tables import DeclarationRow
from subplatform.declarations.unfinished import Typed, drop_form, drop_forms_for, keep_form
from subplatform.holder_pages.field_reading import Values
from subplatform.holder_pages.form_case import FormCase, filing_for
from subplatform.holder_pages.form_sending import SentForm
from subplatform.holder_pages.form_values import Read
from subplatform.holder_pages.form_words import SAVED, SAVED_INCOMPLETE, SAVED_WITH_FINDINGS, SENT
from subplatform.holder_pages.own_visit import OwnVisit


@dataclass(frozen=True, slots=True)
class Circumstance:
    """When something is saved, with which identifiers, and what it was made from."""

    now: Instant
    ids: IdSource
    row_version: int | None


async def keep_file(
    session: AsyncSession,
    own: OwnVisit,
    case: FormCase,
    *,
    sent: SentForm,
    data_dir: Path,
    now: Instant,
) -> Values:
    """The fields, with the file that came among them handed in under its digest.

    Raises:
        DocumentRefused: the file is of no type that is taken.
        NoOrganisation: there is no organisation whose file it could be.
    """
    if sent.file is None:
        return sent.values
    whose = filing_for(own.scope, case, None) or own.scope.own
    if whose is None:
        return sent.values
    row = await hand_in(session, sent.file, whose, data_dir=data_dir, by=own.name, now=now)
    return {**sent.values, "report_sha256": [row.sha256], "report_name": [row.name]}


async def save(
    session: AsyncSession,
    own: OwnVisit,
    case: FormCase,
    *,
    read: Read,
    values: Values,
    at: Circumstance,
) -> Done:
    """Keep what was typed. What makes a declaration becomes a draft with its findings.

    A change of a published offer stays a form until it is submitted: the offer goes on standing.

    Raises:
        DeclarationExists: the patent has a live declaration here.
        DeclarationChanged: somebody else changed it meanwhile.
        NoOrganisation: there is none to file for.
    """
    if read.declaration is None or case.renews:
        whose = filing_for(own.scope, case, read.number)
        assert whose is not None, "holders file for an organisation"
        typed = Typed(values, whose, case.listing)
        kept = await keep_form(session, typed, form=case.form, by=own.name, now=at.now, ids=at.ids)
        back = f"/declarations/forms/{kept.id}"
        return Done(case.address if case.row else back, SAVED_INCOMPLETE)
    row = await _store(session, own, case, read=read, at=at)
    said = SAVED_WITH_FINDINGS if row.findings else SAVED
    return Done(f"/declarations/{row.listing}/form", said)


async def submit(
    session: AsyncSession,
    own: OwnVisit,
    case: FormCase,
    *,
    read: Read,
    at: Circumstance,
) -> Done:
    """Hand the declaration in for verification.

    Raises:
        DeclarationExists: the patent has a live declaration here.
        DeclarationChanged: somebody else changed it meanwhile.
        DeclarationStateConflict: it may not be submitted now.
    """
    row = await _store(session, own, case, read=read, at=at)
    await submit_draft(session, row.listing, by=own.name, now=at.now)
    return Done(f"/declarations/{row.listing}/submitted", SENT)


async def _store(
    session: AsyncSession,
    own: OwnVisit,
    case: FormCase,
    *,
    read: Read,
    at: Circumstance,
) -> DeclarationRow:
    declaration = read.declaration
    assert declaration is not None, "only a declaration is stored"
    if case.row is None:
        draft = NewDraft(declaration, read.extension, organisation=_whose(own, case, read.number))
        row = await create_draft(session, draft, by=own.name, now=at.now, ids=at.ids)
    else:
        edit = Edit(at.row_version or 0, declaration, read.extension, renews=case.renews)
        row = await edit_draft(session, case.row.listing, edit, by=own.name, now=at.now)
        await drop_forms_for(session, case.row.listing)
    if case.form is not None:
        await drop_form(session, case.form)
    await session.flush()  # the page that follows, and submitting, read the row
    return row


def _whose(own: OwnVisit, case: FormCase, number: str | None) -> UUID | None:
    return filing_for(own.scope, case, number)
