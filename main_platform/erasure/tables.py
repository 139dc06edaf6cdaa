"""Rows of erasures: who asked, who decided, which statements; nothing of what they said."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from main_platform.erasure.states import OPEN, ErasureState, Extent
from main_platform.tables import HubTable
from shared_schema.instants import Instant


def _listed(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class ErasureRow(HubTable):
    """One decision to erase. `statements` names version and hashes, `logged`: an entry has them.

    `remaining` counts the entries that have no serial yet. `vacuumed_at`: when the dead rows of the
    tables concerned were cleared.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint(f"state IN ({_listed(list(ErasureState))})", name="state_known"),
        CheckConstraint(f"extent IN ({_listed(list(Extent))})", name="extent_known"),
        CheckConstraint("proposed_by <> decided_by", name="two_people"),
        CheckConstraint("remaining >= 0", name="remaining"),
        Index(
            "uq_erasure_open_listing",
            "listing",
            unique=True,
            postgresql_where=f"state IN ({_listed(sorted(OPEN))})",
        ),
        Index("ix_erasure_listing", "listing"),
        Index("ix_erasure_state", "state", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    listing: Mapped[UUID]
    origin: Mapped[str] = mapped_column(ForeignKey("node.id"))
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(comment="code; becomes public with the entries")
    extent: Mapped[str | None] = mapped_column(comment="null: staff have not chosen yet")
    asked_at: Mapped[Instant | None] = mapped_column(comment="by the node; null: it did not ask")
    proposed_by: Mapped[str | None]
    proposed_at: Mapped[Instant | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[Instant | None]
    refusal: Mapped[str | None] = mapped_column(comment="code of why it was refused")
    statements: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    remaining: Mapped[int]
    vacuumed_at: Mapped[Instant | None]
