"""Bodies about held entries."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from main_platform.catalogue.queue_rows import HeldEntry
from shared_schema.instants import format_instant
from shared_schema.text import PlainText

HELD_EXAMPLE: Final[dict[str, Any]] = {
    "id": 41,
    "code": "entry.key_revoked",
    "detail": "密钥已吊销 / the key was revoked",
    "held_at": "2026-11-22T08:00:00Z",
    "entry": '{"kind":"listing_offered"}',
}


class HeldEntryOut(BaseModel):
    """An entry that was set aside: the code readers would give, and its exact bytes as text."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [HELD_EXAMPLE]}
    )

    id: int
    code: str
    detail: str
    held_at: str
    entry: str

    @classmethod
    def of(cls, held: HeldEntry) -> "HeldEntryOut":
        """The entry as JSON members."""
        return cls(
            id=held.id,
            code=held.refusal.code,
            detail=held.refusal.detail,
            held_at=format_instant(held.held_at),
            entry=held.leaf.decode("utf-8", "replace"),
        )


class HeldReasonIn(BaseModel):
    """Why an entry is released or discarded; stands in the audit trail."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "规则已更正 / the rule was corrected"}]},
    )

    reason: PlainText
