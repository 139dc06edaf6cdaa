"""What verification needs from recommendation above it, passed in as a value."""

from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant


@dataclass(frozen=True, slots=True)
class StandingChange:
    """One listing whose standing changed, and why; code and text become public."""

    listing: UUID
    operation: Literal["suspend", "withdraw", "resume"]
    code: str
    text: str


class SignChange(Protocol):
    """Sign the change as the listing's next version and queue it, in the session's transaction.

    The row is locked and its `state` has moved already; the callable moves `version`, `last_oseq`
    and `last_statement_hash`.
    """

    async def __call__(
        self, session: AsyncSession, change: StandingChange, *, by: str, now: Instant
    ) -> None:
        """Sign and queue one change."""
        ...
