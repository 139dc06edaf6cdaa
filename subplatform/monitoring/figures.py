"""Figures of a node for Prometheus, taken from the database when they are read."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from subplatform.monitoring.condition import NodeCondition, read_node_condition

_ABOUT: Final = {
    "kaixu_outbox_waiting": "Statements on their way to the hub.",
    "kaixu_outbox_oldest_seconds": "Age of the oldest statement on its way; 0 when there is none.",
    "kaixu_dead_letters": "Statements that the hub refused for good.",
    "kaixu_mirror_lag_entries": "Entries of the hub's log that the copy lacks, as last seen.",
    "kaixu_mirror_lag_seconds": "Seconds since the copy last held everything signed.",
    "kaixu_mirror_contact_seconds": "Seconds since the log's source last answered.",
    "kaixu_mirror_forks": "Contradictions of the log on file; any at all is an alarm.",
    "kaixu_intake_missing": "Numbers of this node that never came to the hub.",
    "kaixu_clock_offset_seconds": "How far this clock is ahead of the hub's.",
}


class NodeFigures:
    """The gauges; what is not known has no sample of its own and keeps the last value."""

    def __init__(self, registry: CollectorRegistry, *, breaker_open: Callable[[], bool]) -> None:
        """Register the gauges; `breaker_open` tells of this process's own calls."""
        self._gauges = {
            name: Gauge(name, about, registry=registry) for name, about in _ABOUT.items()
        }
        self._days = Gauge(
            "kaixu_key_days_left",
            "Whole days until the last key of this use expires.",
            ["use"],
            registry=registry,
        )
        breaker = Gauge(
            "kaixu_hub_breaker_open",
            "1 while this process has given the hub up until the next probe.",
            registry=registry,
        )
        breaker.set_function(lambda: float(breaker_open()))

    async def refresh(self, session: AsyncSession, now: Instant) -> None:
        """Take all figures anew."""
        condition = await read_node_condition(session, now=now)
        for name, value in _figures(condition, now).items():
            if value is not None:
                self._gauges[name].set(value)
        for key in condition.hub.view.health.keys if condition.hub else ():
            self._days.labels(key.use).set(key.days_left)


def _figures(condition: NodeCondition, now: Instant) -> dict[str, float | None]:
    mirror, hub, oldest = condition.mirror, condition.hub, condition.oldest_waiting_at
    contact = mirror.contacted_at
    return {
        "kaixu_outbox_waiting": condition.waiting,
        "kaixu_outbox_oldest_seconds": 0 if oldest is None else (now - oldest).total_seconds(),
        "kaixu_dead_letters": condition.dead,
        "kaixu_mirror_lag_entries": mirror.lag_entries,
        "kaixu_mirror_lag_seconds": mirror.lag_seconds,
        "kaixu_mirror_contact_seconds": _age(contact, now),
        "kaixu_mirror_forks": mirror.forks,
        "kaixu_intake_missing": hub.view.health.missing if hub else None,
        "kaixu_clock_offset_seconds": hub.clock_offset_seconds if hub else None,
    }


def _age(instant: Instant | None, now: Instant) -> float | None:
    return None if instant is None else (now - instant).total_seconds()
