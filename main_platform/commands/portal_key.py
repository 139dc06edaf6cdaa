"""`kaixu-hub portal-key`: keys of portals that read much of the hub's catalogue."""

from typing import Final

from main_platform.audit.acts import Act
from main_platform.commands.opened import open_hub_service
from shared_platform.portal_keys.commands import PortalKeySetup, portal_key_commands

app: Final = portal_key_commands(
    PortalKeySetup(open_hub_service, Act.PORTAL_KEY_ADDED, Act.PORTAL_KEY_REVOKED)
)
