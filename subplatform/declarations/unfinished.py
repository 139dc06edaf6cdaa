"""Forms kept as they were typed, before they make a declaration: saved at any moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.patent_number import parse_application_number
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from subplatform.accounts.scope import Scope
from subplatform.declarations.tables import DeclarationFormRow

MOST: Final = 200


class FormNotFound(DomainError):
    """There is no such unfinished form, or it is of another organisation."""

    problem = ProblemType.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, whose it is, and which declaration it will change."""

    values: Mapping[str, Sequence[str]]
    organisation: UUID
    listing: UUID | None = None


async def keep_form(
    session: AsyncSession,
    typed: Typed,
    *,
    form: UUID | None,
    by: str,
    now: Instant,
    ids: IdSource,
) -> DeclarationFormRow:
    """Keep the form, in the place of the one that was kept before."""
    row = None if form is None else await session.get(DeclarationFormRow, form)
    if row is None:
        row = DeclarationFormRow(
            id=ids.new_id(), organisation_id=typed.organisation, listing=typed.listing
        )
        session.add(row)
    row.values = {name: list(texts) for name, texts in typed.values.items()}
    row.number = _number(typed.values)
    row.saved_by, row.saved_at = by, now
    await session.flush()  # read again by the page that follows
    return row


async def find_form(session: AsyncSession, form: UUID, *, within: Scope) -> DeclarationFormRow:
    """The form.

    Raises:
        FormNotFound: there is none of that id in the scope.
    """
    row = await session.get(DeclarationFormRow, form)
    if row is None or not within.holds(row.organisation_id, row.number or ""):
        raise FormNotFound("没有这份未完成的表单 / there is no such unfinished form")
    return row


async def form_for(session: AsyncSession, listing: UUID) -> DeclarationFormRow | None:
    """The unfinished change of a declaration; the newest, where there are several."""
    wanted = select(DeclarationFormRow).where(DeclarationFormRow.listing == listing)
    return await session.scalar(wanted.order_by(DeclarationFormRow.saved_at.desc()).limit(1))


async def list_forms(session: AsyncSession, *, within: Scope) -> Sequence[DeclarationFormRow]:
    """Unfinished forms for new declarations, the newest first."""
    columns = DeclarationFormRow
    wanted = select(columns).where(
        columns.listing.is_(None), columns.organisation_id.in_(within.whole_organisations())
    )
    return (await session.scalars(wanted.order_by(columns.id.desc()).limit(MOST))).all()


async def drop_form(session: AsyncSession, form: UUID) -> None:
    """Forget the form."""
    await session.execute(delete(DeclarationFormRow).where(DeclarationFormRow.id == form))


async def drop_forms_for(session: AsyncSession, listing: UUID) -> None:
    """Forget every unfinished change of a declaration: another one was saved."""
    of_it = DeclarationFormRow.listing == listing
    await session.execute(delete(DeclarationFormRow).where(of_it))


def _number(values: Mapping[str, Sequence[str]]) -> str | None:
    typed = "".join(values.get("number", ())[-1:])
    try:
        return parse_application_number(typed)
    except IdentifierRefused:
        return None
