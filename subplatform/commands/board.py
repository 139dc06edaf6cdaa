"""`kaixu-node board`: the node's boards."""

from typing import Final

from shared_platform.public_pages.board_commands import board_commands
from subplatform.commands.opened import node_settings

app: Final = board_commands(node_settings)
