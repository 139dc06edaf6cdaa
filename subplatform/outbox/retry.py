"""When a delivery is tried again: the retry table of protocol §9."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from shared_schema.instants import Instant

Jitter = Callable[[], float]
"""A random number from 0 up to 1, as `random.Random().random`."""

STEPS_SECONDS: Final = (0, 5, 30, 120, 600, 3_600)
HOURLY_SECONDS: Final = 3_600
SPREAD: Final = 0.2  # of the hourly wait, so that nodes do not come back all at once


def next_attempt(
    failures: int, *, now: Instant, jitter: Jitter, retry_after_s: int | None = None
) -> Instant:
    """When to try again after that many failures in a row (1 or more), never giving up.

    A longer wait that the hub asked for is kept to.
    """
    if failures <= len(STEPS_SECONDS):
        seconds: float = STEPS_SECONDS[failures - 1]
    else:
        seconds = HOURLY_SECONDS * (1 - SPREAD + 2 * SPREAD * jitter())
    return now + timedelta(seconds=max(seconds, retry_after_s or 0))
