"""The delivery's transition table, walked whole, and the retry table as numbers."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subplatform.outbox.retry import next_attempt
from subplatform.outbox.states import (
    TRANSITIONS,
    DeliveryAction,
    DeliveryState,
    DeliveryStateConflict,
    next_state,
)

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(("state", "action"), list(product(DeliveryState, DeliveryAction)))
def test_every_state_and_action_is_in_the_table_or_refused(
    state: DeliveryState, action: DeliveryAction
) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(DeliveryStateConflict):
            next_state(state, action)


def test_a_sent_or_leased_statement_is_never_cancelled() -> None:
    for state in (DeliveryState.SENT, DeliveryState.LEASED):
        assert (state, DeliveryAction.CANCEL) not in TRANSITIONS


def test_the_first_retries_have_fixed_waits() -> None:
    waits = [
        (next_attempt(failures, now=NOW, jitter=lambda: 0.9) - NOW).total_seconds()
        for failures in range(1, 7)
    ]

    assert waits == [0, 5, 30, 120, 600, 3600]


@given(
    failures=st.integers(7, 10_000),
    luck=st.floats(0, 1, exclude_max=True),
    asked=st.none() | st.integers(0, 86_400),
)
def test_then_it_goes_on_hourly_spread_by_a_fifth(
    failures: int, luck: float, asked: int | None
) -> None:
    at = next_attempt(failures, now=NOW, jitter=lambda: luck, retry_after_s=asked)
    seconds = (at - NOW).total_seconds()

    assert seconds == pytest.approx(max(3600 * (0.8 + 0.4 * luck), asked or 0), abs=1e-3)
