"""Bodies about a listing that the office suspends or resumes."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from main_platform.review.suspend import StandingChanged


class StandingOut(BaseModel):
    """The change is queued and will be in the log within seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listing: UUID
    origin: str
    application_number: str
    change: Literal["suspend", "resume"]
    reason: str

    @classmethod
    def of(cls, changed: StandingChanged) -> "StandingOut":
        """The change as JSON members."""
        return cls(
            listing=changed.listing,
            origin=changed.origin,
            application_number=changed.application_number,
            change=changed.kind,
            reason=changed.reason,
        )
