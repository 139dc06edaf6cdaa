"""Where the reader gets the log from: untrusted bytes, whatever the source."""

from typing import Protocol


class Source(Protocol):
    """A copy of the log that can be asked; it may be wrong, old or hostile.

    All of them raise `SourceUnreachable` when no usable answer comes.
    """

    def checkpoint(self) -> bytes:
        """The latest signed checkpoint (c2sp.org/tlog-checkpoint)."""
        ...

    def entries(self, first: int, *, limit: int) -> bytes:
        """The page that begins at `first`, of at most `limit` entries with their statements."""
        ...

    def consistency(self, first: int, second: int) -> bytes:
        """The proof that the log of size `second` begins with the log of size `first`."""
        ...

    def handovers(self, first: int) -> bytes:
        """The handovers of the log's key about entries from serial `first` on, oldest first."""
        ...
