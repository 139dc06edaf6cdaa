"""How the node's copy of the catalogue stands."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.alarms.schemas import AlarmOut
from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_schema.instants import Instant, format_instant
from subplatform.accounts.permissions import StatusReader
from subplatform.catalogue_mirror.forks import (
    ForkNotFound,
    evidence_of,
    find_fork,
    list_forks,
)
from subplatform.catalogue_mirror.status import MirrorStatus, read_status
from subplatform.catalogue_mirror.tables import ForkEvidenceRow

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
    "forks": 0,
    "alarms": [],
}


FORK_EXAMPLE: Final[dict[str, Any]] = {
    "id": 1,
    "size": 5000,
    "checkpoint": "kaixu.example/log\n5000\n…\n",
    "hub_checkpoint": "kaixu.example/log\n5002\n…\n",
    "has_proof": True,
    "seen_at": "2026-11-22T08:00:00Z",
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
    forks: int = Field(description="contradictions on file; any at all is an alarm")
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
            forks=status.forks,
            alarms=[AlarmOut.of(row) for row in status.alarms],
        )


class ForkOut(_Body):
    """Two checkpoints under the log's own key that contradict each other."""

    model_config = ConfigDict(json_schema_extra={"examples": [FORK_EXAMPLE]})

    id: int
    size: int = Field(description="of the copy when it was contradicted")
    checkpoint: str
    hub_checkpoint: str
    has_proof: bool = Field(description="the hub's own proof shows the other past")
    seen_at: str

    @classmethod
    def of(cls, row: ForkEvidenceRow) -> "ForkOut":
        """The evidence with both notes as they were signed."""
        return cls(
            id=row.id,
            size=row.size,
            checkpoint=row.note.decode(),
            hub_checkpoint=row.hub_note.decode(errors="replace"),
            has_proof=row.proof is not None,
            seen_at=format_instant(row.seen_at),
        )


class ForksOut(_Body):
    """A page of evidence, newest first; `next` continues as `before`, null at the end."""

    forks: list[ForkOut]
    next: int | None


PAGE: Final = 100
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "fork-evidence/1", "content": {"application/json": {}}}
}
router = APIRouter(prefix="/api/v1", tags=["mirror"])


@router.get(
    "/mirror",
    summary="目录副本状态 / the copy of the catalogue",
    responses=problems(NotSignedIn, PermissionDenied),
)
async def read_mirror(session: Transaction, reader: StatusReader, now: Now) -> MirrorOut:  # noqa: ARG001  named caller
    """Show how far behind the copy is and what is wrong."""
    return MirrorOut.of(await read_status(session, now=now))


@router.get(
    "/mirror/forks",
    summary="分叉证据 / evidence that the log was signed in two versions",
    responses=problems(NotSignedIn, PermissionDenied),
)
async def read_forks(
    session: Transaction,
    reader: StatusReader,  # noqa: ARG001  named caller
    before: Annotated[int | None, Query(ge=1)] = None,
) -> ForksOut:
    """Show what this node keeps of two versions of the log, newest first."""
    rows = await list_forks(session, before=before, limit=PAGE)
    following = rows[-1].id if len(rows) == PAGE else None
    return ForksOut(forks=[ForkOut.of(row) for row in rows], next=following)


@router.get(
    "/mirror/forks/{fork}",
    summary="导出一份证据 / one piece of evidence as a file",
    response_class=Response,
    responses=_FILE | problems(NotSignedIn, PermissionDenied, ForkNotFound),
)
async def read_fork(fork: int, session: Transaction, reader: StatusReader) -> Response:  # noqa: ARG001  named caller
    """Give both checkpoints and the proof; `kaixu-verify --fork FILE` checks it anywhere.

    Raises:
        ForkNotFound: there is none of that id.
    """
    evidence = evidence_of(await find_fork(session, fork)).write()
    name = f'attachment; filename="fork-{fork}.json"'
    return Response(evidence, media_type="application/json", headers={"content-disposition": name})


def _shown(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
