"""`kaixu-node audit`: search and export the audit trail."""

from typing import Final

from shared_platform.audit_desk.commands import audit_commands
from subplatform.commands.opened import open_node_service

app: Final = audit_commands(open_node_service)
