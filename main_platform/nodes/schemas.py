"""Bodies of the nodes API."""

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from main_platform.nodes.enrol import Enrolment
from main_platform.nodes.states import NodeAction
from main_platform.nodes.tables import KeyRevocationRow, NodeContactRow, NodeKeyRow, NodeRow
from shared_schema.instants import Instant, format_instant
from shared_schema.key_change import expiry_warning
from shared_schema.statement import ReasonCode, WireInstant
from shared_schema.text import PlainText

FINGERPRINT = "0f3a 51c2 9d7e 4b60 8a15 c3f2 77d9 1e4b 62a0 9c8d 35e7 f1b4 08d6 2c5f 94a3 7be1"

REFUSALS_EXAMPLE: Final[dict[str, Any]] = {
    "enrolments": ["018bcfe5-6802-7b0f-8b91-ce375bc8fbbc"],
    "reason": "来源不明",
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EnrolmentOut(_Body):
    """An enrolment as node and staff see it."""

    enrolment: UUID
    node: str
    names: dict[str, str]
    scope: dict[str, list[str]]
    fingerprint: str
    state: str
    confirmations: int
    requested_at: str
    reason: str | None

    @classmethod
    def of(cls, enrolment: Enrolment) -> "EnrolmentOut":
        """The enrolment without the names of staff."""
        return cls(
            enrolment=enrolment.id,
            node=enrolment.node,
            names=enrolment.names,
            scope=enrolment.scope,
            fingerprint=enrolment.fingerprint,
            state=enrolment.state,
            confirmations=len(enrolment.confirmations),
            requested_at=format_instant(enrolment.requested_at),
            reason=enrolment.reason,
        )


class ConfirmationIn(_Body):
    """The fingerprint as the node's operator read it out; spaces and capitals do not matter."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"fingerprint": FINGERPRINT}]})

    fingerprint: Annotated[str, StringConstraints(min_length=64, max_length=100)]


class RefusalIn(_Body):
    """Why an enrolment is refused; the node reads it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "指纹不符"}]})

    reason: PlainText


class RefusalsIn(_Body):
    """Many enrolments to refuse for one reason, all or none."""

    model_config = ConfigDict(json_schema_extra={"examples": [REFUSALS_EXAMPLE]})

    enrolments: Annotated[list[UUID], Field(min_length=1, max_length=200)]
    reason: PlainText


class StandingIn(_Body):
    """What to do to a node, and the code of the reason, which becomes public."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"action": "suspend", "reason": "key_compromise"}]}
    )

    action: Annotated[NodeAction, Field(description="suspend, resume or retire")]
    reason: ReasonCode


class KeyRevocationIn(_Body):
    """Why a key should be revoked, which becomes public, and since when it is suspect."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reason": "key_compromise", "suspect_from": "2026-11-20T00:00:00Z"}]
        }
    )

    reason: ReasonCode
    suspect_from: WireInstant | None = None


class KeyRevocationOut(_Body):
    """A proposal to revoke a key, and what became of it."""

    revocation: UUID
    key_id: str
    node: str
    reason: str
    suspect_from: str | None
    state: str
    proposed_by: str
    proposed_at: str
    decided_by: str | None
    decided_at: str | None

    @classmethod
    def of(cls, row: KeyRevocationRow) -> "KeyRevocationOut":
        """The proposal."""
        return cls(
            revocation=row.id,
            key_id=row.key_id,
            node=row.node,
            reason=row.reason,
            suspect_from=_shown(row.suspect_from),
            state=row.state,
            proposed_by=row.proposed_by,
            proposed_at=format_instant(row.proposed_at),
            decided_by=row.decided_by,
            decided_at=_shown(row.decided_at),
        )


class KeyChangeOut(_Body):
    """The receipt of a key change; identical on a repeat. `ends` is the key that it ends."""

    node: str
    action: str
    added: str | None
    ends: str | None
    ends_at: str | None
    change_hash: str
    received_at: str
    state: Annotated[str, Field(description="always `applied`; the log follows within a minute")]


class NodeKeyOut(_Body):
    """A node's public key. `warning` is the days' threshold it has passed: 60, 30, 7, or 0."""

    key_id: str
    use: str
    state: str
    not_after: str
    added_at: str | None
    revoke_at: str | None
    revoked_at: str | None
    suspect_from: str | None
    warning: int | None

    @classmethod
    def of(cls, row: NodeKeyRow, *, now: Instant) -> "NodeKeyOut":
        """The key without its bytes."""
        is_current = row.state == "active" and row.revoke_at is None
        return cls(
            key_id=row.key_id,
            use=row.use,
            state=row.state,
            not_after=format_instant(row.not_after),
            added_at=_shown(row.added_at),
            revoke_at=_shown(row.revoke_at),
            revoked_at=_shown(row.revoked_at),
            suspect_from=_shown(row.suspect_from),
            warning=expiry_warning(row.not_after, now=now) if is_current else None,
        )


class NodeOut(_Body):
    """A node as staff see it."""

    node: str
    names: dict[str, str]
    state: str
    scope: dict[str, Any]
    inbox_head: int
    cosigned_size: int
    last_seen_at: str | None
    clock_offset_seconds: int | None
    keys: list[NodeKeyOut]

    @classmethod
    def of(
        cls,
        row: NodeRow,
        contact: NodeContactRow,
        *,
        keys: list[NodeKeyRow],
        cosigned_size: int,
        now: Instant,
    ) -> "NodeOut":
        """The node with its keys."""
        return cls(
            node=row.id,
            names={"zh": row.name_zh, "en": row.name_en},
            state=row.state,
            scope=row.scope,
            inbox_head=row.inbox_head,
            cosigned_size=cosigned_size,
            last_seen_at=_shown(contact.seen_at),
            clock_offset_seconds=contact.clock_offset_seconds,
            keys=[NodeKeyOut.of(key, now=now) for key in keys],
        )


class MessageOut(_Body):
    """One message to a node; `body` by kind, see docs/wire-contract.md."""

    seq: int
    kind: str
    at: str
    body: dict[str, Any]


class InboxOut(_Body):
    """A page of messages; `next` is what to pass as `after` next time, always present."""

    messages: list[MessageOut]
    next: int
    agrees: bool = Field(
        default=True, description="false: the hub has another message, or none, under `after`"
    )
    cosignature_wanted: bool = Field(
        default=False, description="the hub waits for this node to say how much of the log it has"
    )


def body_document(media_type: str, description: str) -> dict[str, Any]:
    """The OpenAPI request body of a route that reads raw bytes."""
    schema = {"type": "string", "format": "binary", "description": description}
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def _shown(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
