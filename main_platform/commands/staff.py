"""`kaixu-hub staff`: accounts, roles and tokens of the hub's staff."""

from typing import Final

from main_platform.commands.opened import open_hub_service
from main_platform.staff.permissions import HUB_POLICY
from main_platform.staff.routes import STAFF_ACTS
from shared_platform.sign_in.commands import AccountSetup, account_commands

app: Final = account_commands(AccountSetup(open_hub_service, HUB_POLICY, STAFF_ACTS))
