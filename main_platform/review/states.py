"""The lifecycle of a review: one transition table (protocol §6)."""

from enum import StrEnum
from typing import Final

from main_platform.review.errors import ReviewStateConflict


class ReviewState(StrEnum):
    """Where a review stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SECOND_REVIEW = "second_review"  # one examiner approved; another one must look
    CONFLICT_HOLD = "conflict_hold"  # another node offers the patent otherwise; staff decide
    APPROVED = "approved"  # queued for the log
    SEQUENCED = "sequenced"  # in the log
    RETURNED = "returned"  # the holder corrects and the node sends the next version
    REJECTED = "rejected"
    SUPERSEDED = "superseded"  # a newer statement of the listing arrived


class ReviewAction(StrEnum):
    """What can be done to a review."""

    CLAIM = "claim"
    RELEASE = "release"
    APPROVE = "approve"
    ASK_SECOND = "ask_second"
    RETURN = "return"
    REJECT = "reject"
    HOLD = "hold"
    REOPEN = "reopen"
    SUPERSEDE = "supersede"
    SEQUENCE = "sequence"
    DISCARD = "discard"  # its entry was held and will never be in the log
    PUT_BACK = "put_back"  # the key of the statement was revoked meanwhile


_S, _A = ReviewState, ReviewAction

TRANSITIONS: Final[dict[tuple[ReviewState, ReviewAction], ReviewState]] = {
    (_S.WAITING, _A.CLAIM): _S.CLAIMED,
    (_S.WAITING, _A.HOLD): _S.CONFLICT_HOLD,
    (_S.WAITING, _A.SUPERSEDE): _S.SUPERSEDED,
    (_S.CLAIMED, _A.RELEASE): _S.WAITING,
    (_S.CLAIMED, _A.APPROVE): _S.APPROVED,
    (_S.CLAIMED, _A.ASK_SECOND): _S.SECOND_REVIEW,
    (_S.CLAIMED, _A.RETURN): _S.RETURNED,
    (_S.CLAIMED, _A.REJECT): _S.REJECTED,
    (_S.CLAIMED, _A.HOLD): _S.CONFLICT_HOLD,
    (_S.CLAIMED, _A.SUPERSEDE): _S.SUPERSEDED,
    (_S.SECOND_REVIEW, _A.APPROVE): _S.APPROVED,
    (_S.SECOND_REVIEW, _A.RETURN): _S.RETURNED,
    (_S.SECOND_REVIEW, _A.REJECT): _S.REJECTED,
    (_S.SECOND_REVIEW, _A.HOLD): _S.CONFLICT_HOLD,
    (_S.SECOND_REVIEW, _A.SUPERSEDE): _S.SUPERSEDED,
    (_S.CONFLICT_HOLD, _A.ASK_SECOND): _S.SECOND_REVIEW,  # replace, if a second one agrees
    (_S.CONFLICT_HOLD, _A.RETURN): _S.RETURNED,
    (_S.CONFLICT_HOLD, _A.REJECT): _S.REJECTED,  # the existing offer is kept
    (_S.CONFLICT_HOLD, _A.REOPEN): _S.WAITING,  # the other offer is gone
    (_S.CONFLICT_HOLD, _A.SUPERSEDE): _S.SUPERSEDED,
    (_S.APPROVED, _A.SEQUENCE): _S.SEQUENCED,
    (_S.APPROVED, _A.DISCARD): _S.RETURNED,
    (_S.CLAIMED, _A.PUT_BACK): _S.WAITING,
    (_S.SECOND_REVIEW, _A.PUT_BACK): _S.WAITING,
    (_S.APPROVED, _A.PUT_BACK): _S.WAITING,  # its entry would come after the revocation
}

OPEN: Final = frozenset(
    state for state in ReviewState if (state, ReviewAction.SUPERSEDE) in TRANSITIONS
)
"""The states in which somebody still has to act."""


def next_state(state: ReviewState, action: ReviewAction) -> ReviewState:
    """The state after the action.

    Raises:
        ReviewStateConflict: the table has no such transition.
    """
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise ReviewStateConflict(
            detail=f"审核状态为 {state.value}，不能 {action.value}"
            f" / a review that is {state.value} cannot {action.value}"
        )
    return after
