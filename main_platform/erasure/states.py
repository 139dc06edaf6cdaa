"""The lifecycle of an erasure, and how much of a listing one takes (protocol §11)."""

from enum import StrEnum
from typing import Final

from main_platform.erasure.errors import ErasureStateConflict


class ErasureState(StrEnum):
    """Where an erasure stands."""

    ASKED = "asked"  # by the node whose listing it is; staff have not looked yet
    PROPOSED = "proposed"  # by one person; another one must agree
    CONFIRMED = "confirmed"  # the hub's own rows are empty; entries wait for their serials
    DONE = "done"  # in the log: every copy deletes with its next pull
    REFUSED = "refused"


class ErasureAction(StrEnum):
    """What can be done to an erasure."""

    PROPOSE = "propose"
    CONFIRM = "confirm"
    COMPLETE = "complete"
    REFUSE = "refuse"


class Extent(StrEnum):
    """Which statements are erased."""

    ENDED = "ended"  # all of a listing that is not public, or not any more
    BEFORE_LIVE = "before_live"  # the versions before the one that is public
    WITHDRAW = "withdraw"  # the public listing is withdrawn, and all of it erased, in one decision


_S, _A = ErasureState, ErasureAction
ERASURE_TRANSITIONS: Final[dict[tuple[ErasureState, ErasureAction], ErasureState]] = {
    (_S.ASKED, _A.PROPOSE): _S.PROPOSED,
    (_S.ASKED, _A.REFUSE): _S.REFUSED,
    (_S.PROPOSED, _A.CONFIRM): _S.CONFIRMED,
    (_S.PROPOSED, _A.REFUSE): _S.REFUSED,
    (_S.CONFIRMED, _A.COMPLETE): _S.DONE,
}
OPEN: Final = frozenset({_S.ASKED, _S.PROPOSED, _S.CONFIRMED})


def next_state(state: str, action: ErasureAction) -> ErasureState:
    """The state after the action.

    Raises:
        ErasureStateConflict: the table has no such transition.
    """
    after = ERASURE_TRANSITIONS.get((ErasureState(state), action))
    if after is None:
        raise ErasureStateConflict(
            detail=f"删除申请状态为 {state}，不能 {action.value}"
            f" / an erasure that is {state} cannot {action.value}"
        )
    return after
