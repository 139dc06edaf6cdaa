"""`kaixu-node search`: the node's search index."""

from typing import Final

from shared_platform.search.commands import search_commands
from subplatform.commands.opened import open_node_service

app: Final = search_commands(open_node_service)
