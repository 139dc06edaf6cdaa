"""What came in, and what the intake needs from features above it, passed in as values."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.nodes.quota import Quota
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding
from shared_schema.instants import Instant
from shared_schema.rules import RuleProfile
from shared_schema.statement import SignedStatement, Statement


@dataclass(frozen=True, slots=True)
class Received:
    """An accepted statement. `declaration` is there for offers only; `at` is a whole second.

    `receipt` are the exact bytes of the receipt's body, given again on every repeat.
    """

    id: UUID
    signed: SignedStatement
    declaration: Declaration | None
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]
    at: Instant
    receipt: bytes

    @property
    def statement(self) -> Statement:
        """What the node said; its signature was verified."""
        return self.signed.statement


HandOver = Callable[[AsyncSession, Sequence[Received], Instant], Awaitable[None]]
"""Take accepted statements on, in the same transaction."""


@dataclass(frozen=True, slots=True)
class IntakePorts:
    """What becomes of statements after their receipt.

    Attributes:
        open_reviews: takes the offers.
        queue_lane: takes withdrawals, suspensions and resumptions, which nobody approves.
        count_waiting: how many offers of a node wait for review, counted up to a limit.
        seconds_per_decision: how long staff take for one offer of a node, as of late.
        read_states: where submissions stand, by id; those it does not know are `received`.
    """

    open_reviews: HandOver
    queue_lane: HandOver
    count_waiting: Callable[[AsyncSession, str, int], Awaitable[int]]
    seconds_per_decision: Callable[[AsyncSession, str, Instant], Awaitable[float | None]]
    read_states: Callable[[AsyncSession, Sequence[UUID]], Awaitable[Mapping[UUID, str]]]


@dataclass(frozen=True, slots=True)
class Desk:
    """How this hub takes statements in: its rules, its default quota, and who works on."""

    profile: RuleProfile
    quota: Quota
    ports: IntakePorts
