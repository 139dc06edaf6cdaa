"""What `kaixu-verify` refuses beside the refusals of following the log, and its exit statuses."""

from enum import IntEnum
from typing import Final

from shared_schema.log_refusal import LogRefused
from shared_schema.problem import ProblemType
from shared_schema.reader.freshness import TooOld
from shared_schema.refusal import DomainError

_SOURCE: Final = "docs/operations.md"


class ExitStatus(IntEnum):
    """What the command's exit status means."""

    PROVEN = 0
    LOCAL = 1  # a file on this machine cannot be read or written
    USAGE = 2  # the command was written wrongly
    UNREACHABLE = 3  # no usable answer: nothing is known against the log
    SET_ASIDE = 4  # proven, but some entries do not count; they are listed
    NOT_PROVEN = 5  # what came is not the log that the anchor's key signed
    TOO_OLD = 6  # proven, but nothing signed is as recent as `--max-age` asks


class SourceUnreachable(LogRefused):
    """No usable answer came; another try, or another source, may help."""

    problem = ProblemType.MAINTENANCE
    source = _SOURCE

    def __init__(self, code: str, zh: str, en: str, *, where: str) -> None:
        """`where` is the address or file that was asked for."""
        super().__init__(f"reader.{code}", zh, en, pointer=where)


class FileUnusable(LogRefused):
    """A file on this machine is missing, damaged, of another log, or cannot be written."""

    problem = ProblemType.STATE_CONFLICT
    source = _SOURCE


class StateUnusable(FileUnusable):
    """The state file cannot be opened, is in use, or is damaged; without it a run begins anew."""

    def __init__(self, broken: Exception) -> None:
        """`broken` is told as the library worded it."""
        why = f"{type(broken).__name__}: {broken}"
        super().__init__(
            "reader.state_unusable",
            f"状态文件不可用，可删除后重来：{why}",
            f"the state file is unusable; delete it to begin anew: {why}",
        )


def status_of(refusal: DomainError) -> ExitStatus:
    """The exit status that a refusal ends the command with."""
    match refusal:
        case SourceUnreachable():
            return ExitStatus.UNREACHABLE
        case FileUnusable():
            return ExitStatus.LOCAL
        case TooOld():
            return ExitStatus.TOO_OLD
        case _:
            return ExitStatus.NOT_PROVEN
