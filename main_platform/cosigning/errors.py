"""Refusals of cosignatures."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError


class CosignatureRefused(DomainError):
    """What came is not a checkpoint of this log with a cosignature of this node."""

    problem = ProblemType.SCHEMA_INVALID


class LogForked(DomainError):
    """The node holds a checkpoint under the log's own key that this log does not continue."""

    problem = ProblemType.LOG_FORK

    @classmethod
    def at(cls, size: int, own_root: bytes, own_note: bytes | None) -> "LogForked":
        """Another root at that size, told with the hub's own one and its newest signed note."""
        detail = (
            f"第 {size} 条处的根与本日志不符"
            f" / the root at {size} is not this log's: {own_root.hex()}"
        )
        why = [FieldError("", "checkpoint.fork", detail, "RFC 6962 §2.1.2")]
        return cls(detail, why, members={"checkpoint": (own_note or b"").decode()})


class ForkNotFound(DomainError):
    """No evidence of a fork has that id."""

    problem = ProblemType.NOT_FOUND


class NothingToWaive(DomainError):
    """The node is not one that the log waits for."""

    problem = ProblemType.STATE_CONFLICT
