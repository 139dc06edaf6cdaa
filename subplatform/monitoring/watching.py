"""The conditions of a node that raise an alarm, and end it when they are gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.alarms.alarms import Finding
from shared_platform.alarms.codes import AlarmCode
from shared_platform.alarms.findings import clock_finding, disk_findings, key_finding
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from subplatform.monitoring.condition import NodeCondition, read_node_condition

WATCHED: Final = frozenset(
    {
        AlarmCode.HUB_UNREACHABLE,
        AlarmCode.DELIVERY_PAUSED,
        AlarmCode.OUTBOX_OLD,
        AlarmCode.DEAD_LETTERS,
        AlarmCode.OSEQ_CONFLICT,
        AlarmCode.FOREIGN_STATEMENTS,
        AlarmCode.HUB_RESTORED,
        AlarmCode.CLOCK_OFFSET,
        AlarmCode.KEY_EXPIRING,
        AlarmCode.KEY_EXPIRES_NOW,
        AlarmCode.MIRROR_BEHIND,
        AlarmCode.LOG_WITHHELD,
        AlarmCode.DISK_NEARLY_FULL,
    }
)
_SILENCE: Final = ProblemType.HUB_UNREACHABLE.code


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When something is worth an alarm, from the settings."""

    silence: timedelta
    outbox: timedelta
    behind: timedelta
    free_disk_share: float


@dataclass(frozen=True, slots=True)
class NodeWatch:
    """What is looked at: outbox, copy, the hub's view, the disk."""

    limits: Thresholds
    data_dir: Path

    async def look(self, session: AsyncSession, now: Instant) -> list[Finding]:
        """Every condition that holds now."""
        condition = await read_node_condition(session, now=now)
        disk = disk_findings(self.data_dir, least_share=self.limits.free_disk_share)
        return [*disk, *node_findings(condition, self.limits, now=now)]


def node_findings(
    condition: NodeCondition, limits: Thresholds, *, now: Instant
) -> Iterator[Finding]:
    """What is wrong with the node."""
    yield from _contact(condition, limits, now)
    yield from _outbox(condition, limits, now)
    yield from _statements(condition)
    yield from _as_the_hub_sees(condition)
    yield from _withheld(condition, limits)


def _withheld(condition: NodeCondition, limits: Thresholds) -> Iterator[Finding]:
    """The hub's signed answer names a larger log than its source has shown since.

    `lag_seconds` is the age of the first entry this node has not cosigned, by the hub's clock.
    """
    stored, mirror = condition.hub, condition.mirror
    if stored is None or mirror.failing_since is not None or mirror.contacted_at is None:
        return
    health = stored.view.health
    signed = health.cosigned_size + health.lag_entries
    is_asked_since = mirror.contacted_at > stored.answered_at
    is_late = health.lag_seconds > limits.behind.total_seconds()
    if signed > mirror.hub_size and is_asked_since and is_late:
        detail = f"主平台已签 {signed} 条，来源只有 {mirror.hub_size} 条 / signed and shown"
        yield Finding(AlarmCode.LOG_WITHHELD, detail)


def _contact(condition: NodeCondition, limits: Thresholds, now: Instant) -> Iterator[Finding]:
    mirror, paused = condition.mirror, condition.outbox.paused
    since = [one for one in (mirror.failing_since, condition.outbox.paused_since) if one]
    codes = {(mirror.failure or {}).get("code"), (paused or {}).get("code")}
    if _SILENCE in codes and since and now - min(since) >= limits.silence:
        detail = f"自 {min(since):%Y-%m-%d %H:%M}Z 起 / since then"
        yield Finding(AlarmCode.HUB_UNREACHABLE, detail)
    if paused is not None and paused["code"] != _SILENCE:
        detail = f"{paused['code']}: {paused.get('detail') or ''}"
        yield Finding(AlarmCode.DELIVERY_PAUSED, detail)
    lag = mirror.lag_seconds
    if mirror.lag_entries and lag is not None and lag > limits.behind.total_seconds():
        detail = f"落后 {mirror.lag_entries} 条、{lag} 秒 / entries and seconds"
        yield Finding(AlarmCode.MIRROR_BEHIND, detail)


def _outbox(condition: NodeCondition, limits: Thresholds, now: Instant) -> Iterator[Finding]:
    oldest = condition.oldest_waiting_at
    if oldest is not None and now - oldest > limits.outbox:
        detail = f"{condition.waiting} 条，最早 {oldest:%Y-%m-%d %H:%M}Z / statements wait"
        yield Finding(AlarmCode.OUTBOX_OLD, detail)
    if condition.dead:
        yield Finding(AlarmCode.DEAD_LETTERS, f"{condition.dead} 条死信 / dead letters")


def _statements(condition: NodeCondition) -> Iterator[Finding]:
    """What the comparison with the hub found."""
    conflicting = condition.outbox.conflicting_statements
    if conflicting or condition.conflicts:
        detail = f"序号 / numbers: {_shown(conflicting)}；死信 dead {condition.conflicts}"
        yield Finding(AlarmCode.OSEQ_CONFLICT, detail)
    foreign = condition.outbox.foreign_statements
    if foreign:
        yield Finding(AlarmCode.FOREIGN_STATEMENTS, f"序号 / numbers: {_shown(foreign)}")


def _as_the_hub_sees(condition: NodeCondition) -> Iterator[Finding]:
    stored = condition.hub
    if stored is None:
        return
    if stored.is_restored:
        had, has = condition.highest_sent, stored.view.health.highest
        detail = f"最大序号 {had} → {has}，或消息变少 / numbers or messages went back"
        yield Finding(AlarmCode.HUB_RESTORED, detail)
    yield from clock_finding(stored.clock_offset_seconds)
    for key in stored.view.health.keys:
        yield from key_finding(key.use, key.days_left, subject=key.use)


def _shown(numbers: tuple[int, ...]) -> str:
    few = ", ".join(map(str, numbers[:10]))
    return f"{few} …" if len(numbers) > len(numbers[:10]) else few or "—"
