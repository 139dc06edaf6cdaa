"""A circuit breaker per destination: after repeated transport failures, one probe per interval.

Pure: the clock is injected and nothing is sent. Refusals that a peer answers are not failures; only
an exchange that did not take place is.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Final

from shared_schema.instants import Clock, Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class BreakerOpen(DomainError):
    """The destination failed repeatedly; `retry_after_s` tells when the next probe is due."""

    problem = ProblemType.HUB_UNREACHABLE


class BreakerState(Enum):
    """Closed lets everything through, open nothing, probing exactly one exchange."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class BreakerEvent(Enum):
    """What moves a breaker."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    FAILED_TOO_OFTEN = "failed_too_often"
    PROBE_DUE = "probe_due"


TRANSITIONS: Final = {
    (BreakerState.CLOSED, BreakerEvent.SUCCEEDED): BreakerState.CLOSED,
    (BreakerState.CLOSED, BreakerEvent.FAILED): BreakerState.CLOSED,
    (BreakerState.CLOSED, BreakerEvent.FAILED_TOO_OFTEN): BreakerState.OPEN,
    (BreakerState.OPEN, BreakerEvent.PROBE_DUE): BreakerState.PROBING,
    # An exchange that began before the breaker opened may still end.
    (BreakerState.OPEN, BreakerEvent.SUCCEEDED): BreakerState.CLOSED,
    (BreakerState.OPEN, BreakerEvent.FAILED): BreakerState.OPEN,
    (BreakerState.OPEN, BreakerEvent.FAILED_TOO_OFTEN): BreakerState.OPEN,
    (BreakerState.PROBING, BreakerEvent.SUCCEEDED): BreakerState.CLOSED,
    (BreakerState.PROBING, BreakerEvent.FAILED): BreakerState.OPEN,
    (BreakerState.PROBING, BreakerEvent.FAILED_TOO_OFTEN): BreakerState.OPEN,
    # The process that probed may have been cancelled; the next interval probes again.
    (BreakerState.PROBING, BreakerEvent.PROBE_DUE): BreakerState.PROBING,
}


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a breaker opens and how often it then probes."""

    failures: int = 5
    probe_interval: timedelta = timedelta(seconds=60)


@dataclass(slots=True)
class Breaker:
    """One destination's breaker; call `admit` before and `succeeded` or `failed` after."""

    clock: Clock
    policy: BreakerPolicy = field(default_factory=BreakerPolicy)
    state: BreakerState = BreakerState.CLOSED
    failures_in_a_row: int = 0
    next_probe: Instant | None = None

    def admit(self) -> None:
        """Let one exchange through.

        Raises:
            BreakerOpen: the destination is given up until the next probe.
        """
        if self.state is BreakerState.CLOSED or self.next_probe is None:
            return
        now = self.clock.now()
        if now < self.next_probe:
            wait = (self.next_probe - now).total_seconds()
            raise BreakerOpen(retry_after_s=int(wait) + 1)
        self.state = TRANSITIONS[self.state, BreakerEvent.PROBE_DUE]
        self.next_probe = now + self.policy.probe_interval

    def succeeded(self) -> None:
        """The peer answered, whatever it said."""
        self.state = TRANSITIONS[self.state, BreakerEvent.SUCCEEDED]
        self.failures_in_a_row = 0
        self.next_probe = None

    def failed(self) -> None:
        """The exchange did not take place."""
        self.failures_in_a_row += 1
        too_often = self.failures_in_a_row >= self.policy.failures
        event = BreakerEvent.FAILED_TOO_OFTEN if too_often else BreakerEvent.FAILED
        self.state = TRANSITIONS[self.state, event]
        if self.state is BreakerState.OPEN:
            self.next_probe = self.clock.now() + self.policy.probe_interval
