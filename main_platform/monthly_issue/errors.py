"""Refusals about monthly issues; each says what to do instead."""

from typing import Final

from shared_platform.command_line import ExitCode
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class NoSuchIssue(DomainError):
    """No issue has this number."""

    problem = ProblemType.NOT_FOUND


class NoSuchIssueFile(DomainError):
    """The issue has no file of this name."""

    problem = ProblemType.NOT_FOUND


class IssueExists(DomainError):
    """The month has its issue already; an issue is never made again."""

    problem = ProblemType.ALREADY_EXISTS


class MonthRefused(DomainError):
    """The month is not written as 2026-11."""

    problem = ProblemType.SCHEMA_INVALID


class MonthNotOver(DomainError):
    """The month is not over, and nobody asked for an early issue."""

    problem = ProblemType.STATE_CONFLICT


class MonthGone(DomainError):
    """The month ended more than a month ago: its catalogue cannot be frozen any more."""

    problem = ProblemType.STATE_CONFLICT


class LogUnsigned(DomainError):
    """The log has no checkpoint, or not yet one of all that the catalogue shows."""

    problem = ProblemType.STATE_CONFLICT


class IssueBeingMade(DomainError):
    """The files are being made: the issue is new, or an erasure has to be carried out first."""

    problem = ProblemType.MAINTENANCE


class IssueFileReplaced(DomainError):
    """The file belongs to a former edition and was removed when an erasure was carried out."""

    problem = ProblemType.OBJECT_ERASED


class ErratumRefused(DomainError):
    """The correction names no entry of the issue, or corrects nothing."""

    problem = ProblemType.SCHEMA_INVALID


class IssueUnprovable(DomainError):
    """What the stored log says is not what the issue was frozen with."""

    problem = ProblemType.INTERNAL_ERROR
    exit_code: Final = ExitCode.INTEGRITY
