"""The automatic choice of the primary listing: pure, total, and blind to who came first."""

import itertools
from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from main_platform.review.placement import Candidate, choose_primary, place


def a_candidate(
    name: int = 1,
    *,
    level: int = 0,
    declared: date = date(2026, 3, 1),
    serial: int | None = None,
    is_primary: bool = False,
) -> Candidate:
    return Candidate(f"node-{name}", UUID(int=name), level, declared, serial, is_primary)


candidates = st.builds(
    a_candidate,
    st.integers(1, 10**6),
    level=st.integers(0, 3),
    declared=st.dates(date(2026, 1, 1), date(2026, 1, 4)),
    serial=st.none() | st.integers(0, 5),
)
some = st.lists(candidates, min_size=1, max_size=5, unique_by=lambda one: one.listing)


def test_alone_an_offer_is_the_primary_one() -> None:
    placed = place(a_candidate(), [])

    assert (placed.primary, placed.promoted) == (None, None)


def test_the_level_goes_before_the_date_and_the_date_before_the_serial() -> None:
    by_level = a_candidate(1, level=2, declared=date(2026, 9, 9), serial=90)
    by_date = a_candidate(2, level=1, declared=date(2026, 1, 1), serial=80)
    by_serial = a_candidate(3, level=1, declared=date(2026, 2, 1), serial=3)
    last = a_candidate(4, level=1, declared=date(2026, 2, 1), serial=4)
    unlogged = a_candidate(5, level=1, declared=date(2026, 2, 1))
    order = [by_level, by_date, by_serial, last, unlogged]

    shuffled = [last, unlogged, by_date, by_level, by_serial]
    assert sorted(shuffled, key=lambda one: one.rank) == order


def test_a_public_primary_stays_when_the_rule_has_nothing_against_it() -> None:
    present = a_candidate(1, declared=date(2026, 1, 1), serial=5, is_primary=True)

    placed = place(a_candidate(2, declared=date(2026, 2, 1)), [present])

    assert (placed.primary, placed.promoted) == (present, None)


def test_a_newcomer_that_ranks_first_is_published_beside_and_then_promoted() -> None:
    present = a_candidate(1, declared=date(2026, 2, 1), serial=5, is_primary=True)
    newcomer = a_candidate(2, declared=date(2026, 1, 1))

    placed = place(newcomer, [present])

    assert (placed.primary, placed.promoted) == (present, newcomer)


def test_a_primary_that_loses_its_rank_steps_back_with_its_next_version() -> None:
    other = a_candidate(1, level=2, serial=9)
    own = a_candidate(2, level=0, serial=5, is_primary=True)

    placed = place(own, [other])

    assert (placed.primary, placed.promoted) == (other, other)


@given(some)
def test_the_choice_does_not_depend_on_the_order(found: list[Candidate]) -> None:
    chosen = {choose_primary(order) for order in itertools.permutations(found)}

    assert len(chosen) == 1


@given(some, candidates)
def test_after_placing_there_is_exactly_one_primary(
    others: list[Candidate], own: Candidate
) -> None:
    beside = [one for one in others if one.listing != own.listing]
    public = [replace(one, is_primary=place_ == 0) for place_, one in enumerate(beside)]

    placed = place(own, public)

    # At the offer's entry: the present primary, or the newcomer itself, never both.
    present = [one for one in public if one.is_primary]
    assert (placed.primary is None) == (not present)
    # After the entry that follows, if any, the best of all is the primary one.
    best = choose_primary([own, *public])
    final = placed.promoted or placed.primary or own
    assert final == best or (final in present and best is not own)
