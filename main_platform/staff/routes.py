"""The accounts API of the hub's staff, under `/api/v1/staff`."""

from typing import Final

from main_platform.audit.acts import Act
from main_platform.staff.permissions import HUB_POLICY, Permission
from shared_platform.sign_in.administer import AccountActs
from shared_platform.sign_in.routes import account_router

STAFF_ACTS: Final = AccountActs(
    added=Act.STAFF_ADDED,
    changed=Act.STAFF_CHANGED,
    token_issued=Act.TOKEN_ISSUED,
    tokens_revoked=Act.TOKENS_REVOKED,
)

router: Final = account_router(
    "/api/v1/staff", policy=HUB_POLICY, manage=Permission.MANAGE_STAFF, acts=STAFF_ACTS
)
