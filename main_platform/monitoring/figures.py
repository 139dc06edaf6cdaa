"""Figures of nodes for Prometheus; the `node` label has enrolled nodes only, so series are few."""

from typing import Final

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.monitoring.health import NodeHealth, read_health
from main_platform.nodes.quota import Quota
from shared_schema.instants import Instant

_ABOUT: Final = {
    "kaixu_node_last_contact_seconds": "Seconds since the node's last proven request.",
    "kaixu_node_lag_entries": "Entries of the signed log that the node has not cosigned.",
    "kaixu_node_lag_seconds": "Age of the first entry that the node has not cosigned.",
    "kaixu_node_missing_statements": "Numbers of the node that never came.",
    "kaixu_node_clock_offset_seconds": "How far the node's clock is ahead.",
    "kaixu_node_dead_letters": "Statements refused for good, as the node reports.",
    "kaixu_node_outbox_waiting": "Statements waiting at the node, as it reports.",
    "kaixu_node_offers_today": "Offers and resumptions of this legal day.",
    "kaixu_node_reviews_waiting": "Offers of the node that wait for review.",
}


class NodeFigures:
    """Gauges with one series for each enrolled node; a node that has retired loses its series."""

    def __init__(self, registry: CollectorRegistry, quota: Quota) -> None:
        """Register the gauges; `quota` is the settings' own."""
        self._quota = quota
        self._gauges = {
            name: Gauge(name, about, ["node"], registry=registry) for name, about in _ABOUT.items()
        }
        self._days = Gauge(
            "kaixu_node_key_days_left",
            "Whole days until the node's last key of this use expires.",
            ["node", "use"],
            registry=registry,
        )

    async def refresh(self, session: AsyncSession, now: Instant) -> None:
        """Take all figures anew."""
        nodes = await read_health(session, default=self._quota, now=now)
        for gauge in (*self._gauges.values(), self._days):
            gauge.clear()
        for health in nodes:
            for name, value in _figures(health, now).items():
                if value is not None:
                    self._gauges[name].labels(health.node).set(value)
            for key in health.keys:
                self._days.labels(health.node, key.use).set(key.days_left)


def _figures(health: NodeHealth, now: Instant) -> dict[str, float | None]:
    report, quota = health.report, health.quota
    seen = None if health.seen_at is None else (now - health.seen_at).total_seconds()
    return {
        "kaixu_node_last_contact_seconds": seen,
        "kaixu_node_lag_entries": health.lag.entries,
        "kaixu_node_lag_seconds": health.lag.seconds,
        "kaixu_node_missing_statements": health.missing,
        "kaixu_node_clock_offset_seconds": health.clock_offset_seconds,
        "kaixu_node_dead_letters": report.dead if report else None,
        "kaixu_node_outbox_waiting": report.waiting if report else None,
        "kaixu_node_offers_today": quota.offers_today,
        "kaixu_node_reviews_waiting": quota.waiting,
    }
