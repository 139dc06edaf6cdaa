"""Refusals about nodes and enrolments."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class NodeNotFound(DomainError):
    """No node has that id."""

    problem = ProblemType.NOT_FOUND


class EnrolmentNotFound(DomainError):
    """No enrolment has that id, or it is another node's."""

    problem = ProblemType.NOT_FOUND


class NodeExists(DomainError):
    """The id belongs to a node with other keys."""

    problem = ProblemType.ALREADY_EXISTS


class KeyTaken(DomainError):
    """One of the keys is known already, of this node or another: an enrolment brings new ones."""

    problem = ProblemType.ALREADY_EXISTS


class TooManyWaiting(DomainError):
    """Anybody may ask to join, so no more enrolments wait than staff can look through."""

    problem = ProblemType.RATE_LIMITED


class EnrolmentDecided(DomainError):
    """The enrolment was decided before."""

    problem = ProblemType.STATE_CONFLICT


class FingerprintDiffers(DomainError):
    """The fingerprint read out is not that of the keys received: somebody else's keys came in."""

    problem = ProblemType.STATE_CONFLICT


class KeyNotFound(DomainError):
    """The node has no active key of that id."""

    problem = ProblemType.NOT_FOUND


class NotThisNode(DomainError):
    """The path names another node than the one that signed."""

    problem = ProblemType.SCOPE_DENIED


class KeyChangeStale(DomainError):
    """The change's instants do not fit: made too long ago, ended too late, or expired."""

    problem = ProblemType.SCHEMA_INVALID


class TooManyKeys(DomainError):
    """As many keys of one use are active as may be at once."""

    problem = ProblemType.STATE_CONFLICT
