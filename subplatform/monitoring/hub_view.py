"""How the hub sees this node, read from its untrusted answer and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_schema.instants import Instant
from shared_schema.statement import WireInstant
from subplatform.monitoring.tables import HubViewRow

_THE_ROW: Final = 1
_Count = Annotated[int, Field(strict=True, ge=0, lt=10**18)]
_Text = Annotated[str, Field(max_length=100)]


class KeyLife(BaseModel):
    """Until when this node can act with some key of this use."""

    model_config = ConfigDict(frozen=True)

    use: _Text
    not_after: _Text
    days_left: int


class QuotaUse(BaseModel):
    """What this node may send, and what is used of it."""

    model_config = ConfigDict(frozen=True)

    daily_offers: _Count
    offers_today: _Count
    review_backlog: _Count
    waiting: _Count


class HubHealth(BaseModel):
    """This node as the hub sees it; members this version does not know are ignored."""

    model_config = ConfigDict(frozen=True)

    state: _Text
    cosigned_size: _Count
    lag_entries: _Count
    lag_seconds: _Count
    received: _Count
    highest: _Count
    missing: _Count
    keys: Annotated[list[KeyLife], Field(max_length=100)]
    quota: QuotaUse
    server_time: WireInstant


class HubView(BaseModel):
    """The hub's answer to a report."""

    model_config = ConfigDict(frozen=True)

    health: HubHealth
    inbox_head: _Count


@dataclass(frozen=True, slots=True)
class StoredView:
    """The last answer, when it came, how far this clock is ahead, and whether the hub went back."""

    view: HubView
    answered_at: Instant
    clock_offset_seconds: int
    is_restored: bool


def read_view(answer: Mapping[str, Any]) -> HubView:
    """The answer's members that this node uses.

    Raises:
        PeerAnsweredBadly: it is in another form.
    """
    try:
        return HubView.model_validate(answer)
    except ValidationError as malformed:
        raise PeerAnsweredBadly("the answer to a report in another form") from malformed


async def store_view(session: AsyncSession, stored: StoredView) -> None:
    """Replace the last answer."""
    columns = {
        "answered_at": stored.answered_at,
        "view": stored.view.model_dump(mode="json"),
        "clock_offset_seconds": stored.clock_offset_seconds,
        "is_restored": stored.is_restored,
    }
    row = insert(HubViewRow).values(id=_THE_ROW, **columns)
    await session.execute(row.on_conflict_do_update(index_elements=[HubViewRow.id], set_=columns))


async def last_view(session: AsyncSession) -> StoredView | None:
    """The last answer; None before the first."""
    row = await session.get(HubViewRow, _THE_ROW, populate_existing=True)
    if row is None:
        return None
    view = HubView.model_validate(row.view)
    return StoredView(view, row.answered_at, row.clock_offset_seconds, row.is_restored)
