"""One's own organisation: its standing, its contact, its members and mandates."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.accounts import EmailRefused, find_account
from shared_platform.sign_in.letters import LinkTerms
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.instants import legal_day
from shared_schema.text import PlainText
from subplatform.accounts.errors import MemberNotFound, MemberRefused, RegistrationRefused
from subplatform.accounts.mandates import list_mandates
from subplatform.accounts.members import (
    Invited,
    Membership,
    change_member,
    find_membership,
    invite_member,
    list_members,
    remove_member,
)
from subplatform.accounts.organisations import Contact, apply_for, change_organisation
from subplatform.accounts.permissions import Permission
from subplatform.accounts.registration import ask_owners
from subplatform.accounts.schemas import MemberRole, Phone
from subplatform.holder_pages.organisation_fields import (
    KINDS,
    ROLES,
    OrganisationForm,
    choices,
    region_choices,
)
from subplatform.holder_pages.organisation_words import (
    CHANGED,
    INVITED,
    MANDATE_STATES,
    MEMBER_CHANGED,
    MEMBER_REMOVED,
    MEMBER_ROLES,
    ORGANISATION_STATES,
    ORGANISATION_WORDS,
    REGISTERED,
)
from subplatform.holder_pages.registration_words import REGISTRATION_WORDS

router = APIRouter(include_in_schema=False)
PATH: Final = "/organisation"
WORDS: Final = {**REGISTRATION_WORDS, **ORGANISATION_WORDS}
Belonging = Annotated[
    Visit, Depends(page_caller_with(Permission.OWN_ORGANISATION), scope="function")
]


class ContactForm(BaseModel):
    """The contact that forms begin with, and the region."""

    model_config = ConfigDict(extra="forbid")

    contact_name: Annotated[PlainText, Field(max_length=100)] | None = None
    contact_phone: Phone | None = None
    contact_email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    region: Annotated[str, Field(max_length=6)] | None = None


class InviteForm(BaseModel):
    """Whom to invite, and as what."""

    model_config = ConfigDict(extra="forbid")

    display_name: Annotated[PlainText, Field(max_length=100)]
    email: Annotated[str, Field(max_length=254, pattern=r"^\s*[^@\s]+@[^@\s]+\s*$")]
    role: MemberRole


class RoleForm(BaseModel):
    """Another role for a member; none to take the place away."""

    model_config = ConfigDict(extra="forbid")

    role: MemberRole | None = None


SentOrganisation = Annotated[Filled[OrganisationForm], Depends(form_of(OrganisationForm))]
SentContact = Annotated[Filled[ContactForm], Depends(form_of(ContactForm))]
SentInvitation = Annotated[Filled[InviteForm], Depends(form_of(InviteForm))]
SentRole = Annotated[Filled[RoleForm], Depends(form_of(RoleForm))]


@router.get(PATH)
async def organisation_page(visit: Belonging, session: Transaction, now: Now, ids: Ids) -> Response:
    """How one's organisation stands; without one, the form to register or to join."""
    return await show_organisation(visit, session, {}, now=now, key=ids.new_token())


@router.post(PATH)
async def register_organisation(
    visit: Belonging,
    sent: SentOrganisation,
    session: Transaction,
    now: Now,
    ids: Ids,
) -> Response:
    """Register an organisation for an account that has none, or ask to join it."""
    settings = visit.request.app.state.settings

    async def act() -> Done:
        assert sent.model is not None
        person = await find_account(session, visit.caller.name)
        wanted = sent.model.wanted(Contact(person.display_name, None, person.email))
        at_once = settings.registration == "open"
        applied = await apply_for(session, wanted, person, at_once=at_once, ids=ids, now=now)
        if applied.is_requested:
            terms, who = LinkTerms.of(settings), person.display_name
            await ask_owners(session, applied.organisation, who, terms=terms, ids=ids, now=now)
        return Done(PATH, REGISTERED)

    return await _submitted(visit, sent, act, "joining", session=session, now=now)


@router.post(f"{PATH}/contact")
async def change_contact(
    visit: Belonging, sent: SentContact, session: Transaction, now: Now
) -> Response:
    """Set the contact that new declarations begin with."""

    async def act() -> Done:
        assert sent.model is not None
        member = await own_member(session, visit)
        member.require_owner()
        form = sent.model
        contact = Contact(form.contact_name, form.contact_phone, form.contact_email)
        await change_organisation(
            session, member.organisation.id, contact, region=form.region, by=member.name, now=now
        )
        return Done(PATH, CHANGED)

    return await _submitted(visit, sent, act, "contact", session=session, now=now)


@router.post(f"{PATH}/members")
async def invite_somebody(
    visit: Belonging, sent: SentInvitation, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Invite somebody into one's organisation."""

    async def act() -> Done:
        assert sent.model is not None
        member = await own_member(session, visit)
        wanted = Invited(sent.model.email.strip(), sent.model.display_name, sent.model.role)
        terms = LinkTerms.of(visit.request.app.state.settings)
        await invite_member(session, member, wanted, terms=terms, ids=ids, now=now)
        return Done(f"{PATH}#members", INVITED)

    return await _submitted(visit, sent, act, "invitation", session=session, now=now)


@router.post(f"{PATH}/members/{{account}}")
async def change_somebody(
    visit: Belonging, account: UUID, sent: SentRole, session: Transaction, now: Now
) -> Response:
    """Give a member another role, or let in who asked; without a role, remove them.

    Raises:
        MemberNotFound: the organisation has no such member.
    """
    member = await own_member(session, visit)
    members = await list_members(session, member.organisation.id) if member.may_act else ()
    if account not in {member.account, *(one.account for one in members)}:
        raise MemberNotFound("没有这个成员 / there is no such member")

    async def act() -> Done:
        role = sent.model.role if sent.model else None
        if role is None:
            await remove_member(session, member, account, now=now)
            return Done(PATH, MEMBER_REMOVED)
        await change_member(session, member, account, role=role, now=now)
        return Done(f"{PATH}#members", MEMBER_CHANGED)

    return await _submitted(visit, sent, act, "member", session=session, now=now)


async def own_member(session: Transaction, visit: Visit) -> Membership:
    """The visitor's place in their organisation.

    Raises:
        MemberRefused: they have none.
    """
    found = await find_membership(session, visit.caller)
    if found is None:
        raise MemberRefused("账号不属于任何单位 / the account belongs to no organisation")
    return found


async def _submitted(
    visit: Visit,
    sent: Filled[Any],
    act: Any,  # noqa: ANN401 - as `submit_once` takes it
    name: str,
    *,
    session: Transaction,
    now: Now,
) -> Response:
    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except (MemberRefused, RegistrationRefused, EmailRefused) as refusal:
        sent = sent.refused(refusal)
    forms = {name: sent.view(visit.reader)}
    return await show_organisation(visit, session, forms, now=now, key=sent.key)


async def show_organisation(
    visit: Visit,
    session: Transaction,
    forms: dict[str, FormView],
    *,
    now: Now,
    key: str,
) -> Response:
    """The page, with the form that was refused where there is one."""
    member, reader = await find_membership(session, visit.caller), visit.reader
    organisation = member.organisation if member else None
    names = ("contact_name", "contact_phone", "contact_email", "region")
    known = {name: getattr(organisation, name) for name in names} if organisation else {}
    fields = {
        "joining": {"kind": "university", "roles": [r for r in visit.caller.roles if r in ROLES]},
        "contact": known,
        "invitation": {"role": "editor"},
        "mandate": {"begins_on": legal_day(now), "acts": ["declare"]},
        "member": {},
    }
    shown = {
        name: forms.get(name) or fresh(reader, key=f"{key}-{name}", values=values)
        for name, values in fields.items()
    }
    own = organisation.id if organisation and member and member.may_act else None
    facts = {
        "forms": shown,
        "form": shown["joining"],
        "member": member,
        "organisation": organisation,
        "members": await list_members(session, own) if own else (),
        "mandates": await list_mandates(session, own) if own else (),
        "today": legal_day(now),
        "kinds": choices(KINDS, reader),
        "roles": choices(ROLES, reader),
        "regions": region_choices(reader),
        "member_roles": choices(MEMBER_ROLES, reader),
        "says_state": {**ORGANISATION_STATES, **MANDATE_STATES},
        "says_role": MEMBER_ROLES,
        "says_kind": KINDS,
        "mode": visit.request.app.state.settings.registration,
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    template = "subplatform.holder_pages:organisation.html"
    return show_page(visit, template, facts, words=WORDS, status=status)
