"""The lifecycle of a review: every state with every action."""

import itertools

import pytest

from main_platform.review.errors import ReviewStateConflict
from main_platform.review.states import OPEN, TRANSITIONS, ReviewAction, ReviewState, next_state

S, A = ReviewState, ReviewAction
WRITTEN_DOWN = {
    S.WAITING: {A.CLAIM: S.CLAIMED, A.HOLD: S.CONFLICT_HOLD, A.SUPERSEDE: S.SUPERSEDED},
    S.CLAIMED: {
        A.RELEASE: S.WAITING,
        A.APPROVE: S.APPROVED,
        A.ASK_SECOND: S.SECOND_REVIEW,
        A.RETURN: S.RETURNED,
        A.REJECT: S.REJECTED,
        A.HOLD: S.CONFLICT_HOLD,
        A.SUPERSEDE: S.SUPERSEDED,
        A.PUT_BACK: S.WAITING,
    },
    S.SECOND_REVIEW: {
        A.APPROVE: S.APPROVED,
        A.RETURN: S.RETURNED,
        A.REJECT: S.REJECTED,
        A.HOLD: S.CONFLICT_HOLD,
        A.SUPERSEDE: S.SUPERSEDED,
        A.PUT_BACK: S.WAITING,
    },
    S.CONFLICT_HOLD: {
        A.ASK_SECOND: S.SECOND_REVIEW,
        A.RETURN: S.RETURNED,
        A.REJECT: S.REJECTED,
        A.REOPEN: S.WAITING,
        A.SUPERSEDE: S.SUPERSEDED,
    },
    S.APPROVED: {A.SEQUENCE: S.SEQUENCED, A.DISCARD: S.RETURNED, A.PUT_BACK: S.WAITING},
    S.SEQUENCED: {},
    S.RETURNED: {},
    S.REJECTED: {},
    S.SUPERSEDED: {},
}


@pytest.mark.parametrize(("state", "action"), list(itertools.product(ReviewState, ReviewAction)))
def test_every_state_answers_every_action(state: ReviewState, action: ReviewAction) -> None:
    expected = WRITTEN_DOWN[state].get(action)

    if expected is None:
        with pytest.raises(ReviewStateConflict, match=action.value):
            next_state(state, action)
    else:
        assert next_state(state, action) == expected


def test_every_state_can_be_reached() -> None:
    assert set(TRANSITIONS.values()) | {S.WAITING} == set(ReviewState)


def test_nothing_is_approved_without_having_been_claimed() -> None:
    before = {state for (state, action) in TRANSITIONS if action is A.APPROVE}

    assert before == {S.CLAIMED, S.SECOND_REVIEW}


def test_open_are_the_states_in_which_somebody_must_act() -> None:
    assert {S.WAITING, S.CLAIMED, S.SECOND_REVIEW, S.CONFLICT_HOLD} == OPEN
