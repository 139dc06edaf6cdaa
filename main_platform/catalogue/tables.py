"""The hub's own rows beside the shared catalogue: what waits for the log, its head, its tiles."""

from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from main_platform.tables import HubTable
from main_platform.two_people import Proposed, two_people
from shared_schema.instants import Instant

ERASURE: Final = "erasure"
"""The kind of subject under which erasures queue their entries."""
ERASURE_QUEUED: Final = f"subject_kind = '{ERASURE}'"


class PublishQueueRow(HubTable):
    """An entry that its writer has committed and the sequencer has not yet numbered.

    Rows are only inserted by writers and only deleted by the sequencer. `leaf` are the entry's
    exact bytes; `listing` is set where the order among entries of one listing matters.
    """

    __tablename__ = "publish_queue"
    __table_args__ = (
        Index("ix_publish_queue_order", "priority", "id"),
        Index("ix_publish_queue_listing", "listing", "id"),
        Index("ix_publish_queue_erasure", "id", postgresql_where=text(ERASURE_QUEUED)),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    priority: Mapped[int] = mapped_column(SmallInteger, comment="lower goes first")
    listing: Mapped[UUID | None]
    leaf: Mapped[bytes]
    envelope: Mapped[bytes | None]
    subject_kind: Mapped[str | None]
    subject: Mapped[str | None]
    queued_at: Mapped[Instant] = mapped_column(comment="when the hub decided")


class HeldEntryRow(HubTable):
    """A queued entry that every reader would set aside; it waits here for staff instead."""

    __tablename__ = "held_entry"

    id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, comment="its id in the queue"
    )
    priority: Mapped[int] = mapped_column(SmallInteger)
    listing: Mapped[UUID | None]
    leaf: Mapped[bytes]
    envelope: Mapped[bytes | None]
    subject_kind: Mapped[str | None]
    subject: Mapped[str | None]
    queued_at: Mapped[Instant]
    code: Mapped[str] = mapped_column(comment="as readers would give it in quarantine")
    detail: Mapped[str]
    held_at: Mapped[Instant]
    discarded_at: Mapped[Instant | None] = mapped_column(comment="null: it waits for staff")


class LogHeadRow(HubTable):
    """The end of the log, one row: the fence that every sequencer locks, and the checkpoint."""

    __tablename__ = "log_head"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("checkpoint_size <= size", name="signed_after_commit"),
        CheckConstraint("octet_length(root) = 32", name="root"),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(comment="entries committed; the next serial")
    compact_range: Mapped[bytes]
    root: Mapped[bytes]
    checkpoint: Mapped[bytes | None] = mapped_column(comment="signed note; null: none was signed")
    checkpoint_size: Mapped[int]
    checkpoint_at: Mapped[Instant | None]


class LogHandoverRow(HubTable):
    """The first checkpoint that covers a change of the log's key, signed by old and new key.

    Readers that only know the old key walk over these to the new one, so rows are only ever added.
    """

    __tablename__ = "log_handover"
    __table_args__ = (CheckConstraint("size > serial", name="covers_the_entry"),)

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int]
    note: Mapped[bytes] = mapped_column(comment="the signed checkpoint, exact bytes")
    signed_at: Mapped[Instant]


class LogKeyProposalRow(Proposed, HubTable):
    """A change or the end of a log key: one member of staff proposes, another one confirms."""

    __tablename__ = "log_key_proposal"
    __table_args__ = (
        CheckConstraint("action IN ('rotate', 'retire')", name="action_known"),
        *two_people(),
        Index(
            "uq_log_key_proposal_waiting",
            "state",
            unique=True,
            postgresql_where="state = 'waiting'",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    action: Mapped[str]
    key_id: Mapped[str] = mapped_column(comment="the key that is replaced or ends")
    log_vkey: Mapped[str | None] = mapped_column(comment="the new key")
    proof: Mapped[str | None] = mapped_column(comment="the new key's own envelope, base64")
    overlap: Mapped[bool]


class LogTileRow(HubTable):
    """The hashes of one tile (c2sp.org/tlog-tiles); a partial one grows in its place."""

    __tablename__ = "log_tile"
    __table_args__ = (
        CheckConstraint(
            "octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0",
            name="hashes",
        ),
    )

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes]


class LogBundleRow(HubTable):
    """A full bundle of 256 entries, compressed once; partial ones are made from the entries."""

    __tablename__ = "log_bundle"

    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    zstd: Mapped[bytes]
