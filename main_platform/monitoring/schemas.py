"""Bodies of the monitoring API."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt

from main_platform.cosigning.schemas import WantedOut
from main_platform.monitoring.health import NodeHealth
from main_platform.nodes.schemas import NodeOut
from shared_schema.instants import Instant, format_instant
from shared_schema.status_report import StatusReport

HEALTH_EXAMPLE: Final[dict[str, Any]] = {
    "node": "gz-centre",
    "state": "active",
    "last_seen_at": "2026-11-22T08:00:00Z",
    "clock_offset_seconds": 0,
    "cosigned_size": 5000,
    "lag_entries": 2,
    "lag_seconds": 4,
    "received": 1204,
    "highest": 1205,
    "missing": 1,
    "gap_since": "2026-11-22T07:59:00Z",
    "keys": [{"use": "statement", "not_after": "2028-11-21T08:00:00Z", "days_left": 729}],
    "quota": {
        "daily_offers": 50_000,
        "offers_today": 120,
        "review_backlog": 20_000,
        "waiting": 37,
    },
    "report": {
        "waiting": 0,
        "dead": 0,
        "withheld": 0,
        "oldest_waiting_at": None,
        "size": 5000,
        "paused": None,
        "alarms": [],
        "critical": [],
    },
    "reported_at": "2026-11-22T07:58:00Z",
    "server_time": "2026-11-22T08:00:02Z",
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyLifeOut(_Body):
    """Until when a node can act with some key of this use."""

    use: str
    not_after: str
    days_left: int = Field(description="whole days; negative once it has expired")


class QuotaUseOut(_Body):
    """A node's quota and what is used of it."""

    daily_offers: int
    offers_today: int
    review_backlog: int
    waiting: int


class HealthOut(_Body):
    """How one node does, as the hub sees it; `report` is what the node said of itself last."""

    model_config = ConfigDict(json_schema_extra={"examples": [HEALTH_EXAMPLE]})

    node: str
    state: str
    last_seen_at: str | None
    clock_offset_seconds: int | None = Field(description="positive: the node's clock is ahead")
    cosigned_size: int
    lag_entries: int
    lag_seconds: int
    received: int
    highest: int
    missing: int = Field(description="numbers that never came and that the node does not withhold")
    gap_since: str | None
    keys: list[KeyLifeOut]
    quota: QuotaUseOut
    report: StatusReport | None
    reported_at: str | None
    server_time: str

    @classmethod
    def of(cls, health: NodeHealth, *, now: Instant) -> "HealthOut":
        """The health as JSON members."""
        used = health.quota
        return cls(
            node=health.node,
            state=health.state,
            last_seen_at=_shown(health.seen_at),
            clock_offset_seconds=health.clock_offset_seconds,
            cosigned_size=health.cosigned_size,
            lag_entries=health.lag.entries,
            lag_seconds=health.lag.seconds,
            received=health.intake.received,
            highest=health.intake.highest,
            missing=health.missing,
            gap_since=_shown(health.gap_since),
            keys=[
                KeyLifeOut(
                    use=key.use,
                    not_after=format_instant(key.not_after),
                    days_left=key.days_left,
                )
                for key in health.keys
            ],
            quota=QuotaUseOut(
                daily_offers=used.quota.daily_offers,
                offers_today=used.offers_today,
                review_backlog=used.quota.review_backlog,
                waiting=used.waiting,
            ),
            report=health.report,
            reported_at=_shown(health.reported_at),
            server_time=format_instant(now),
        )


class OwnNodeOut(NodeOut):
    """All the hub knows about the asking node. `health` is null while it is not enrolled."""

    health: HealthOut | None
    recovery_wanted: WantedOut | None
    cosignature_wanted: bool


class StatusReceiptOut(_Body):
    """The hub's answer to a report: how it sees the node."""

    health: HealthOut
    inbox_head: int


class QuotaIn(_Body):
    """What a node may send; null: the hub's setting holds."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"daily_offers": 5000, "review_backlog": None}]}
    )

    daily_offers: NonNegativeInt | None
    review_backlog: NonNegativeInt | None


def health_text(health: HealthOut) -> str:
    """The node's health for a terminal."""
    quota, keys = health.quota, health.keys
    life = "，".join(f"{key.use} {key.days_left} 天 days" for key in keys) or "—"
    lines = [
        f"{health.node}  {health.state}  最近联系 seen {health.last_seen_at or '从未 never'}",
        f"  落后 behind     {health.lag_entries} 条 entries，{health.lag_seconds} 秒 s",
        f"  声明 statements {health.received}，缺口 missing {health.missing}",
        f"  时钟偏差 clock  {_known(health.clock_offset_seconds)} 秒 s",
        f"  密钥 keys       {life}",
        (
            f"  限额 quota      今日 today {quota.offers_today}/{quota.daily_offers}，"
            f"待审 waiting {quota.waiting}/{quota.review_backlog}"
        ),
    ]
    if health.report is not None:
        said = health.report
        lines.append(
            f"  节点自报 report 队列 queue {said.waiting}，死信 dead {said.dead}，"
            f"警报 alarms {'、'.join(said.alarms) or '—'}（{health.reported_at}）"
        )
    return "\n".join(lines)


def _known(value: int | None) -> str:
    return "—" if value is None else str(value)


def _shown(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
