"""`kaixu-node users`: the accounts of the node."""

from shared_platform.sign_in.commands import AccountSetup, account_commands
from shared_platform.sign_in.routes import AccountActs
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.audit.acts import Act
from subplatform.commands.opened import open_node_service

USER_ACTS = AccountActs(Act.USER_ADDED, Act.USER_CHANGED, Act.TOKEN_ISSUED, Act.TOKENS_REVOKED)
app = account_commands(AccountSetup(open_node_service, NODE_POLICY, USER_ACTS))
