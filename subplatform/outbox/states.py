"""How a statement's delivery goes on: one table for all of it."""

from enum import StrEnum
from typing import Final

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class DeliveryState(StrEnum):
    """Where a statement is on its way to the hub."""

    WAITING = "waiting"
    LEASED = "leased"  # a sender is at work, or has crashed when the lease is over
    SENT = "sent"  # the hub's receipt is stored
    DEAD = "dead"  # the hub refused for good; a person must look
    CANCELLED = "cancelled"  # taken back before the hub had it


class DeliveryAction(StrEnum):
    """What happens to a delivery."""

    LEASE = "lease"
    ACCEPT = "accept"
    POSTPONE = "postpone"
    REFUSE = "refuse"
    REPLAY = "replay"  # by an operator
    REQUEUE = "requeue"  # the hub lost it, as after a restore
    CANCEL = "cancel"


class DeliveryStateConflict(DomainError):
    """The delivery is not in a state for this."""

    problem = ProblemType.STATE_CONFLICT


TRANSITIONS: Final = {
    (DeliveryState.WAITING, DeliveryAction.LEASE): DeliveryState.LEASED,
    (DeliveryState.LEASED, DeliveryAction.LEASE): DeliveryState.LEASED,  # the lease was over
    (DeliveryState.LEASED, DeliveryAction.ACCEPT): DeliveryState.SENT,
    (DeliveryState.LEASED, DeliveryAction.POSTPONE): DeliveryState.WAITING,
    (DeliveryState.LEASED, DeliveryAction.REFUSE): DeliveryState.DEAD,
    (DeliveryState.DEAD, DeliveryAction.REPLAY): DeliveryState.WAITING,
    (DeliveryState.SENT, DeliveryAction.REQUEUE): DeliveryState.WAITING,
    (DeliveryState.WAITING, DeliveryAction.CANCEL): DeliveryState.CANCELLED,
    (DeliveryState.DEAD, DeliveryAction.CANCEL): DeliveryState.CANCELLED,
}


def next_state(state: str, action: DeliveryAction) -> DeliveryState:
    """The state after `action`.

    Raises:
        DeliveryStateConflict: the table has no such transition.
    """
    try:
        return TRANSITIONS[DeliveryState(state), action]
    except KeyError as conflict:
        raise DeliveryStateConflict(
            detail=f"状态为 {state}，不能 {action.value} / cannot {action.value} while {state}"
        ) from conflict
