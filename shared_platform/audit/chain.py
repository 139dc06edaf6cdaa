"""The hash chain of the audit trail: each row's hash covers the row and the hash before it.

The bytes are UTF-8 JSON with sorted members and no spaces, of what PostgreSQL gives back, so that
sealing and proving see the same: `jsonb` keeps neither the order of members nor repeats.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from sqlalchemy import Row

GENESIS: Final = hashlib.sha256(b"kaixu-audit/1").digest()
"""The hash before the first row."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far the chain goes: the place of its last row, and that row's hash."""

    place: int
    hash: bytes


BEGINNING: Final = Head(0, GENESIS)


def canonical_bytes(row: Row[Any], place: int | None) -> bytes:
    """What the hash of a row covers beside the hash before it."""
    said = {
        "place": place,
        "id": row.id,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": row.actor,
        "act": row.act,
        "subject_kind": row.subject_kind,
        "subject": row.subject,
        "facts": row.facts,
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def link(before: bytes, content: bytes) -> bytes:
    """The hash of a row: SHA-256 of the hash before it, then its bytes."""
    return hashlib.sha256(before + content).digest()
