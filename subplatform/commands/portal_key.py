"""`kaixu-node portal-key`: keys of portals that read much of the node's catalogue."""

from typing import Final

from shared_platform.portal_keys.commands import PortalKeySetup, portal_key_commands
from subplatform.audit.acts import Act
from subplatform.commands.opened import open_node_service

app: Final = portal_key_commands(
    PortalKeySetup(open_node_service, Act.PORTAL_KEY_ADDED, Act.PORTAL_KEY_REVOKED)
)
