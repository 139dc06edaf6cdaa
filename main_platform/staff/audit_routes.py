"""Search the audit trail: who did what to what, and when."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row

from main_platform.staff.permissions import Auditor
from shared_platform.audit.search import TrailCursorRefused, TrailQuery, search_trail
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
    """A page of acts, newest first; `next` is the cursor of those before them, null at the end."""

    model_config = ConfigDict(frozen=True)

    records: list[AuditRecordOut]
    next: str | None


Text = Annotated[str, Query(max_length=200)]


async def _query(
    actor: Annotated[Text, Query(examples=["wang.wei"])] = "",
    act: Text = "",
    kind: Annotated[Text, Query(examples=["node"])] = "",
    subject: Annotated[Text, Query(examples=["gz-centre"])] = "",
    since: Annotated[date | None, Query(description="legal day, included")] = None,
    until: Annotated[date | None, Query(description="legal day, included")] = None,
) -> TrailQuery:
    return TrailQuery(actor, act, kind, subject, since, until)


@router.get("/audit", responses=problems(NotSignedIn, PermissionDenied, TrailCursorRefused))
async def read_audit(
    session: Transaction,
    auditor: Auditor,  # noqa: ARG001  named caller
    query: Annotated[TrailQuery, Depends(_query)],
    cursor: Annotated[str | None, Query(max_length=60)] = None,
) -> AuditPageOut:
    """Search the acts by who, what, about what and when; all of them where nothing is asked."""
    page = await search_trail(session, query, cursor=cursor, limit=_PAGE)
    return AuditPageOut(records=[AuditRecordOut.of(row) for row in page.records], next=page.older)
