"""In which state a declaration is rebuilt: one function of statement, decision and catalogue."""

import pytest

from shared_schema.catalogue_state import ListingState
from subplatform.declarations.states import State
from subplatform.recommendation.rebuild_declarations import Standing, state_of

PUBLISHED, SUSPENDED = ListingState.PUBLISHED, ListingState.SUSPENDED


@pytest.mark.parametrize(
    ("standing", "state"),
    [
        pytest.param(Standing("offer"), State.RECOMMENDED, id="waiting"),
        pytest.param(Standing("offer", "returned"), State.CORRECTION, id="returned"),
        pytest.param(Standing("offer", "rejected"), State.REFUSED, id="rejected"),
        pytest.param(Standing("offer", "approved"), State.RECOMMENDED, id="approved-not-logged"),
        pytest.param(Standing("offer", listed=PUBLISHED), State.PUBLISHED, id="published"),
        pytest.param(Standing("offer", listed=SUSPENDED), State.SUSPENDED, id="hub-suspended"),
        pytest.param(
            Standing("offer", listed=PUBLISHED, ended=True), State.EXPIRED, id="published-expired"
        ),
        pytest.param(Standing("offer", ended=True), State.RECOMMENDED, id="waiting-past-its-day"),
        pytest.param(Standing("offer", withdrawn=True), State.WITHDRAWN, id="withdrawn-by-hub"),
        pytest.param(Standing("suspend"), State.SUSPENDED, id="suspending"),
        pytest.param(Standing("suspend", listed=PUBLISHED), State.PUBLISHED, id="hub-resumed"),
        pytest.param(Standing("resume"), State.PUBLISHED, id="resuming"),
        pytest.param(Standing("resume", listed=SUSPENDED), State.SUSPENDED, id="suspended-again"),
        pytest.param(Standing("withdraw"), State.WITHDRAWAL_REQUESTED, id="withdrawing"),
        pytest.param(
            Standing("withdraw", "returned"), State.WITHDRAWAL_REQUESTED, id="withdrawing-returned"
        ),
        pytest.param(Standing("withdraw", recorded=True), State.WITHDRAWN, id="never-public"),
        pytest.param(Standing("withdraw", withdrawn=True), State.WITHDRAWN, id="withdrawn"),
    ],
)
def test_the_state_is_where_the_lifecycle_would_have_led(standing: Standing, state: State) -> None:
    assert state_of(standing) is state
