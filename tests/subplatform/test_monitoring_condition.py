"""How a node does: what it reports, what it hears, and the alarms that stand meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.alarms.alarms import list_alarms, open_alarms
from shared_platform.alarms.codes import AlarmCode
from shared_platform.alarms.watch import Watch
from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_schema.instants import Instant, format_instant
from shared_schema.status_report import StatusReport
from subplatform.catalogue_mirror.tables import MirrorContactRow
from subplatform.monitoring.condition import read_node_condition
from subplatform.monitoring.reporting import Reporting
from subplatform.monitoring.schemas import ConditionOut, condition_text
from subplatform.monitoring.watching import WATCHED, NodeWatch, Thresholds
from subplatform.outbox.condition import lock_condition, read_condition
from subplatform.outbox.tables import OutboxMessageRow
from tests.subplatform.hub_peer import KeyExpired, SetClock, rule_violation
from tests.subplatform.posting import Post

Sessions = async_sessionmaker[AsyncSession]
LIMITS = Thresholds(
    silence=timedelta(seconds=60),
    outbox=timedelta(minutes=10),
    behind=timedelta(minutes=10),
    free_disk_share=1e-9,
)


@dataclass
class Listener:
    """The hub as a reader of reports: keeps them, answers with what a test set."""

    clock: SetClock
    heard: list[StatusReport] = field(default_factory=list)
    health: dict[str, Any] = field(default_factory=dict)
    inbox_head: int = 0
    ahead: timedelta = timedelta()

    async def report_status(self, report: StatusReport) -> Mapping[str, Any]:
        self.heard.append(report)
        usual = {
            "state": "active",
            "cosigned_size": 0,
            "lag_entries": 0,
            "lag_seconds": 0,
            "received": 0,
            "highest": 0,
            "missing": 0,
            "keys": [{"use": "statement", "not_after": "2028-11-22T08:00:00Z", "days_left": 700}],
            "quota": {"daily_offers": 9, "offers_today": 1, "review_backlog": 9, "waiting": 1},
            "server_time": format_instant(self.clock.now() + self.ahead),
        }
        return {"health": usual | self.health, "inbox_head": self.inbox_head}


async def standing(sessions: Sessions, clock: SetClock, folder: Path) -> dict[str, str]:
    """Code to detail of the alarms that stand once the conditions were looked at."""
    await Watch(sessions, clock, NodeWatch(LIMITS, folder).look, WATCHED).once()
    async with sessions() as session:
        return {row.code: row.detail for row in await open_alarms(session)}


def reporting(sessions: Sessions, listener: Listener) -> Reporting:
    return Reporting(sessions, listener, listener.clock, every_seconds=120)


async def test_an_untroubled_node_has_no_alarm(node_sessions: Sessions, tmp_path: Path) -> None:
    assert await standing(node_sessions, SetClock(), tmp_path) == {}


async def test_a_silent_hub_is_an_alarm_after_a_minute_until_it_answers(
    node_sessions: Sessions, tmp_path: Path
) -> None:
    post = Post(node_sessions)
    await post.put(post.sender.offer())
    post.line.faults.extend(["unsent"] * 2)
    await post.deliver()
    early = await standing(node_sessions, post.clock, tmp_path)
    post.clock.advance(60)

    late = await standing(node_sessions, post.clock, tmp_path)
    post.line.faults.clear()
    await post.deliver_all()
    after = await standing(node_sessions, post.clock, tmp_path)

    assert "hub_unreachable" not in early
    assert "hub_unreachable" in late
    assert after == {}


async def test_a_pause_for_another_reason_names_its_code(
    node_sessions: Sessions, tmp_path: Path
) -> None:
    post = Post(node_sessions)
    await post.put(post.sender.offer())
    post.line.faults.append(KeyExpired("expired"))
    await post.deliver()

    found = await standing(node_sessions, post.clock, tmp_path)

    assert found["delivery_paused"].startswith("key_expired")


async def test_dead_letters_and_an_old_queue_are_alarms(
    node_sessions: Sessions, tmp_path: Path
) -> None:
    post = Post(node_sessions)
    refused, waiting = post.sender.offer(), post.sender.offer()
    post.peer.refusing[refused.statement.listing] = rule_violation
    await post.put(refused)
    await post.deliver_all()
    await post.put(waiting)
    post.clock.advance(601)

    found = await standing(node_sessions, post.clock, tmp_path)

    assert set(found) == {"dead_letters", "outbox_old"}


async def test_what_the_comparison_found_is_an_alarm(
    node_sessions: Sessions, tmp_path: Path
) -> None:
    async with node_sessions.begin() as session:
        row = await lock_condition(session)
        row.foreign_statements, row.conflicting_statements = [7], [3]

    found = await standing(node_sessions, SetClock(), tmp_path)

    assert set(found) == {"foreign_statements", "oseq_conflict"}


async def test_a_full_disk_is_an_alarm(node_sessions: Sessions, tmp_path: Path) -> None:
    full = Thresholds(LIMITS.silence, LIMITS.outbox, LIMITS.behind, free_disk_share=1.0)

    found = await Watch(node_sessions, SetClock(), NodeWatch(full, tmp_path).look, WATCHED).once()

    assert [one.code for one in found] == [AlarmCode.DISK_NEARLY_FULL]


async def test_an_alarm_that_comes_back_is_a_new_one(
    node_sessions: Sessions, tmp_path: Path
) -> None:
    clock = SetClock()
    for numbers in ([7], [], [7], [7]):
        async with node_sessions.begin() as session:
            (await lock_condition(session)).foreign_statements = numbers
        await standing(node_sessions, clock, tmp_path)

    async with node_sessions() as session:
        newest, first = await list_alarms(session)
    assert (first.ended_at is None, newest.ended_at is None) == (False, True)
    assert newest.times == 2


async def test_the_report_tells_queue_and_alarms_and_keeps_the_hubs_view(
    node_sessions: Sessions, tmp_path: Path
) -> None:
    post = Post(node_sessions)
    signed = post.sender.offer()
    post.peer.refusing[signed.statement.listing] = rule_violation
    await post.put(signed)
    await post.deliver_all()
    await standing(node_sessions, post.clock, tmp_path)
    listener = Listener(post.clock, health={"missing": 4})

    await reporting(node_sessions, listener).once()

    (report,) = listener.heard
    assert (report.dead, report.waiting, report.alarms) == (1, 0, ("dead_letters",))
    assert report.critical == ()
    async with node_sessions() as session:
        told = ConditionOut.of(await read_node_condition(session, now=post.clock.now()))
    assert told.hub is not None
    assert (told.hub.missing, told.clock_offset_seconds) == (4, 0)
    assert "缺口 gaps          4" in condition_text(told)


async def test_a_hub_that_has_less_than_it_receipted_is_compared_with_at_once(
    node_sessions: Sessions, tmp_path: Path
) -> None:
    post = Post(node_sessions)
    await post.put(*post.sender.offers(2))
    await post.deliver_all()
    listener = Listener(post.clock, health={"highest": 1})

    await reporting(node_sessions, listener).once()

    async with node_sessions() as session:
        assert (await read_condition(session)).reconcile_wanted
    assert "hub_restored" in await standing(node_sessions, post.clock, tmp_path)


async def test_a_clock_that_is_off_and_a_key_near_its_end_are_alarms(
    node_sessions: Sessions, tmp_path: Path
) -> None:
    clock = SetClock()
    keys = [{"use": "statement", "not_after": "2026-11-25T08:00:00Z", "days_left": 3}]
    listener = Listener(clock, health={"keys": keys}, ahead=timedelta(seconds=61))

    stored = await reporting(node_sessions, listener).once()

    assert stored.clock_offset_seconds == -61
    found = await standing(node_sessions, clock, tmp_path)
    assert set(found) == {"clock_offset", "key_expires_now"}


async def test_an_answer_in_another_form_is_not_kept(node_sessions: Sessions) -> None:
    listener = Listener(SetClock(), health={"highest": "many"})

    with pytest.raises(PeerAnsweredBadly):
        await reporting(node_sessions, listener).once()

    async with node_sessions() as session:
        assert (await read_node_condition(session, now=listener.clock.now())).hub is None


async def test_a_statement_taken_back_is_told_as_withheld(node_sessions: Sessions) -> None:
    post = Post(node_sessions)
    await post.put(*post.sender.offers(3))
    await post.deliver_all()
    async with node_sessions.begin() as session:
        await session.execute(
            update(OutboxMessageRow).where(OutboxMessageRow.oseq == 2).values(state="cancelled")
        )

    async with node_sessions() as session:
        condition = await read_node_condition(session, now=post.clock.now())

    assert (condition.withheld, condition.highest_sent) == (1, 3)


async def test_a_source_that_shows_less_than_the_hub_has_signed_is_an_alarm_until_it_does(
    node_sessions: Sessions, tmp_path: Path
) -> None:
    clock = SetClock()
    listener = Listener(clock, health={"cosigned_size": 3, "lag_entries": 2, "lag_seconds": 601})
    await reporting(node_sessions, listener).once()
    unasked = await standing(node_sessions, clock, tmp_path)
    await shown(node_sessions, 3, at=clock.now() + timedelta(seconds=1))
    frozen = await standing(node_sessions, clock, tmp_path)
    listener.health["lag_seconds"] = 600
    await reporting(node_sessions, listener).once()
    lately = await standing(node_sessions, clock, tmp_path)
    listener.health["lag_seconds"] = 900
    await reporting(node_sessions, listener).once()
    await shown(node_sessions, 5, at=clock.now() + timedelta(seconds=2))
    level = await standing(node_sessions, clock, tmp_path)

    withheld = AlarmCode.LOG_WITHHELD.code
    assert withheld not in unasked
    assert frozen[withheld].startswith("主平台已签 5 条，来源只有 3 条")
    assert withheld not in lately
    assert withheld not in level


async def shown(sessions: Sessions, size: int, *, at: Instant) -> None:
    """The source was asked at this instant and has shown so much."""
    row = {"id": 1, "hub_size": size, "contacted_at": at}
    async with sessions.begin() as session:
        new = insert(MirrorContactRow).values(row)
        await session.execute(new.on_conflict_do_update(index_elements=["id"], set_=row))
