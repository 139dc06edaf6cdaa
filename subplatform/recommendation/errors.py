"""Refusals about recommendations and what follows them."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class NotRecommendable(DomainError):
    """None of the listings asked for may go to the hub now; `errors` say why, one by one."""

    problem = ProblemType.STATE_CONFLICT


class ConsentMissing(DomainError):
    """A withdrawal needs the consent of all co-owners."""

    problem = ProblemType.RULE_VIOLATED


class NothingRefused(DomainError):
    """The hub has not refused this listing's last statement."""

    problem = ProblemType.STATE_CONFLICT


class MessagesMalformed(DomainError):
    """The hub's page of messages is not in the protocol's form."""

    problem = ProblemType.HUB_UNREACHABLE


class ProofNotFound(DomainError):
    """There is no proof for this listing yet."""

    problem = ProblemType.NOT_FOUND
