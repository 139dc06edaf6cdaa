"""What a reader refuses while it follows the log; of each, nothing reaches the tables.

LogRefused
  SyncAlarm              the log contradicts itself or its signature: call the operator
    RollbackDetected     it became smaller than what was signed before
    ForkDetected         it signed two different logs
    PageContradictsLog   delivered entries are not those of the signed log
    CheckpointRefused    the checkpoint is not the anchor's log's
  SyncStopped            nothing is proven wrong; try again later
    PageMissing          the source has signed more than it delivers
    SyncBudgetExceeded   a bound on pages, bytes or time; what was applied stays
    PositionMoved        another process has applied the page meanwhile
"""

from dataclasses import dataclass

from shared_schema.log_refusal import LogRefused


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Where the log stopped being the signed one; serial is None where it is no entry's matter."""

    expected: str
    found: str
    serial: int | None = None


class SyncAlarm(LogRefused):
    """The source is lying, broken or somebody else: no retry will help, people must look."""

    source = "protocol §8"
    contradiction: Contradiction | None = None


class RollbackDetected(SyncAlarm):
    """The source's log is smaller than one it has signed before."""

    def __init__(self, known: int, offered: int) -> None:
        """Both sizes, in entries."""
        super().__init__(
            "sync.rollback",
            f"日志由 {known} 条退回到 {offered} 条",
            f"the log went back from {known} to {offered} entries",
        )
        self.contradiction = Contradiction(f"size >= {known}", f"size {offered}")


class ForkDetected(SyncAlarm):
    """The source has signed two logs of which neither continues the other.

    `note` is the checkpoint that contradicts the known one, as it was signed; `proof` the source's
    own consistency proof between the two sizes, where it was asked for one.
    """

    def __init__(
        self,
        known: int,
        offered: int,
        *,
        roots: Contradiction | None = None,
        note: bytes | None = None,
        proof: bytes | None = None,
    ) -> None:
        """The sizes of both, and their roots where the sizes are equal."""
        self.note, self.proof = note, proof
        super().__init__(
            "sync.fork",
            f"{known} 条与 {offered} 条的两个检查点互不延续",
            f"the checkpoints of {known} and {offered} entries contradict each other",
        )
        self.contradiction = roots


class PageContradictsLog(SyncAlarm):
    """Entries were left out, changed, added or reordered: their root is not the signed one."""

    def __init__(self, first: int, after: int, *, expected: bytes, found: bytes) -> None:
        """Serials `first` to `after - 1`; the signed log's root, and the one they lead to."""
        super().__init__(
            "sync.page_root",
            f"条目 {first} 至 {after - 1} 与签名日志不符",
            f"entries {first} to {after - 1} are not those of the signed log",
        )
        self.contradiction = Contradiction(expected.hex(), found.hex(), first)


class CheckpointRefused(SyncAlarm):
    """The checkpoint is malformed, another log's, or not signed by the anchor's key."""

    def __init__(self, cause: LogRefused) -> None:
        """The cause's code is kept: it tells a stranger's log from a damaged note."""
        zh, _, en = cause.detail.partition(" / ")
        super().__init__(cause.code, zh, en, pointer="/checkpoint")


class SyncStopped(LogRefused):
    """The work ended early for a reason that may pass."""

    source = "protocol §8"


class PageMissing(SyncStopped):
    """The checkpoint covers entries that the source does not deliver (yet)."""

    def __init__(self, first: int, size: int) -> None:
        """The first serial that was asked for in vain, and the signed size."""
        super().__init__(
            "sync.page_missing",
            f"签名日志有 {size} 条，来源却给不出第 {first} 条",
            f"the signed log has {size} entries, but entry {first} is not delivered",
        )


class PositionMoved(SyncStopped):
    """Another process moved the position between fetching and applying."""

    def __init__(self, expected: int, found: int) -> None:
        """The position the page was checked against, and the stored one."""
        super().__init__(
            "sync.position_moved",
            f"同步位置已由 {expected} 变为 {found}",
            f"the position moved from {expected} to {found}",
        )
