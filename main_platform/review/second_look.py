"""Which approvals a second person must confirm (protocol §6): a policy of the office, as data."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Depends, Request

from main_platform.settings import HubSettings

_PARTS: Final = 100


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What is confirmed beside offers with high-risk findings: nothing, a sample, or everything.

    The sample is drawn by the id that the hub gave the review, which no node can choose.
    """

    scope: Literal["high_risk", "sample", "all"]
    percent: int = 0

    def asks(self, review: UUID, *, high_risk: bool) -> bool:
        """Whether this approval waits for a second person."""
        if high_risk or self.scope == "all":
            return True
        return self.scope == "sample" and _place_of(review) < self.percent


BY_RISK: Final = SecondLook("high_risk")


def second_look_of(settings: HubSettings) -> SecondLook:
    """The policy that the settings name."""
    return SecondLook(settings.second_look, settings.second_look_percent)


async def read_second_look(request: Request) -> SecondLook:
    """The policy of the service that answers."""
    return second_look_of(request.app.state.settings)


SecondLookHere = Annotated[SecondLook, Depends(read_second_look)]


def _place_of(review: UUID) -> int:
    """One of a hundred equal parts; the same whenever it is asked."""
    return int.from_bytes(sha256(review.bytes).digest()[:8]) % _PARTS
