"""How the node does, as people and programs read it."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from shared_schema.instants import Instant, format_instant
from subplatform.monitoring.condition import NodeCondition
from subplatform.monitoring.hub_view import HubHealth

CONDITION_EXAMPLE: Final[dict[str, Any]] = {
    "waiting": 3,
    "oldest_waiting_at": "2026-11-22T07:58:00Z",
    "dead": 0,
    "paused": None,
    "probe_at": None,
    "reconciled_at": "2026-11-22T07:30:00Z",
    "contacted_at": "2026-11-22T08:00:00Z",
    "lag_entries": 2,
    "lag_seconds": 14,
    "clock_offset_seconds": 0,
    "hub_answered_at": "2026-11-22T07:59:00Z",
    "hub": None,
}


class ConditionOut(BaseModel):
    """The node now. `hub` is the hub's own view of this node, as of `hub_answered_at`.

    While `probe_at` is set the hub is given up, and one probe is made then.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [CONDITION_EXAMPLE]}
    )

    waiting: int
    oldest_waiting_at: str | None
    dead: int
    paused: str | None
    probe_at: str | None
    reconciled_at: str | None
    contacted_at: str | None
    lag_entries: int
    lag_seconds: int | None
    clock_offset_seconds: int | None
    hub_answered_at: str | None
    hub: HubHealth | None

    @classmethod
    def of(cls, condition: NodeCondition) -> "ConditionOut":
        """The condition as JSON members."""
        outbox, mirror, hub = condition.outbox, condition.mirror, condition.hub
        return cls(
            waiting=condition.waiting,
            oldest_waiting_at=_shown(condition.oldest_waiting_at),
            dead=condition.dead,
            paused=None if outbox.paused is None else str(outbox.paused["code"]),
            probe_at=_shown(outbox.probe_at),
            reconciled_at=_shown(outbox.reconciled_at),
            contacted_at=_shown(mirror.contacted_at),
            lag_entries=mirror.lag_entries,
            lag_seconds=mirror.lag_seconds,
            clock_offset_seconds=hub.clock_offset_seconds if hub else None,
            hub_answered_at=_shown(hub.answered_at) if hub else None,
            hub=hub.view.health if hub else None,
        )


def condition_text(condition: ConditionOut) -> str:
    """The condition for a terminal."""
    breaker = "断开 open" if condition.paused == "hub_unreachable" else "接通 closed"
    oldest, lag = condition.oldest_waiting_at or "—", _known(condition.lag_seconds)
    lines = [
        f"待发 waiting       {condition.waiting}（最早 oldest {oldest}）",
        f"死信 dead letters  {condition.dead}",
        f"断路器 breaker     {breaker}（下次探测 probe {condition.probe_at or '—'}）",
        f"落后 behind        {condition.lag_entries} 条 entries，{lag} 秒 s",
        f"时钟偏差 clock     {_known(condition.clock_offset_seconds)} 秒 s",
        f"对账 compared      {condition.reconciled_at or '—'}",
    ]
    hub = condition.hub
    if hub is not None:
        keys = "，".join(f"{key.use} {key.days_left} 天 days" for key in hub.keys) or "—"
        quota = hub.quota
        lines += [
            f"缺口 gaps          {hub.missing}",
            f"密钥 keys          {keys}",
            (
                f"限额 quota         今日 today {quota.offers_today}/{quota.daily_offers}，"
                f"待审 waiting {quota.waiting}/{quota.review_backlog}"
            ),
        ]
    if condition.paused:
        lines.append(f"✘ 推送暂停 delivery is paused: {condition.paused}")
    return "\n".join(lines)


def _known(value: int | None) -> str:
    return "—" if value is None else str(value)


def _shown(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
