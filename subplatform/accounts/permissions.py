"""What the people of a node may do: permissions, roles, and the callers that routes name.

The node's own people reach everything that a permission opens. Holders and agents have some of the
same permissions, and reach only what is of their own organisation (`scope.py`).
"""

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
    MANAGE_ORGANISATIONS = "manage_organisations"
    READ_STATUS = "read_status"
    FILE_DECLARATIONS = "file_declarations"
    OWN_ORGANISATION = "own_organisation"
    MANAGE_SITE = "manage_site"
    READ_AUDIT = "read_audit"


_FILING: Final = frozenset(
    {
        Permission.READ_DECLARATIONS,
        Permission.EDIT_DECLARATIONS,
        Permission.WITHDRAW_LISTINGS,
        Permission.FILE_DECLARATIONS,
        Permission.OWN_ORGANISATION,
    }
)
NODE_POLICY: Final = AccessPolicy(
    {
        "operator": frozenset(Permission)
        - {
            Permission.MANAGE_USERS,
            Permission.FILE_DECLARATIONS,
            Permission.OWN_ORGANISATION,
            Permission.READ_AUDIT,
        },
        "verifier": frozenset(
            {
                Permission.READ_DECLARATIONS,
                Permission.VERIFY_DECLARATIONS,
                Permission.READ_STATUS,
            }
        ),
        "administrator": frozenset(
            {
                Permission.MANAGE_USERS,
                Permission.MANAGE_SITE,
                Permission.MANAGE_ORGANISATIONS,
                Permission.READ_DECLARATIONS,
                Permission.READ_STATUS,
                Permission.READ_AUDIT,
            }
        ),
        "holder": _FILING,
        "agent": _FILING,
        "enterprise": frozenset({Permission.OWN_ORGANISATION}),
        "trading_centre": frozenset({Permission.OWN_ORGANISATION}),
    }
)
STAFF: Final = frozenset({"operator", "verifier", "administrator"})
"""Roles of the node's own people. What they are granted reaches every organisation's objects."""
FILING: Final = frozenset({"holder"})
"""Roles that reach their own organisation's objects; `agent` reaches others' by mandate alone."""
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


Verifier = Annotated[Caller, _caller(Permission.VERIFY_DECLARATIONS)]
Recommender = Annotated[Caller, _caller(Permission.RECOMMEND)]
DeliveryManager = Annotated[Caller, _caller(Permission.MANAGE_DELIVERIES)]
UserManager = Annotated[Caller, _caller(Permission.MANAGE_USERS)]
OrganisationManager = Annotated[Caller, _caller(Permission.MANAGE_ORGANISATIONS)]
StatusReader = Annotated[Caller, _caller(Permission.READ_STATUS)]
