"""Read the audit trail: who did what to one subject, and when."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row

from main_platform.staff.permissions import Auditor
from shared_platform.audit.trail import Subject, records_of
from shared_platform.database.transaction import Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.instants import format_instant

_PAGE = 200
router = APIRouter(prefix="/api/v1", tags=["audit"], route_class=StrictJsonRoute)


class AuditRecordOut(BaseModel):
    """One act."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "id": 7,
                    "at": "2026-11-22T08:00:00Z",
                    "actor": "wang.wei",
                    "act": "node_suspended",
                    "subject": {"kind": "node", "id": "gz-centre"},
                    "facts": {"reason": "key_compromise"},
                }
            ]
        },
    )

    id: int
    at: str
    actor: str
    act: str
    subject: dict[str, str]
    facts: dict[str, Any]

    @classmethod
    def of(cls, row: Row[Any]) -> "AuditRecordOut":
        """The row as an auditor reads it."""
        return cls(
            id=row.id,
            at=format_instant(row.at),
            actor=row.actor,
            act=row.act,
            subject={"kind": row.subject_kind, "id": row.subject},
            facts=row.facts,
        )


class AuditPageOut(BaseModel):
    """A page of acts, oldest first; `next` is what to pass as `after`, null at the end."""

    model_config = ConfigDict(frozen=True)

    records: list[AuditRecordOut]
    next: int | None


@router.get("/audit", responses=problems(NotSignedIn, PermissionDenied))
async def read_audit(
    session: Transaction,
    auditor: Auditor,  # noqa: ARG001  named caller
    kind: Annotated[str, Query(min_length=1, max_length=40, examples=["node"])],
    subject: Annotated[str, Query(min_length=1, max_length=200, examples=["gz-centre"])],
    after: Annotated[int, Query(ge=0, le=10**15)] = 0,
) -> AuditPageOut:
    """List the acts on one subject: a node, an account, a review, a listing."""
    rows = await records_of(session, Subject(kind, subject), after=after, limit=_PAGE + 1)
    records = [AuditRecordOut.of(row) for row in rows[:_PAGE]]
    return AuditPageOut(records=records, next=records[-1].id if len(rows) > _PAGE else None)
