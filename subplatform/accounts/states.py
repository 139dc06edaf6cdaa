"""The lifecycles of organisations and mandates at a node, as transition tables."""

from enum import StrEnum
from typing import Final, TypeVar

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class OrganisationStateConflict(DomainError):
    """The organisation or the mandate is not in a state for this action."""

    problem = ProblemType.STATE_CONFLICT


class OrganisationState(StrEnum):
    """Where an organisation stands."""

    WAITING = "waiting"  # registered; an operator looks at it
    ACTIVE = "active"
    REFUSED = "refused"


class OrganisationAction(StrEnum):
    """What can happen to an organisation."""

    APPROVE = "approve"
    REFUSE = "refuse"
    APPLY = "apply"  # somebody registers it again after a refusal


class MandateState(StrEnum):
    """Where a mandate stands; whether it has begun or ended is for its two days to say."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVOKED = "revoked"


class MandateAction(StrEnum):
    """What can happen to a mandate."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    REVOKE = "revoke"


ORGANISATION_TRANSITIONS: Final[
    dict[tuple[OrganisationState, OrganisationAction], OrganisationState]
] = {
    (OrganisationState.WAITING, OrganisationAction.APPROVE): OrganisationState.ACTIVE,
    (OrganisationState.WAITING, OrganisationAction.REFUSE): OrganisationState.REFUSED,
    (OrganisationState.REFUSED, OrganisationAction.APPLY): OrganisationState.WAITING,
    # A refusal may have been a mistake, or the missing paper has come.
    (OrganisationState.REFUSED, OrganisationAction.APPROVE): OrganisationState.ACTIVE,
}
MANDATE_TRANSITIONS: Final[dict[tuple[MandateState, MandateAction], MandateState]] = {
    (MandateState.PROPOSED, MandateAction.ACCEPT): MandateState.ACCEPTED,
    (MandateState.PROPOSED, MandateAction.REFUSE): MandateState.REFUSED,
    (MandateState.PROPOSED, MandateAction.REVOKE): MandateState.REVOKED,
    (MandateState.ACCEPTED, MandateAction.REVOKE): MandateState.REVOKED,
}
_State = TypeVar("_State", bound=StrEnum)
_Action = TypeVar("_Action", bound=StrEnum)


def after(
    transitions: dict[tuple[_State, _Action], _State], state: _State, action: _Action
) -> _State:
    """The state after the action.

    Raises:
        OrganisationStateConflict: the table has no such transition.
    """
    moved = transitions.get((state, action))
    if moved is None:
        raise OrganisationStateConflict(
            detail=f"状态为 {state.value}，不能 {action.value}"
            f" / what is {state.value} cannot {action.value}"
        )
    return moved
