"""`kaixu-hub audit`: search and export the audit trail."""

from typing import Final

from main_platform.commands.opened import open_hub_service
from shared_platform.audit_desk.commands import audit_commands

app: Final = audit_commands(open_hub_service)
