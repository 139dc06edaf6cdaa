"""The body of a listing's timeline."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from main_platform.review.schemas import DecisionOut, shown
from main_platform.review.tables import ListingChangeRow, ReviewRow
from main_platform.review.timeline import Timeline, VersionHistory
from shared_schema.instants import format_instant


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReviewStepOut(_Body):
    """The review of one version."""

    review: UUID
    state: str
    high_risk: bool
    claimed_by: str | None
    claimed_at: str | None
    decided_at: str | None

    @classmethod
    def of(cls, row: ReviewRow) -> "ReviewStepOut":
        """The review's dates and hands."""
        return cls(
            review=row.id,
            state=row.state,
            high_risk=row.high_risk,
            claimed_by=row.claimed_by,
            claimed_at=shown(row.claimed_at),
            decided_at=shown(row.decided_at),
        )


class ChangeStepOut(_Body):
    """A change without review: by the node, or by the hub itself."""

    kind: str
    by: str
    reason: str | None
    text: str | None
    actor: str
    at: str
    others: list[dict[str, Any]]
    is_public: bool
    serial: int | None

    @classmethod
    def of(cls, row: ListingChangeRow) -> "ChangeStepOut":
        """The change as JSON members."""
        return cls(
            kind=row.kind,
            by=row.by,
            reason=row.reason_code,
            text=row.text,
            actor=row.actor,
            at=format_instant(row.at),
            others=row.others,
            is_public=row.needs_entry,
            serial=row.serial,
        )


class VersionOut(_Body):
    """One statement, from its receipt to its serial (null: not in the log)."""

    version: int
    oseq: int
    op: str
    statement_hash: str
    received_at: str
    review: ReviewStepOut | None
    decisions: list[DecisionOut]
    change: ChangeStepOut | None
    serial: int | None

    @classmethod
    def of(cls, version: VersionHistory) -> "VersionOut":
        """The version as JSON members."""
        told = version.review or version.change
        return cls(
            version=version.submission.version,
            oseq=version.submission.oseq,
            op=version.submission.op,
            statement_hash=version.submission.statement_hash,
            received_at=format_instant(version.submission.received_at),
            review=version.review and ReviewStepOut.of(version.review),
            decisions=[DecisionOut.of(row) for row in version.decisions],
            change=version.change and ChangeStepOut.of(version.change),
            serial=told.serial if told else None,
        )


class PublicOut(_Body):
    """How the catalogue shows the listing, and by how many active nodes its entry is held."""

    state: str
    standing: str
    version: int
    serial: int
    first_serial: int
    held_by: int
    active_nodes: int


class TimelineOut(_Body):
    """Where a listing is now, and everything before."""

    listing: UUID
    origin: str
    application_number: str
    state: str
    last_version: int
    withdrawn_at: str | None
    public: PublicOut | None
    versions: list[VersionOut]
    hub_changes: list[ChangeStepOut]

    @classmethod
    def of(cls, timeline: Timeline) -> "TimelineOut":
        """The timeline as JSON members."""
        row = timeline.listing
        public = timeline.catalogue
        return cls(
            listing=row.listing,
            origin=row.origin,
            application_number=row.application_number,
            state=timeline.state,
            last_version=row.version,
            withdrawn_at=shown(row.withdrawn_at),
            public=None
            if public is None
            else PublicOut(
                **public._asdict(),
                held_by=timeline.held.nodes,
                active_nodes=timeline.held.active,
            ),
            versions=[VersionOut.of(version) for version in timeline.versions],
            hub_changes=[ChangeStepOut.of(change) for change in timeline.hub_changes],
        )
