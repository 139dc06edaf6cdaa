"""Findings: what a rule says about a declaration, in both languages, with its legal source."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared_schema.refusal import FieldError


class Severity(StrEnum):
    """How much a finding weighs under a profile."""

    ERROR = "error"  # must be corrected before anything else happens
    WARNING = "warning"  # an examiner must see it; some need a second examiner
    CONFLICT = "conflict"  # another offer stands against this one; staff decide


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's verdict. `pointer` is an RFC 6901 pointer into the declaration."""

    code: str
    severity: Severity
    pointer: str
    message_zh: str
    message_en: str
    hint_zh: str
    hint_en: str
    source: str
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The finding as stored beside a statement and shown by the API."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "pointer": self.pointer,
            "message": {"zh": self.message_zh, "en": self.message_en},
            "hint": {"zh": self.hint_zh, "en": self.hint_en},
            "source": self.source,
            "facts": self.facts,
        }

    def to_field_error(self) -> FieldError:
        """The finding as one member of a problem's `errors`."""
        message = f"{self.message_zh} {self.hint_zh} / {self.message_en} {self.hint_en}"
        return FieldError(self.pointer, self.code, message, self.source)


def blocks(findings: list[Finding]) -> bool:
    """Whether any finding forbids to go on."""
    return any(found.severity is Severity.ERROR for found in findings)
