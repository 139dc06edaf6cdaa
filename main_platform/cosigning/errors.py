"""Refusals of cosignatures."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class CosignatureRefused(DomainError):
    """What came is not a checkpoint of this log with a cosignature of this node."""

    problem = ProblemType.SCHEMA_INVALID


class LogForked(DomainError):
    """The node holds a checkpoint under the log's own key that this log does not continue."""

    problem = ProblemType.LOG_FORK


class ForkNotFound(DomainError):
    """No evidence of a fork has that id."""

    problem = ProblemType.NOT_FOUND


class NothingToWaive(DomainError):
    """The node is not one that the log waits for."""

    problem = ProblemType.STATE_CONFLICT
