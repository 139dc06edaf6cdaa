"""Bodies of the cosigning API."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from main_platform.cosigning.cosign import Wanted
from main_platform.cosigning.standing import CosignedNode, LogStanding
from main_platform.cosigning.tables import ForkEvidenceRow
from shared_schema.instants import format_instant
from shared_schema.text import PlainText

WANTED_EXAMPLE: Final[dict[str, Any]] = {"from": 4990, "to": 5002}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WantedOut(_Body):
    """Entries that the hub has lost: serials `from` to `to - 1`."""

    model_config = ConfigDict(
        populate_by_name=True, json_schema_extra={"examples": [WANTED_EXAMPLE]}
    )

    first: int = Field(alias="from")
    to: int

    @classmethod
    def of(cls, wanted: Wanted | None) -> "WantedOut | None":
        """None where nothing is missing."""
        return None if wanted is None else cls(first=wanted.first, to=wanted.end)


class CosignedOut(_Body):
    """The answer to a cosignature."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recovery_wanted": None}]})

    recovery_wanted: WantedOut | None


class CosignedNodeOut(_Body):
    """How much of the log one node has vouched for."""

    node: str
    state: str
    size: int
    signed_at: str | None
    is_heard: bool = Field(description="has answered since the sequencer's last start")
    waived_by: str | None

    @classmethod
    def of(cls, node: CosignedNode) -> "CosignedNodeOut":
        """The node with its instant as it is printed."""
        return cls(
            node=node.node,
            state=node.state,
            size=node.size,
            signed_at=None if node.signed_at is None else format_instant(node.signed_at),
            is_heard=node.is_heard,
            waived_by=node.waived_by,
        )


class LogStandingOut(_Body):
    """How the log stands against what the nodes have seen of it."""

    size: int
    signed_size: int
    waiting: int = Field(description="entries queued for a serial")
    held: int = Field(description="entries that no reader would accept, held for staff")
    is_restored: bool = Field(description="every active node must be heard before the log grows")
    unheard: list[str]
    recovery_wanted: WantedOut | None
    shown_size: int = Field(description="largest checkpoint shown by somebody unknown; 0: none")
    forks: int = Field(description="contradictions on file; any at all is an alarm")
    nodes: list[CosignedNodeOut]

    @classmethod
    def of(cls, standing: LogStanding) -> "LogStandingOut":
        """The standing as JSON members."""
        return cls(
            size=standing.size,
            signed_size=standing.signed_size,
            waiting=standing.waiting,
            held=standing.held,
            is_restored=standing.is_restored,
            unheard=list(standing.unheard),
            recovery_wanted=WantedOut.of(standing.wanted),
            shown_size=standing.shown_size,
            forks=standing.forks,
            nodes=[CosignedNodeOut.of(one) for one in standing.nodes],
        )


class ShownOut(_Body):
    """What a checkpoint that was shown proves; `size` is that of this log."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"size": 4990, "is_lost": True}]})

    size: int
    is_lost: bool = Field(description="it is larger: this hub has lost entries, and pauses")


class WaiverIn(_Body):
    """Why the log need not wait for a node; it stands in the audit trail."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "节点已停用，无法联系"}]})

    reason: PlainText


class ForkOut(_Body):
    """Two checkpoints under the log's own key of which neither continues the other."""

    id: int
    node: str
    size: int
    root: str
    checkpoint: str
    hub_root: str
    hub_checkpoint: str
    seen_at: str

    @classmethod
    def of(cls, row: ForkEvidenceRow) -> "ForkOut":
        """The evidence with both notes as they were signed."""
        return cls(
            id=row.id,
            node=row.node,
            size=row.size,
            root=row.root.hex(),
            checkpoint=row.note.decode(),
            hub_root=row.own_root.hex(),
            hub_checkpoint=row.own_note.decode(),
            seen_at=format_instant(row.seen_at),
        )


class ForksOut(_Body):
    """A page of evidence, newest first; `next` continues as `before`, null at the end."""

    forks: list[ForkOut]
    next: int | None
