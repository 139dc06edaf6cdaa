"""Handovers: the checkpoints by which a reader walks from the log key it knows to the next one.

For each change of the key the hub keeps the first checkpoint that covers the `log_key_changed`
entry, signed by the old and by the new key. A reader verifies it under the old key, syncs up to it,
which proves the entry, and knows the new key. Nothing of a list is believed before.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared_schema.anchor import FederationAnchor
from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.instants import Instant
from shared_schema.log_following import Vouched
from shared_schema.log_keys import LogKeys, open_log_checkpoint
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import MAX_TREE_SIZE
from shared_schema.refusal import DomainError
from shared_schema.signed_note import MAX_NOTE_BYTES
from shared_schema.sync_refusals import SyncAlarm

MAX_HANDOVERS: Final = 20
"""Handovers of one answer; the reader asks again from where it has come to."""
MAX_HANDOVERS_BYTES: Final = 512 * 1024
_LIMITS: Final = JsonLimits(
    max_bytes=MAX_HANDOVERS_BYTES, max_depth=4, max_nodes=512, max_string=MAX_NOTE_BYTES
)


class HandoverRefused(SyncAlarm):
    """A handover does not lead from a known key to the next one; nothing of it was stored."""


@dataclass(frozen=True, slots=True)
class Handover:
    """The serial of a `log_key_changed` entry, and the checkpoint that hands over; unverified."""

    serial: int
    note: bytes


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True)


class _HandoverOut(_Form):
    serial: Annotated[int, Field(ge=1, le=MAX_TREE_SIZE)]
    checkpoint: Annotated[str, Field(max_length=MAX_NOTE_BYTES)]


class _Handovers(_Form):
    handovers: Annotated[tuple[_HandoverOut, ...], Field(max_length=MAX_HANDOVERS)]


def write_handovers(handovers: Sequence[Handover]) -> bytes:
    """The answer to GET `/log/handovers`, oldest first."""
    listed = [{"serial": one.serial, "checkpoint": one.note.decode()} for one in handovers]
    return json.dumps({"handovers": listed}, ensure_ascii=False, separators=(",", ":")).encode()


def read_handovers(raw: bytes) -> tuple[Handover, ...]:
    """Read an untrusted answer.

    Raises:
        HandoverRefused: it is malformed.
    """
    try:
        found = _Handovers.model_validate(parse_json(raw, _LIMITS)).handovers
    except (DomainError, ValidationError) as refused:
        raise HandoverRefused("handover.form", "交接清单格式不符", "malformed list") from refused
    return tuple(Handover(one.serial, one.checkpoint.encode()) for one in found)


def check_handover(
    handover: Handover, anchor: FederationAnchor, keys: LogKeys, *, now: Instant | None = None
) -> Vouched:
    """The checkpoint to sync to, once a key that counts has signed it.

    Raises:
        HandoverRefused: signed by another key, another log's, or before the entry it is about.
    """
    try:
        said = open_log_checkpoint(handover.note, anchor, keys=keys).checkpoint
    except LogRefused as refused:
        zh, _, en = refused.detail.partition(" / ")
        raise HandoverRefused(f"handover.{refused.code}", zh, en) from refused
    if said.size <= handover.serial:
        raise HandoverRefused(
            "handover.not_covering",
            f"交接检查点只有 {said.size} 条，不含条目 {handover.serial}",
            f"its {said.size} entries do not cover entry {handover.serial}",
        )
    return Vouched(handover.note, said.size, said.root, now)


def check_entry_proven(handover: Handover, keys: LogKeys) -> None:
    """After the sync: the entry must have brought a proven key, and that key have signed too.

    Raises:
        HandoverRefused: it has not.
    """
    new = next((one for one in keys.records if one.since == handover.serial), None)
    if new is None:
        raise HandoverRefused(
            "handover.entry",
            f"条目 {handover.serial} 未证明新的日志密钥",
            f"entry {handover.serial} does not prove a new log key",
        )
    try:
        only = LogKeys(records=(new.model_copy(update={"since": -1, "retired_at": None}),))
        anchor = FederationAnchor.model_construct(
            log_origin=keys.origin, log_vkey=new.vkey, federation=keys.federation, hub_url=""
        )
        open_log_checkpoint(handover.note, anchor, keys=only)
    except LogRefused as refused:
        raise HandoverRefused(
            "handover.new_key", "新密钥未签署交接检查点", "the new key has not signed it"
        ) from refused
