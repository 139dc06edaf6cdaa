"""The lifecycle of a node and of an enrolment, each one transition table."""

from enum import StrEnum
from typing import Final

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class NodeStateConflict(DomainError):
    """The node is not in a state for this action."""

    problem = ProblemType.STATE_CONFLICT


class NodeState(StrEnum):
    """Where a node stands."""

    REQUESTED = "requested"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class NodeAction(StrEnum):
    """What can be done to a node."""

    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"
    RETIRE = "retire"


NODE_TRANSITIONS: Final = {
    (NodeState.REQUESTED, NodeAction.ACTIVATE): NodeState.ACTIVE,
    (NodeState.ACTIVE, NodeAction.SUSPEND): NodeState.SUSPENDED,
    (NodeState.SUSPENDED, NodeAction.RESUME): NodeState.ACTIVE,
    (NodeState.ACTIVE, NodeAction.RETIRE): NodeState.RETIRED,
    (NodeState.SUSPENDED, NodeAction.RETIRE): NodeState.RETIRED,
}


def next_node_state(state: NodeState, action: NodeAction) -> NodeState:
    """The state after the action.

    Raises:
        NodeStateConflict: the table has no such transition.
    """
    after = NODE_TRANSITIONS.get((state, action))
    if after is None:
        raise NodeStateConflict(
            detail=f"节点状态为 {state.value}，不能 {action.value}"
            f" / a node that is {state.value} cannot {action.value}"
        )
    return after


class EnrolmentState(StrEnum):
    """Where a wish to join stands."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
