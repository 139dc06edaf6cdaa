"""How the node's copy of the catalogue stands."""

from typing import Any, Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.alarms.schemas import AlarmOut
from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_schema.instants import Instant, format_instant
from subplatform.accounts.permissions import DeclarationReader
from subplatform.catalogue_mirror.status import MirrorStatus, read_status

MIRROR_EXAMPLE: Final[dict[str, Any]] = {
    "size": 5000,
    "root": "3d" * 32,
    "hub_size": 5002,
    "lag_entries": 2,
    "lag_seconds": 14,
    "contacted_at": "2026-11-22T08:00:00Z",
    "failing_since": None,
    "failure": None,
    "quarantined": 0,
    "needs_newer_reader": 0,
    "alarms": [],
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MirrorOut(_Body):
    """The copy against the hub's log as last seen."""

    model_config = ConfigDict(json_schema_extra={"examples": [MIRROR_EXAMPLE]})

    size: int
    root: str
    hub_size: int
    lag_entries: int
    lag_seconds: int | None = Field(description="since the copy last held everything signed")
    contacted_at: str | None
    failing_since: str | None
    failure: dict[str, Any] | None
    quarantined: int
    needs_newer_reader: int
    alarms: list[AlarmOut]

    @classmethod
    def of(cls, status: MirrorStatus) -> "MirrorOut":
        """The status with instants as they are printed."""
        return cls(
            size=status.size,
            root=status.root,
            hub_size=status.hub_size,
            lag_entries=status.lag_entries,
            lag_seconds=status.lag_seconds,
            contacted_at=_shown(status.contacted_at),
            failing_since=_shown(status.failing_since),
            failure=status.failure,
            quarantined=status.quarantined,
            needs_newer_reader=status.needs_newer_reader,
            alarms=[AlarmOut.of(row) for row in status.alarms],
        )


router = APIRouter(prefix="/api/v1", tags=["mirror"])


@router.get(
    "/mirror",
    summary="目录副本状态 / the copy of the catalogue",
    responses=problems(NotSignedIn, PermissionDenied),
)
async def read_mirror(session: Transaction, reader: DeclarationReader, now: Now) -> MirrorOut:  # noqa: ARG001  named caller
    """Show how far behind the copy is and what is wrong."""
    return MirrorOut.of(await read_status(session, now=now))


def _shown(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
