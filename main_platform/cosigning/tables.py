"""Rows of evidence that the log was signed in two versions."""

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from main_platform.tables import HubTable
from shared_schema.instants import Instant


class ForkEvidenceRow(HubTable):
    """A checkpoint under this log's own key that this log does not continue; never changed.

    `note` is the node's: `root` at `size`. The hub has `own_root` there, in the tree that its
    newest checkpoint `own_note` signs; with a `proof`, at the size of `own_note` itself.
    """

    __tablename__ = "fork_evidence"
    __table_args__ = (UniqueConstraint("node", "size", "root"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    node: Mapped[str] = mapped_column(ForeignKey("node.id"))
    size: Mapped[int]
    root: Mapped[bytes]
    note: Mapped[bytes]
    own_root: Mapped[bytes] = mapped_column(comment="of the hub at that size")
    own_note: Mapped[bytes] = mapped_column(comment="the hub's newest")
    proof: Mapped[bytes | None] = mapped_column(
        comment="by the node's log, where the hub's is the smaller one"
    )
    seen_at: Mapped[Instant]
