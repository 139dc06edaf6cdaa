"""What a node tells the hub about itself every few minutes: `POST /reports/status`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared_schema.statement import WireInstant

_Count = Annotated[int, Field(strict=True, ge=0, lt=10**18)]
_Code = Annotated[str, Field(pattern="^[a-z0-9_.]{1,100}$")]


class StatusReport(BaseModel):
    """A node's queue, copy and troubles as it sees them; members unknown to the hub are ignored.

    `withheld` counts own numbers that the hub will never see: taken back, or refused for good.
    """

    model_config = ConfigDict(frozen=True)

    waiting: _Count
    dead: _Count
    withheld: _Count
    oldest_waiting_at: WireInstant | None = None
    size: _Count = Field(description="entries of the log in the node's copy")
    paused: _Code | None = None
    alarms: Annotated[tuple[_Code, ...], Field(max_length=100)] = ()
    critical: Annotated[tuple[_Code, ...], Field(max_length=100)] = ()
