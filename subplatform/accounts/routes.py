"""The accounts API of the node's people, under `/api/v1/users`."""

from typing import Final

from shared_platform.sign_in.administer import AccountActs
from shared_platform.sign_in.routes import account_router
from subplatform.accounts.permissions import NODE_POLICY, Permission
from subplatform.audit.acts import Act

USER_ACTS: Final = AccountActs(
    added=Act.USER_ADDED,
    changed=Act.USER_CHANGED,
    token_issued=Act.TOKEN_ISSUED,
    tokens_revoked=Act.TOKENS_REVOKED,
)

router: Final = account_router(
    "/api/v1/users", policy=NODE_POLICY, manage=Permission.MANAGE_USERS, acts=USER_ACTS
)
