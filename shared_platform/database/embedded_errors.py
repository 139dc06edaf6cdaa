"""Why the embedded PostgreSQL cannot run, each with what the operator can do about it."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class EmbeddedServerError(DomainError):
    """The embedded PostgreSQL cannot be used; `detail` says why and what to do."""

    problem = ProblemType.INTERNAL_ERROR


class EmbeddedBinariesMissing(EmbeddedServerError):
    """The wheel with the PostgreSQL programs is not installed or is incomplete."""


class EmbeddedFolderRefused(EmbeddedServerError):
    """A folder belongs to somebody else, is a link, or cannot be reached by the account."""


class EmbeddedAccountRefused(EmbeddedServerError):
    """The account that should run the server does not exist or may not be used."""


class EmbeddedDataRefused(EmbeddedServerError):
    """The data belongs to another PostgreSQL version, or its password file is lost."""


class EmbeddedStorageFull(EmbeddedServerError):
    """The disk is full; PostgreSQL cannot start until some space is freed."""

    problem = ProblemType.STORAGE_FULL


class EmbeddedStartFailed(EmbeddedServerError):
    """PostgreSQL ended while starting, or was not ready within the time allowed."""


class EmbeddedStartKilled(EmbeddedStartFailed):
    """PostgreSQL ended while starting and gave no reason: something killed it."""
