"""Refusals about declarations, imports and uploads."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class DeclarationNotFound(DomainError):
    """This node has no declaration with that listing id."""

    problem = ProblemType.NOT_FOUND


class DeclarationExists(DomainError):
    """The patent has a live declaration at this node; the detail names its listing."""

    problem = ProblemType.DUPLICATE_OWN


class DeclarationChanged(DomainError):
    """Somebody else changed the declaration since the caller read it."""

    problem = ProblemType.STATE_CONFLICT


class NumberChanged(DomainError):
    """An edit names another patent than the declaration is of."""

    problem = ProblemType.SCHEMA_INVALID


class ImportNotFound(DomainError):
    """There is no import of that id, or it has no report."""

    problem = ProblemType.NOT_FOUND


class UploadNotFound(DomainError):
    """There is no uploaded file of that id; they are kept for a day."""

    problem = ProblemType.NOT_FOUND


class UploadTooLarge(DomainError):
    """The file has more bytes than are taken."""

    problem = ProblemType.PAYLOAD_TOO_LARGE
