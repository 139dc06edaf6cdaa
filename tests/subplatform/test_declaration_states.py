"""The lifecycle table: every state with every action."""

import itertools

import pytest

from subplatform.declarations.states import (
    CHECKABLE,
    DELETABLE,
    ENDED,
    TRANSITIONS,
    Action,
    DeclarationStateConflict,
    State,
    may,
    next_state,
)

PAIRS = list(itertools.product(State, Action))


@pytest.mark.parametrize(("state", "action"), PAIRS, ids=lambda one: one.value)
def test_every_pair_is_in_the_table_or_refused(state: State, action: Action) -> None:
    if (state, action) in TRANSITIONS:
        assert may(state, action)
        assert next_state(state, action) is TRANSITIONS[state, action]
    else:
        assert not may(state, action)
        with pytest.raises(DeclarationStateConflict, match=f"{state.value}.*{action.value}"):
            next_state(state, action)


def test_every_state_is_reached_from_a_draft() -> None:
    reached, wave = {State.DRAFT}, {State.DRAFT}
    while wave:
        wave = {after for (before, _), after in TRANSITIONS.items() if before in wave} - reached
        reached |= wave

    assert reached == set(State)


def test_every_action_does_something() -> None:
    assert {action for _, action in TRANSITIONS} == set(Action)


def test_what_has_ended_stays_ended() -> None:
    after = {(state, action): TRANSITIONS[state, action] for state, action in TRANSITIONS}

    assert {end for (state, _), end in after.items() if state in ENDED} <= set(ENDED)


def test_content_changes_only_before_anything_was_sent() -> None:
    changing = {s for s, action in TRANSITIONS if action in {Action.EDIT, Action.REPLACE}}

    assert changing <= set(CHECKABLE)


def test_only_a_verified_declaration_is_recommended() -> None:
    assert [s for s, action in TRANSITIONS if action is Action.RECOMMEND] == [State.VERIFIED]


def test_nothing_is_published_but_by_the_hub_s_decision_or_a_resumption() -> None:
    ways = {
        (state, action)
        for (state, action), after in TRANSITIONS.items()
        if after is State.PUBLISHED
    }

    assert ways == {(State.RECOMMENDED, Action.PUBLISH), (State.SUSPENDED, Action.RESUME)}


def test_a_requested_withdrawal_ends_only_in_the_withdrawal() -> None:
    ends = {
        after
        for (state, _), after in TRANSITIONS.items()
        if state is State.WITHDRAWAL_REQUESTED and after is not State.WITHDRAWAL_REQUESTED
    }

    assert ends == {State.WITHDRAWN}


def test_nothing_live_at_the_hub_can_be_deleted() -> None:
    sent = {State.RECOMMENDED, State.PUBLISHED, State.SUSPENDED, State.WITHDRAWAL_REQUESTED}

    assert not sent & set(DELETABLE)
