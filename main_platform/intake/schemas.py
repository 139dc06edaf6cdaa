"""Bodies of the intake API, as documented; answers themselves are stored bytes."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from main_platform.intake.reconcile import IntakeState

_EXAMPLE_HASH: Final = "9f2c6f1d0d1be1b3b0cf1ba5f6d3c9d18f0f6a1f3a5d6c7b8e9f0a1b2c3d4e5f"
RECEIPT_EXAMPLE: Final[dict[str, JsonValue]] = {
    "origin": "gd-exchange",
    "oseq": 17,
    "listing": "019a8c00-0000-7000-8000-000000000001",
    "version": 1,
    "statement_hash": _EXAMPLE_HASH,
    "object_hash": _EXAMPLE_HASH[::-1],
    "received_at": "2026-11-22T08:00:00Z",
    "state": "received",
}
STATE_EXAMPLE: Final[dict[str, JsonValue]] = {
    "contiguous_through": 16,
    "gaps": [[17, 17]],
    "states": [
        {"oseq": 16, "statement_hash": _EXAMPLE_HASH, "state": "waiting"},
        {"oseq": 18, "statement_hash": _EXAMPLE_HASH[::-1], "state": "sequenced"},
    ],
    "next": None,
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReceiptOut(_Body):
    """The hub has the statement and keeps its bytes; signed by the hub, identical on a repeat."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECEIPT_EXAMPLE]})

    origin: str
    oseq: int
    listing: UUID
    version: int
    statement_hash: str
    object_hash: str
    received_at: str
    state: Annotated[str, Field(description="always `received`; the decision comes by inbox")]


class OseqStateOut(_Body):
    """Where one statement stands at the hub; the node compares the hash with what it said."""

    oseq: int
    statement_hash: str
    state: str


class IntakeStateOut(_Body):
    """What the hub has of the asking node."""

    model_config = ConfigDict(json_schema_extra={"examples": [STATE_EXAMPLE]})

    contiguous_through: int
    gaps: list[tuple[int, int]]
    states: list[OseqStateOut]
    next: int | None

    @classmethod
    def of(cls, state: IntakeState) -> "IntakeStateOut":
        """The state as JSON members."""
        return cls(
            contiguous_through=state.contiguous_through,
            gaps=list(state.gaps),
            states=[
                OseqStateOut(oseq=one.oseq, statement_hash=one.statement_hash, state=one.state)
                for one in state.states
            ],
            next=state.next,
        )
