"""The breaker's table and its timing."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_platform.transport.breaker import (
    TRANSITIONS,
    Breaker,
    BreakerEvent,
    BreakerOpen,
    BreakerPolicy,
    BreakerState,
)
from shared_schema.instants import Instant

POLICY = BreakerPolicy(failures=3, probe_interval=timedelta(seconds=60))


@dataclass
class SetClock:
    instant: Instant = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    def now(self) -> Instant:
        return self.instant


def opened() -> tuple[Breaker, SetClock]:
    clock = SetClock()
    breaker = Breaker(clock, POLICY)
    for _ in range(3):
        breaker.admit()
        breaker.failed()
    return breaker, clock


def test_the_table_knows_every_pair_but_a_probe_of_a_closed_breaker() -> None:
    missing = set(product(BreakerState, BreakerEvent)) - TRANSITIONS.keys()

    assert missing == {(BreakerState.CLOSED, BreakerEvent.PROBE_DUE)}


def test_fewer_failures_in_a_row_leave_it_closed() -> None:
    breaker = Breaker(SetClock(), POLICY)

    for outcome in [breaker.failed, breaker.failed, breaker.succeeded] * 3:
        breaker.admit()
        outcome()

    assert breaker.state is BreakerState.CLOSED


def test_an_open_breaker_tells_when_the_next_probe_is_due() -> None:
    breaker, clock = opened()
    clock.instant += timedelta(seconds=20)

    with pytest.raises(BreakerOpen) as refused:
        breaker.admit()

    assert refused.value.retry_after_s == 41


def test_one_probe_is_let_through_per_interval() -> None:
    breaker, clock = opened()
    clock.instant += timedelta(seconds=60)

    breaker.admit()

    assert breaker.state is BreakerState.PROBING
    with pytest.raises(BreakerOpen):
        breaker.admit()


def test_a_good_probe_closes_it_and_a_bad_one_waits_again() -> None:
    breaker, clock = opened()
    clock.instant += timedelta(seconds=60)
    breaker.admit()
    breaker.failed()
    with pytest.raises(BreakerOpen):
        breaker.admit()

    clock.instant += timedelta(seconds=60)
    breaker.admit()
    breaker.succeeded()

    breaker.admit()
    assert breaker.state is BreakerState.CLOSED


def test_a_probe_that_was_cancelled_does_not_close_the_way_for_ever() -> None:
    breaker, clock = opened()
    clock.instant += timedelta(seconds=60)
    breaker.admit()  # and neither succeeded nor failed

    clock.instant += timedelta(seconds=60)

    breaker.admit()


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["admit", "fail", "succeed"]), st.integers(0, 200)), max_size=60
    )
)
def test_while_the_peer_is_given_up_at_most_one_probe_starts_per_interval(
    steps: list[tuple[str, int]],
) -> None:
    clock = SetClock()
    breaker = Breaker(clock, POLICY)
    probes: list[Instant] = []
    for action, seconds in steps:
        clock.instant += timedelta(seconds=seconds)
        was_open = breaker.state is not BreakerState.CLOSED
        if action == "fail":
            breaker.failed()
        elif action == "succeed":
            breaker.succeeded()
            probes.clear()
        else:
            try:
                breaker.admit()
            except BreakerOpen:
                continue
            if was_open:
                probes.append(clock.instant)

    gaps = [later - earlier for earlier, later in pairwise(probes)]
    assert all(gap >= POLICY.probe_interval for gap in gaps)
