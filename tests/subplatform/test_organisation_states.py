"""The lifecycles of organisations and mandates: every state with every action."""

import itertools

import pytest

from subplatform.accounts.states import (
    MANDATE_TRANSITIONS,
    ORGANISATION_TRANSITIONS,
    MandateAction,
    MandateState,
    OrganisationAction,
    OrganisationState,
    OrganisationStateConflict,
    after,
)


@pytest.mark.parametrize(
    ("state", "action"), list(itertools.product(OrganisationState, OrganisationAction))
)
def test_every_pair_of_an_organisation_is_in_the_table_or_refused(
    state: OrganisationState, action: OrganisationAction
) -> None:
    if (state, action) in ORGANISATION_TRANSITIONS:
        moved = after(ORGANISATION_TRANSITIONS, state, action)
        assert moved is ORGANISATION_TRANSITIONS[state, action]
    else:
        with pytest.raises(OrganisationStateConflict, match=f"{state.value}.*{action.value}"):
            after(ORGANISATION_TRANSITIONS, state, action)


@pytest.mark.parametrize(("state", "action"), list(itertools.product(MandateState, MandateAction)))
def test_every_pair_of_a_mandate_is_in_the_table_or_refused(
    state: MandateState, action: MandateAction
) -> None:
    if (state, action) in MANDATE_TRANSITIONS:
        assert after(MANDATE_TRANSITIONS, state, action) is MANDATE_TRANSITIONS[state, action]
    else:
        with pytest.raises(OrganisationStateConflict, match=f"{state.value}.*{action.value}"):
            after(MANDATE_TRANSITIONS, state, action)
