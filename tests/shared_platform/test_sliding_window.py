"""The window: exactly so many in any span of its length, whatever the rhythm, at every edge."""

from hypothesis import given
from hypothesis import strategies as st

from shared_platform.transport.sliding_window import SlidingWindow

MINUTE = 60


def granted(window: SlidingWindow, quota: int, *, at: list[float], key: str = "a") -> list[bool]:
    return [window.take(key, quota, now=now).is_granted for now in at]


def test_so_many_are_granted_and_not_one_more() -> None:
    window = SlidingWindow(MINUTE)

    assert granted(window, 3, at=[0, 0, 0, 0, 59.999]) == [True, True, True, False, False]


def test_each_comes_back_exactly_one_window_after_it_was_taken() -> None:
    window = SlidingWindow(MINUTE)
    granted(window, 2, at=[10, 30])

    assert granted(window, 2, at=[69.999, 70, 70.001]) == [False, True, False]
    assert granted(window, 2, at=[89.999, 90, 90.001]) == [False, True, False]


def test_a_refusal_takes_nothing_so_waiting_is_never_longer_than_told() -> None:
    window = SlidingWindow(MINUTE)
    window.take("a", 1, now=0)
    for now in range(1, 60):
        refused = window.take("a", 1, now=now)
        assert (refused.is_granted, refused.reset_seconds) == (False, 60 - now)

    assert window.take("a", 1, now=60).is_granted


def test_it_tells_what_is_left_and_when_one_more_comes_back() -> None:
    window = SlidingWindow(MINUTE)

    assert tuple(window.take("a", 2, now=100)) == (True, 1, 60)
    assert tuple(window.take("a", 2, now=110.5)) == (True, 0, 50)
    assert tuple(window.take("a", 2, now=159.99)) == (False, 0, 1)
    assert tuple(window.take("a", 2, now=160)) == (True, 0, 11)


def test_keys_do_not_take_from_each_other() -> None:
    window = SlidingWindow(MINUTE)
    granted(window, 1, at=[0], key="a")

    assert granted(window, 1, at=[0], key="b") == [True]
    assert window.is_spent("a", 1, now=0)
    assert not window.is_spent("c", 1, now=0)


def test_what_is_forgotten_is_what_has_no_news() -> None:
    window = SlidingWindow(MINUTE)
    for number in range(1_000):
        window.take(f"key {number}", 5, now=0)
    window.take("key 7", 5, now=30)
    for number in range(501):
        window.take(f"later {number}", 5, now=61)

    assert len(window) < 600
    assert granted(window, 1, at=[61], key="key 7") == [False]


def test_of_too_many_keys_the_least_recent_go() -> None:
    window = SlidingWindow(MINUTE, max_keys=100)
    for number in range(1_000):
        window.take(f"key {number}", 5, now=number / 1_000)

    assert len(window) <= 100
    assert window.is_spent("key 999", 1, now=1)


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=60),
    st.integers(1, 5),
    st.integers(1, 20),
)
def test_it_is_as_a_list_of_all_times_would_have_it(
    pauses: list[int], quota: int, seconds: int
) -> None:
    window, now, taken = SlidingWindow(seconds), 0, list[int]()
    for pause in pauses:
        now += pause
        live = [one for one in taken if one > now - seconds]

        outcome = window.take("a", quota, now=now)

        assert outcome.is_granted == (len(live) < quota)
        if outcome.is_granted:
            taken.append(now)
            live.append(now)
        assert outcome.remaining == quota - len(live)
        assert outcome.reset_seconds == live[0] + seconds - now
