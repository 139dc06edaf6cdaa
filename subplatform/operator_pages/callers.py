"""Who visits the operator desk, by what they may do."""

from typing import Annotated

from fastapi import Depends

from shared_platform.database.transaction import Now, Transaction
from shared_platform.workspace.visit import Visit, brief_page_caller_with, page_caller_with
from subplatform.accounts.permissions import Permission
from subplatform.accounts.scope import Scope, scope_of


def _visitor(permission: Permission) -> object:
    return Depends(page_caller_with(permission), scope="function")


def _brief(permission: Permission) -> object:
    return Depends(brief_page_caller_with(permission))


DeskReader = Annotated[Visit, _visitor(Permission.READ_STATUS)]
DeskVerifier = Annotated[Visit, _visitor(Permission.VERIFY_DECLARATIONS)]
AskingVerifier = Annotated[Visit, _brief(Permission.VERIFY_DECLARATIONS)]
DeskRecommender = Annotated[Visit, _visitor(Permission.RECOMMEND)]
DeliveryDesk = Annotated[Visit, _visitor(Permission.MANAGE_DELIVERIES)]
Importer = Annotated[Visit, _visitor(Permission.EDIT_DECLARATIONS)]
SiteManager = Annotated[Visit, _visitor(Permission.MANAGE_SITE)]
UserAdministrator = Annotated[Visit, _visitor(Permission.MANAGE_USERS)]
ProvingReader = Annotated[Visit, _brief(Permission.READ_STATUS)]


async def _importing(visit: Importer, session: Transaction, now: Now) -> Scope:
    """Whose lists the visitor may import: everybody's, or their own organisation's."""
    return await scope_of(session, visit.caller, Permission.EDIT_DECLARATIONS, now=now)


ImportScope = Annotated[Scope, Depends(_importing, scope="function")]
