"""`kaixu-hub board`: the hub's boards."""

from typing import Final

from main_platform.commands.opened import hub_settings
from shared_platform.public_pages.board_commands import board_commands

app: Final = board_commands(hub_settings)
