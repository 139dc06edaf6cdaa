"""Bodies of the erasure API."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from main_platform.erasure.errors import WishInvalid
from main_platform.erasure.propose import Wish
from main_platform.erasure.states import ErasureState, Extent
from main_platform.erasure.tables import ErasureRow
from shared_schema.instants import Instant, format_instant
from shared_schema.schema_errors import field_errors
from shared_schema.statement import ReasonCode

_LISTING = "019a8c00-0000-7000-8000-000000000001"
ERASURE_EXAMPLE: dict[str, Any] = {
    "erasure": "019a8c00-0000-7000-8000-00000000000e",
    "listing": _LISTING,
    "origin": "gz-centre",
    "state": "proposed",
    "reason": "data_subject_request",
    "extent": "before_live",
    "asked_at": "2026-11-22T08:00:00Z",
    "proposed_by": "sun.lei",
    "decided_by": None,
    "decided_at": None,
    "refusal": None,
    "versions": [1],
    "remaining": 0,
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ErasureIn(_Body):
    """Why a listing's statements are erased (code, public), and which of them.

    Without an extent: all of a listing that is not public, else the versions before the public one.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"reason": "data_subject_request", "extent": "before_live"},
                {"reason": "court_order", "extent": "withdraw"},
            ]
        }
    )

    reason: ReasonCode
    extent: Extent | None = None


class ErasureWishIn(_Body):
    """What a node asks to have erased: a listing of its own, and the code of the reason."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"listing": _LISTING, "reason": "data_subject_request"}]}
    )

    listing: UUID
    reason: ReasonCode


def read_wish(document: object) -> Wish:
    """The wish in a parsed body of a node.

    Raises:
        WishInvalid: members are missing, unknown or wrong.
    """
    try:
        asked = ErasureWishIn.model_validate(document)
    except ValidationError as invalid:
        errors = field_errors(invalid, document)
        raise WishInvalid("删除申请格式不符 / the wish is malformed", errors) from invalid
    return Wish(asked.listing, asked.reason)


class ErasureRefusalIn(_Body):
    """Why an erasure is refused; the node that asked reads the code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "identity_unproven"}]})

    reason: ReasonCode


class ErasureOut(_Body):
    """An erasure: versions and states, nothing of what was erased."""

    model_config = ConfigDict(json_schema_extra={"examples": [ERASURE_EXAMPLE]})

    erasure: UUID
    listing: UUID
    origin: str
    state: ErasureState
    reason: str
    extent: Extent | None
    asked_at: str | None
    proposed_by: str | None
    decided_by: str | None
    decided_at: str | None
    refusal: str | None
    versions: list[int]
    remaining: Annotated[int, Field(description="entries that have no serial yet")]

    @classmethod
    def of(cls, row: ErasureRow, *, to_node: bool = False) -> "ErasureOut":
        """The erasure; a node does not read who decided."""
        return cls(
            erasure=row.id,
            listing=row.listing,
            origin=row.origin,
            state=ErasureState(row.state),
            reason=row.reason,
            extent=None if row.extent is None else Extent(row.extent),
            asked_at=_shown(row.asked_at),
            proposed_by=None if to_node else row.proposed_by,
            decided_by=None if to_node else row.decided_by,
            decided_at=_shown(row.decided_at),
            refusal=row.refusal,
            versions=[one["version"] for one in row.statements],
            remaining=row.remaining,
        )


class ErasurePageOut(_Body):
    """A page of erasures, newest first; `next` is the `before` of the next page."""

    items: list[ErasureOut]
    next: UUID | None


def _shown(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
