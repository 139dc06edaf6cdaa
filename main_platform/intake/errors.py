"""Refusals of the intake, in the order in which they are looked for."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class ScopeDenied(DomainError):
    """The node may not send this kind, this region, or what belongs to another node."""

    problem = ProblemType.SCOPE_DENIED


class StatementUnfit(DomainError):
    """A well-formed statement that does not fit its address, its listing, or this version."""

    problem = ProblemType.SCHEMA_INVALID


class SchemaUnsupported(DomainError):
    """The statement is of a schema this hub does not accept, or needs a newer reader."""

    problem = ProblemType.SCHEMA_UNSUPPORTED


class OseqConflict(DomainError):
    """The number is used for another statement: equivocation (protocol §4)."""

    problem = ProblemType.OSEQ_CONFLICT


class Tombstoned(DomainError):
    """The listing was withdrawn; it can never be said anything about again."""

    problem = ProblemType.TOMBSTONED


class VersionGap(DomainError):
    """The version does not follow the last one received."""

    problem = ProblemType.VERSION_GAP


class DuplicateOwn(DomainError):
    """The node already has a live listing of the patent; the detail names it."""

    problem = ProblemType.DUPLICATE_OWN


class RuleViolated(DomainError):
    """The declaration breaks licensing rules; one error for each finding."""

    problem = ProblemType.RULE_VIOLATED


class ReviewBacklog(DomainError):
    """Too many of the node's statements wait for review."""

    problem = ProblemType.REVIEW_BACKLOG


class DailyQuotaSpent(DomainError):
    """The node has sent as many offers today as it may; withdrawals are taken all the same."""

    problem = ProblemType.RATE_LIMITED


class BatchTooLarge(DomainError):
    """More lines or bytes than one batch may have."""

    problem = ProblemType.PAYLOAD_TOO_LARGE
