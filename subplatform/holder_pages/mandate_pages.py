"""Mandates by the pages: asked for by agents with a document, accepted and ended by owners."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.access_policy import PermissionDenied
from shared_platform.workspace.forms import Filled, FilledWithFile, form_of, form_with_file
from shared_platform.workspace.submit_once import Done, submit_once
from subplatform.accounts.documents import (
    DocumentRefused,
    Handed,
    document_path,
    find_document,
    hand_in,
)
from subplatform.accounts.errors import MandateNotFound, MandateRefused
from subplatform.accounts.mandates import (
    NewMandate,
    decide_mandate,
    list_mandates,
    propose_mandate,
)
from subplatform.accounts.notices import Notice, tell
from subplatform.accounts.states import MandateAction
from subplatform.holder_pages.organisation_pages import (
    PATH,
    Belonging,
    own_member,
    show_organisation,
)
from subplatform.holder_pages.organisation_words import MANDATE_ASKED, MANDATE_DECIDED

router = APIRouter(include_in_schema=False)
_ACTS: Final = "^(declare|withdraw)$"


class MandateForm(BaseModel):
    """What an agent asks for."""

    model_config = ConfigDict(extra="forbid")

    organisation: Annotated[str, Field(max_length=60)]
    begins_on: date
    ends_on: date
    acts: tuple[Annotated[str, Field(pattern=_ACTS)], ...] = ()
    numbers: Annotated[str, Field(max_length=5_000)] = ""

    def wanted(self, digest: str | None, name: str | None) -> NewMandate:
        """The use case's form of it, with the document that came beside it."""
        return NewMandate(
            self.organisation,
            self.begins_on,
            self.ends_on,
            "declare" in self.acts,
            "withdraw" in self.acts,
            tuple(line.strip() for line in self.numbers.splitlines() if line.strip()),
            digest,
            name,
        )


class DecisionForm(BaseModel):
    """What becomes of a mandate."""

    model_config = ConfigDict(extra="forbid")

    action: MandateAction


SentDecision = Annotated[Filled[DecisionForm], Depends(form_of(DecisionForm))]


SentMandate = Annotated[
    FilledWithFile[MandateForm], Depends(form_with_file(MandateForm, "document"), scope="function")
]


@router.post("/mandates")
async def ask_mandate(
    visit: Belonging, both: SentMandate, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Ask a holder for a mandate; they are told."""
    sent = both.filled
    document = await _handed(both.file)
    member = await own_member(session, visit)

    async def act() -> Done:
        assert sent.model is not None
        digest = name = None
        if document is not None:
            data_dir = visit.request.app.state.settings.data_dir
            kept = await hand_in(
                session,
                document,
                member.organisation.id,
                data_dir=data_dir,
                by=member.name,
                now=now,
            )
            digest, name = kept.sha256, kept.name
        row = await propose_mandate(
            session, member, sent.model.wanted(digest, name), ids=ids, now=now
        )
        told = Notice(row.organisation_id, "mandate_asked", f"mandate:{row.id}")
        await tell(session, told, now=now)
        return Done(f"{PATH}#mandates", MANDATE_ASKED)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except (MandateRefused, DocumentRefused, PermissionDenied) as refusal:
        sent = sent.refused(refusal)
    forms = {"mandate": sent.view(visit.reader)}
    return await show_organisation(visit, session, forms, now=now, key=sent.key)


async def _handed(file: UploadFile | None) -> Handed | None:
    """The document whole; the transport has bounded it."""
    content = await file.read() if file is not None else b""
    return Handed(file.filename or "", content) if file is not None and content else None


@router.post("/mandates/{mandate}")
async def decide_page(
    visit: Belonging, mandate: UUID, sent: SentDecision, session: Transaction, now: Now
) -> Response:
    """Accept, refuse or end a mandate; the other side is told.

    Raises:
        MandateNotFound: there is none that concerns one's organisation.
    """
    member = await own_member(session, visit)
    if not any(
        line.mandate.id == mandate for line in await list_mandates(session, member.organisation.id)
    ):
        raise MandateNotFound("没有这项委托 / there is no such mandate")

    async def act() -> Done:
        assert sent.model is not None
        row = await decide_mandate(session, member, mandate, action=sent.model.action, now=now)
        own = member.organisation.id
        other = row.agent_id if own == row.organisation_id else row.organisation_id
        await tell(session, Notice(other, "mandate_decided", f"{row.state}:{row.id}"), now=now)
        return Done(f"{PATH}#mandates", MANDATE_DECIDED)

    if sent.model is None:
        return await show_organisation(visit, session, {}, now=now, key=sent.key)
    return await submit_once(visit, sent, act, session=session, now=now)


@router.get("/mandates/{mandate}/document")
async def mandate_document(visit: Belonging, mandate: UUID, session: Transaction) -> FileResponse:
    """The power of attorney, as a download, for both sides.

    Raises:
        MandateNotFound: there is none that concerns one's organisation, or it has no document.
    """
    member = await own_member(session, visit)
    lines = await list_mandates(session, member.organisation.id) if member.may_act else ()
    row = next((line.mandate for line in lines if line.mandate.id == mandate), None)
    if row is None or row.document_sha256 is None:
        raise MandateNotFound("没有这项委托 / there is no such mandate")
    kept = await find_document(session, row.agent_id, row.document_sha256)
    data_dir = visit.request.app.state.settings.data_dir
    place = document_path(data_dir, row.agent_id, kept.sha256)
    return FileResponse(place, filename=kept.name, media_type=kept.media_type)
