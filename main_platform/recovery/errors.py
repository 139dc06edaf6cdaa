"""Refusals of recovery pages."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class RecoveryRefused(DomainError):
    """The page is malformed, has a gap, or is not of the log that this hub's key has signed."""

    problem = ProblemType.SCHEMA_INVALID
