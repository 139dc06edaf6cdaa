"""Which declaration a form is about: a new one, an unfinished form, a draft, a returned one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.declaration import Commitment, Declaration
from subplatform.accounts.organisations import find_organisation
from subplatform.accounts.scope import Scope
from subplatform.accounts.tables import OrganisationRow
from subplatform.declarations.reach import reach_declaration
from subplatform.declarations.states import Action, DeclarationStateConflict, State, may
from subplatform.declarations.tables import DeclarationRow
from subplatform.declarations.unfinished import find_form, form_for
from subplatform.holder_pages.field_reading import Values
from subplatform.holder_pages.form_values import form_values, texts_of
from subplatform.holder_pages.own_visit import OwnVisit

_NOT_COPIED: Final = (
    "number",
    "title",
    "publication_number",
    "grant_date",
    "period_start",
    "report_kind",
    "report_number",
    "report_issued_on",
    "report_sha256",
    "commitments",
    "abstract",
)
_FILERS: Final = frozenset(
    {"university", "institute", "state_enterprise", "enterprise", "individual", "other"}
)


@dataclass(frozen=True, slots=True)
class FormCase:
    """What a form is about, and what it says so far.

    `row` is the declaration that it changes, `form` the unfinished one that it goes on with.
    """

    address: str
    organisation: UUID | None
    values: Values
    form: UUID | None = None
    row: DeclarationRow | None = None

    @property
    def listing(self) -> UUID | None:
        """The declaration's id; None for a new one."""
        return None if self.row is None else self.row.listing

    @property
    def renews(self) -> bool:
        """Whether it will be the next version of a published offer."""
        return self.row is not None and self.row.state == State.PUBLISHED

    @property
    def signed(self) -> Sequence[Commitment]:
        """The commitments that stand already."""
        if self.row is None:
            return ()
        return Declaration.model_validate(self.row.body).commitments

    @property
    def reasons(self) -> Sequence[Mapping[str, object]]:
        """Why it was returned, as long as nobody has submitted it again."""
        if self.row is None or self.row.state != State.CORRECTION:
            return ()
        return self.row.return_reasons


async def new_case(
    session: AsyncSession, own: OwnVisit, *, organisation: UUID | None, copied: UUID | None
) -> FormCase:
    """A new form: filled with what is known of the organisation, and with terms of another."""
    whose = organisation or own.scope.own
    values = texts_of(await _known_values(session, whose)) if whose else {}
    if copied is not None:
        other = await reach_declaration(session, copied, own.scope)
        terms = texts_of(form_values(Declaration.model_validate(other.body), other.extension))
        values |= {name: texts for name, texts in terms.items() if name not in _NOT_COPIED}
    return FormCase("/declarations/new", whose, values)


async def _known_values(session: AsyncSession, organisation: UUID) -> dict[str, object]:
    row: OrganisationRow = await find_organisation(session, organisation)
    values: dict[str, object] = {
        "territory": "nation",
        "contact_name": row.contact_name,
        "contact_phone": row.contact_phone,
        "contact_email": row.contact_email,
    }
    if row.kind in _FILERS:
        values |= {
            "holder_1_name": row.name,
            "holder_1_kind": row.kind,
            "holder_1_code": row.credit_code,
            "signer": row.name,
        }
    return values


async def unfinished_case(session: AsyncSession, own: OwnVisit, form: UUID) -> FormCase:
    """A form that somebody saved before it was complete.

    Raises:
        FormNotFound: there is none of that id, or it is of another organisation.
    """
    row = await find_form(session, form, within=own.scope)
    return FormCase(f"/declarations/forms/{form}", row.organisation_id, row.values, form)


async def listing_case(session: AsyncSession, own: OwnVisit, listing: UUID) -> FormCase:
    """A declaration that may be changed now, with its unfinished change where there is one.

    Raises:
        DeclarationNotFound: there is none of that id, or it is of another organisation.
        DeclarationStateConflict: its content may not be changed in its state.
    """
    row = await reach_declaration(session, listing, own.scope)
    state = State(row.state)
    if not may(state, Action.EDIT) and not may(state, Action.RENEW):
        raise DeclarationStateConflict(
            detail="声明在此状态下不能修改 / the declaration cannot be changed in this state"
        )
    kept = await form_for(session, listing)
    values = texts_of(form_values(Declaration.model_validate(row.body), row.extension))
    return FormCase(
        f"/declarations/{listing}/form",
        row.organisation_id,
        values if kept is None else kept.values,
        None if kept is None else kept.id,
        row,
    )


async def principals(session: AsyncSession, scope: Scope) -> list[tuple[str, str]]:
    """Id and name of each organisation that the caller may file for, where there is a choice."""
    ids = [*([scope.own] if scope.own else []), *(one.organisation for one in scope.mandated)]
    if not scope.mandated:
        return []
    wanted = select(OrganisationRow.id, OrganisationRow.name).where(OrganisationRow.id.in_(ids))
    found = await session.execute(wanted.order_by(OrganisationRow.name))
    return [(str(id_), name) for id_, name in found]


def filing_for(scope: Scope, case: FormCase, number: str | None) -> UUID | None:
    """The organisation that a form of this case belongs to.

    Raises:
        NoOrganisation: the caller has none of their own and names none.
        OrganisationNotFound: the caller may not file this for that organisation.
    """
    return case.organisation if case.row else scope.filing_for(case.organisation, number)
