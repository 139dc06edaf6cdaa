"""What the people of a node may do: permissions, roles, and the callers that routes name."""

from enum import StrEnum
from typing import Annotated, Final

from fastapi import Depends

from shared_platform.sign_in.access_policy import AccessPolicy, Caller
from shared_platform.sign_in.caller import caller_with
from shared_schema.bilingual import Words


class Permission(StrEnum):
    """One member for each thing that must be allowed separately."""

    READ_DECLARATIONS = "read_declarations"
    EDIT_DECLARATIONS = "edit_declarations"
    VERIFY_DECLARATIONS = "verify_declarations"
    RECOMMEND = "recommend"
    WITHDRAW_LISTINGS = "withdraw_listings"
    MANAGE_DELIVERIES = "manage_deliveries"
    MANAGE_USERS = "manage_users"


NODE_POLICY: Final = AccessPolicy(
    {
        "operator": frozenset(Permission) - {Permission.MANAGE_USERS},
        "verifier": frozenset({Permission.READ_DECLARATIONS, Permission.VERIFY_DECLARATIONS}),
        "administrator": frozenset({Permission.MANAGE_USERS, Permission.READ_DECLARATIONS}),
        # They sign in; what is their own opens with the pages for it, and nothing of others does.
        "holder": frozenset(),
        "agent": frozenset(),
        "enterprise": frozenset(),
        "trading_centre": frozenset(),
    }
)
ROLE_TITLES: Final = {
    "operator": Words("经办人", "Operator"),
    "verifier": Words("核查员", "Verifier"),
    "administrator": Words("系统管理员", "Administrator"),
    "holder": Words("专利权人", "Holder"),
    "agent": Words("代理人", "Agent"),
    "enterprise": Words("企业", "Enterprise"),
    "trading_centre": Words("交易中心", "Trading centre"),
}


def _caller(permission: Permission) -> object:
    return Depends(caller_with(permission), scope="function")


DeclarationReader = Annotated[Caller, _caller(Permission.READ_DECLARATIONS)]
DeclarationEditor = Annotated[Caller, _caller(Permission.EDIT_DECLARATIONS)]
Verifier = Annotated[Caller, _caller(Permission.VERIFY_DECLARATIONS)]
Recommender = Annotated[Caller, _caller(Permission.RECOMMEND)]
Withdrawer = Annotated[Caller, _caller(Permission.WITHDRAW_LISTINGS)]
DeliveryManager = Annotated[Caller, _caller(Permission.MANAGE_DELIVERIES)]
UserManager = Annotated[Caller, _caller(Permission.MANAGE_USERS)]
