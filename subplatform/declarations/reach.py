"""Which declarations and imports a caller reaches; all others are as if they did not exist."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.transaction import Transaction
from subplatform.accounts.permissions import Permission
from subplatform.accounts.scope import Scope, scope_with
from subplatform.declarations.drafts import find_declaration
from subplatform.declarations.errors import DeclarationNotFound
from subplatform.declarations.import_runs import find_run
from subplatform.declarations.tables import DeclarationRow, ImportRunRow


async def reach_declaration(session: AsyncSession, listing: UUID, scope: Scope) -> DeclarationRow:
    """The declaration, if the scope holds it; unlocked.

    Raises:
        DeclarationNotFound: there is none of that id, or it is of another organisation.
    """
    row = await find_declaration(session, listing)
    if not scope.holds(row.organisation_id, row.application_number):
        raise DeclarationNotFound(f"没有声明 {listing} / there is no declaration {listing}")
    return row


@dataclass(frozen=True, slots=True)
class Reached:
    """Something that the caller reaches: its id, and the name for the audit trail."""

    id: UUID
    scope: Scope

    @property
    def name(self) -> str:
        """Who asks."""
        return self.scope.name


def listing_with(permission: Permission) -> Callable[..., Awaitable[Reached]]:
    """A dependency on the path's `listing`: the caller may do this, and with this declaration."""
    Held = Annotated[Scope, Depends(scope_with(permission), scope="function")]  # noqa: N806

    async def reached(listing: UUID, scope: Held, session: Transaction) -> Reached:
        await reach_declaration(session, listing, scope)
        return Reached(listing, scope)

    return reached


def _listing(permission: Permission) -> object:
    return Depends(listing_with(permission), scope="function")


ReadListing = Annotated[Reached, _listing(Permission.READ_DECLARATIONS)]
EditedListing = Annotated[Reached, _listing(Permission.EDIT_DECLARATIONS)]
WithdrawnListing = Annotated[Reached, _listing(Permission.WITHDRAW_LISTINGS)]


async def reach_run(
    run: UUID,
    scope: Annotated[Scope, Depends(scope_with(Permission.READ_DECLARATIONS), scope="function")],
    session: Transaction,
) -> ImportRunRow:
    """The import, if the caller reaches the whole organisation it is of.

    Raises:
        ImportNotFound: there is none of that id, or it is of another organisation.
    """
    return await find_run(session, run, within=scope)


ReadRun = Annotated[ImportRunRow, Depends(reach_run, scope="function")]
