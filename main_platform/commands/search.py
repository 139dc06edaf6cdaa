"""`kaixu-hub search`: the hub's search index."""

from typing import Final

from main_platform.commands.opened import open_hub_service
from shared_platform.search.commands import search_commands

app: Final = search_commands(open_hub_service)
