"""What staff see of nodes that contradicted themselves."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from main_platform.intake.equivocation import list_equivocations
from main_platform.intake.tables import EquivocationRow
from main_platform.staff.permissions import NodeReader
from shared_platform.database.transaction import Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_schema.instants import format_instant
from shared_schema.statement import NodeId

PAGE = 100
router = APIRouter(prefix="/api/v1", tags=["nodes"])


class EquivocationOut(BaseModel):
    """A refused statement that contradicts an accepted one; both hashes, nothing of the words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    origin: str
    oseq: int
    listing: str
    version: int
    statement_hash: str
    known_oseq: int
    known_hash: str
    received_at: str

    @classmethod
    def of(cls, row: EquivocationRow) -> "EquivocationOut":
        """The evidence without the envelope, which may hold personal data."""
        return cls(
            id=row.id,
            origin=row.origin,
            oseq=row.oseq,
            listing=str(row.listing),
            version=row.version,
            statement_hash=row.statement_hash,
            known_oseq=row.known_oseq,
            known_hash=row.known_hash,
            received_at=format_instant(row.received_at),
        )


class EquivocationsOut(BaseModel):
    """A page, newest first; `next` continues as `before`, null at the end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    equivocations: list[EquivocationOut]
    next: int | None


@router.get("/equivocations", responses=problems(NotSignedIn, PermissionDenied))
async def read_equivocations(
    session: Transaction,
    reader: NodeReader,  # noqa: ARG001  named caller
    origin: NodeId | None = None,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> EquivocationsOut:
    """Show statements that contradict accepted ones, of one node or of all."""
    rows = await list_equivocations(session, origin=origin, before=before, limit=PAGE)
    following = rows[-1].id if len(rows) == PAGE else None
    return EquivocationsOut(equivocations=[EquivocationOut.of(row) for row in rows], next=following)
