"""Who visits a holder's page, and what they reach: visit and scope from one dependency."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from shared_platform.database.transaction import Now, Transaction
from shared_platform.workspace.visit import Visit, page_caller_with
from subplatform.accounts.members import Membership, find_membership
from subplatform.accounts.permissions import Permission
from subplatform.accounts.scope import Scope, scope_of


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """A visit by somebody who files declarations, with what they reach."""

    visit: Visit
    scope: Scope
    member: Membership | None

    @property
    def name(self) -> str:
        """The account's name, for the audit trail."""
        return self.visit.caller.name


_Filing = Annotated[
    Visit, Depends(page_caller_with(Permission.FILE_DECLARATIONS), scope="function")
]


def own_visit_with(permission: Permission) -> Callable[..., Awaitable[OwnVisit]]:
    """A dependency: somebody who files declarations, and what they reach with `permission`."""

    async def visited(visit: _Filing, session: Transaction, now: Now) -> OwnVisit:
        scope = await scope_of(session, visit.caller, permission, now=now)
        return OwnVisit(visit, scope, await find_membership(session, visit.caller))

    return visited


Reading = Annotated[
    OwnVisit, Depends(own_visit_with(Permission.READ_DECLARATIONS), scope="function")
]
Editing = Annotated[
    OwnVisit, Depends(own_visit_with(Permission.EDIT_DECLARATIONS), scope="function")
]
Withdrawing = Annotated[
    OwnVisit, Depends(own_visit_with(Permission.WITHDRAW_LISTINGS), scope="function")
]
