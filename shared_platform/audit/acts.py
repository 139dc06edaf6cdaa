"""What both services' trails record about the trail itself."""

from enum import StrEnum


class AuditAct(StrEnum):
    """One member for each act upon the trail."""

    AUDIT_EXPORTED = "audit_exported"
