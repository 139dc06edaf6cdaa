"""Refusals of the review."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class ReviewNotFound(DomainError):
    """No review has that id."""

    problem = ProblemType.NOT_FOUND


class ReviewStateConflict(DomainError):
    """The review is not in a state for this, or in somebody else's hands."""

    problem = ProblemType.REVIEW_STATE_CONFLICT


class StaleReview(DomainError):
    """A newer version arrived, or the statement is not the one the examiner saw."""

    problem = ProblemType.STALE_REVIEW


class SecondPersonRequired(DomainError):
    """The second pair of eyes must be another examiner's."""

    problem = ProblemType.SECOND_PERSON_REQUIRED


class ReasonRefused(DomainError):
    """A reason is missing, unknown, or does not serve this verdict."""

    problem = ProblemType.SCHEMA_INVALID


class TooManyReviews(DomainError):
    """More reviews than one call decides."""

    problem = ProblemType.PAYLOAD_TOO_LARGE


class ListingUnknown(DomainError):
    """No node ever sent a listing of that id."""

    problem = ProblemType.NOT_FOUND


class ListingNotPublished(DomainError):
    """The listing is not public, so it cannot be withdrawn."""

    problem = ProblemType.STATE_CONFLICT
