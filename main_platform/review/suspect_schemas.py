"""Bodies about listings that a revoked key signed."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from main_platform.review.outlived import SuspectListing
from shared_schema.instants import format_instant


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SuspectListingOut(_Body):
    """A public version to look at: keep it, or withdraw the listing."""

    listing: UUID
    application_number: str
    version: int
    serial: int
    state: str
    received_at: str


class SuspectListingsOut(_Body):
    """A page in the order of the log; `next` goes on as `after`, null at the end."""

    items: list[SuspectListingOut]
    next: int | None

    @classmethod
    def of(cls, found: Sequence[SuspectListing], *, limit: int) -> "SuspectListingsOut":
        """The page."""
        items = [
            SuspectListingOut(
                listing=one.listing,
                application_number=one.application_number,
                version=one.version,
                serial=one.serial,
                state=one.state,
                received_at=format_instant(one.received_at),
            )
            for one in found
        ]
        return cls(items=items, next=items[-1].serial if len(items) == limit else None)
