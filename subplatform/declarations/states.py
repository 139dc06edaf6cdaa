"""The lifecycle of a declaration at its node, as one transition table (docs/lifecycles.md)."""

from enum import StrEnum
from typing import Final

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class DeclarationStateConflict(DomainError):
    """The declaration is not in a state for this action."""

    problem = ProblemType.STATE_CONFLICT


class State(StrEnum):
    """Where a declaration stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    VERIFYING = "verifying"
    CORRECTION = "correction"  # a rule or the hub objects; the holder corrects it
    VERIFIED = "verified"
    RECOMMENDED = "recommended"  # signed and on its way to the hub, or under review there
    PUBLISHED = "published"
    SUSPENDED = "suspended"  # published, but not to be accepted for now
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REFUSED = "refused"


class Action(StrEnum):
    """What can happen to a declaration."""

    EDIT = "edit"
    REPLACE = "replace"  # an import brings other content
    RENEW = "renew"  # other terms for a published offer, as its next version
    SUBMIT = "submit"
    TAKE_UP = "take_up"  # a verifier looks at it by hand
    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    OBJECT = "object"  # a rule forbids to go on
    REFUSE = "refuse"
    RECOMMEND = "recommend"
    RETURN = "return"  # the hub wants a correction
    REJECT = "reject"  # the hub refuses for good
    PUBLISH = "publish"
    SUSPEND = "suspend"
    RESUME = "resume"
    REQUEST_WITHDRAWAL = "request_withdrawal"
    WITHDRAW = "withdraw"  # the log says so, whoever asked
    EXPIRE = "expire"


CHECKABLE: Final = (
    State.DRAFT,
    State.SUBMITTED,
    State.VERIFYING,
    State.CORRECTION,
    State.VERIFIED,
)
"""States in which the rules decide, since nothing was sent."""

WITH_THE_HOLDER: Final = (State.DRAFT, State.CORRECTION)
"""States in which an organisation still writes; nobody else passes on what it did not hand in."""

ENDED: Final = (State.WITHDRAWN, State.EXPIRED, State.REFUSED)
"""States after which the patent may be declared anew."""

DELETABLE: Final = (State.DRAFT, State.SUBMITTED, State.CORRECTION, State.VERIFIED, State.REFUSED)
"""States in which a declaration that was never signed may be deleted."""

TRANSITIONS: Final[dict[tuple[State, Action], State]] = {
    (State.DRAFT, Action.EDIT): State.DRAFT,
    (State.CORRECTION, Action.EDIT): State.CORRECTION,
    (State.DRAFT, Action.REPLACE): State.DRAFT,
    (State.SUBMITTED, Action.REPLACE): State.DRAFT,
    (State.CORRECTION, Action.REPLACE): State.CORRECTION,
    (State.VERIFIED, Action.REPLACE): State.DRAFT,
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.CORRECTION, Action.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Action.TAKE_UP): State.VERIFYING,
    **{(state, Action.PASS): State.VERIFIED for state in CHECKABLE},
    **{(state, Action.OBJECT): State.CORRECTION for state in CHECKABLE},
    (State.SUBMITTED, Action.REFUSE): State.REFUSED,
    (State.VERIFYING, Action.REFUSE): State.REFUSED,
    (State.CORRECTION, Action.REFUSE): State.REFUSED,
    (State.VERIFIED, Action.RECOMMEND): State.RECOMMENDED,
    (State.RECOMMENDED, Action.RETURN): State.CORRECTION,
    (State.RECOMMENDED, Action.REJECT): State.REFUSED,
    (State.RECOMMENDED, Action.PUBLISH): State.PUBLISHED,
    # The published version stands until the log has the next one.
    (State.PUBLISHED, Action.RENEW): State.CORRECTION,
    (State.PUBLISHED, Action.SUSPEND): State.SUSPENDED,
    (State.SUSPENDED, Action.RESUME): State.PUBLISHED,
    (State.RECOMMENDED, Action.REQUEST_WITHDRAWAL): State.WITHDRAWAL_REQUESTED,
    # After a return the holder may give up instead of correcting.
    (State.CORRECTION, Action.REQUEST_WITHDRAWAL): State.WITHDRAWAL_REQUESTED,
    (State.VERIFIED, Action.REQUEST_WITHDRAWAL): State.WITHDRAWAL_REQUESTED,
    (State.PUBLISHED, Action.REQUEST_WITHDRAWAL): State.WITHDRAWAL_REQUESTED,
    (State.SUSPENDED, Action.REQUEST_WITHDRAWAL): State.WITHDRAWAL_REQUESTED,
    # The hub may have decided before the withdrawal reached it; the withdrawal stands.
    (State.WITHDRAWAL_REQUESTED, Action.RETURN): State.WITHDRAWAL_REQUESTED,
    (State.WITHDRAWAL_REQUESTED, Action.REJECT): State.WITHDRAWAL_REQUESTED,
    (State.WITHDRAWAL_REQUESTED, Action.PUBLISH): State.WITHDRAWAL_REQUESTED,
    (State.WITHDRAWAL_REQUESTED, Action.WITHDRAW): State.WITHDRAWN,
    # The hub withdraws by itself after a transfer, a lapse or a judgment.
    (State.RECOMMENDED, Action.WITHDRAW): State.WITHDRAWN,
    (State.PUBLISHED, Action.WITHDRAW): State.WITHDRAWN,
    (State.SUSPENDED, Action.WITHDRAW): State.WITHDRAWN,
    (State.EXPIRED, Action.WITHDRAW): State.WITHDRAWN,
    (State.PUBLISHED, Action.EXPIRE): State.EXPIRED,
    (State.SUSPENDED, Action.EXPIRE): State.EXPIRED,
}


def may(state: State, action: Action) -> bool:
    """Whether the table has the transition."""
    return (state, action) in TRANSITIONS


def next_state(state: State, action: Action) -> State:
    """The state after the action.

    Raises:
        DeclarationStateConflict: the table has no such transition.
    """
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise DeclarationStateConflict(
            detail=f"声明状态为 {state.value}，不能 {action.value}"
            f" / a declaration that is {state.value} cannot {action.value}"
        )
    return after
