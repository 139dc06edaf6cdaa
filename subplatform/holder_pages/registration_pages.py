"""Where somebody without an account registers, with their organisation."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.frame import rendered
from shared_platform.public_pages.reader import Reader, Reading
from shared_platform.sign_in.accounts import EmailRefused
from shared_platform.sign_in.letters import LinkTerms
from shared_platform.sign_in.throttle import TriedTooOften
from shared_platform.workspace.entry import address_of
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.workspace_words import WORKSPACE_WORDS
from shared_schema.bilingual import halves
from shared_schema.text import PlainText
from subplatform.accounts.errors import RegistrationClosed, RegistrationRefused
from subplatform.accounts.organisations import Contact
from subplatform.accounts.registration import Registrant, RegistrationTerms, register
from subplatform.holder_pages.organisation_fields import (
    KINDS,
    ROLES,
    OrganisationForm,
    choices,
    region_choices,
)
from subplatform.holder_pages.registration_words import REGISTRATION_WORDS

router = APIRouter(include_in_schema=False)
_TEMPLATE: Final = "subplatform.holder_pages:register.html"


class RegistrationForm(OrganisationForm):
    """Who registers, and for which organisation."""

    display_name: Annotated[PlainText, Field(max_length=100)]
    email: Annotated[str, Field(max_length=254, pattern=r"^\s*[^@\s]+@[^@\s]+\s*$")]

    def registrant(self) -> Registrant:
        """The use case's form of it; they are the first contact of their organisation."""
        email = self.email.strip()
        wanted = self.wanted(Contact(self.display_name, None, email))
        return Registrant(email, self.display_name, wanted)


SentRegistration = Annotated[Filled[RegistrationForm], Depends(form_of(RegistrationForm))]


@router.get("/register")
async def register_page(request: Request, reader: Reading) -> Response:
    """The form, or that this node takes no registrations."""
    form = fresh(reader, values={"kind": "university", "roles": ["holder"]})
    return _page(request, form, reader=reader)


@router.post("/register")
async def register_somebody(
    request: Request,
    sent: SentRegistration,
    session: Transaction,
    reader: Reading,
    now: Now,
    ids: Ids,
) -> Response:
    """Open the account; what is said afterwards is the same for every address."""
    state = request.app.state
    terms = RegistrationTerms(state.settings.registration, LinkTerms.of(state.settings))
    try:
        if sent.model is None:
            return _page(request, sent.view(reader), reader=reader)
        await state.sign_in_limit.take(address_of(request))
        await register(session, sent.model.registrant(), terms=terms, ids=ids, now=now)
    except (RegistrationRefused, RegistrationClosed, EmailRefused) as refusal:
        return _page(request, sent.refused(refusal).view(reader), reader=reader)
    except TriedTooOften as refusal:
        waiting = sent.with_error("", halves(refusal.detail)).view(reader)
        return _page(request, waiting, reader=reader, status=429)
    return _page(request, fresh(reader), reader=reader, is_done=True)


def _page(
    request: Request,
    form: FormView,
    *,
    reader: Reader,
    status: int = 200,
    is_done: bool = False,
) -> Response:
    facts = {
        "form": form,
        "mode": request.app.state.settings.registration,
        "is_done": is_done,
        "kinds": choices(KINDS, reader),
        "roles": choices(ROLES, reader),
        "regions": region_choices(reader),
    }
    words = {**WORKSPACE_WORDS, **REGISTRATION_WORDS}
    html = rendered(request, _TEMPLATE, facts, reader=reader, words=words)
    if form.errors and status == 200:  # noqa: PLR2004 - RFC 9110 §15.3.1
        status = 422
    return HTMLResponse(html, status, headers={"cache-control": "no-store"})
