"""`kaixu-node users`: the accounts of the node."""

from shared_platform.sign_in.commands import AccountSetup, account_commands
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.accounts.routes import USER_ACTS
from subplatform.commands.opened import open_node_service

app = account_commands(AccountSetup(open_node_service, NODE_POLICY, USER_ACTS))
