"""Refusals of erasures; each says what to do instead."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class ErasureNotFound(DomainError):
    """No erasure has that id."""

    problem = ProblemType.NOT_FOUND


class ErasureStateConflict(DomainError):
    """The erasure is not in a state for this."""

    problem = ProblemType.STATE_CONFLICT


class ExtentUnfit(DomainError):
    """The listing is public and the extent would empty it, or the other way round."""

    problem = ProblemType.STATE_CONFLICT


class VersionsUnsettled(DomainError):
    """A version that would be erased is under review or on its way into the log."""

    problem = ProblemType.STATE_CONFLICT


class NothingToErase(DomainError):
    """The hub holds no statement of that extent."""

    problem = ProblemType.STATE_CONFLICT


class WishInvalid(DomainError):
    """A node's wish has missing, unknown or wrong members."""

    problem = ProblemType.SCHEMA_INVALID
