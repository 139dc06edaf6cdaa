"""The hub's chores: what has served its time is forgotten, in short transactions, for ever."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from main_platform.jobs import chores as chores_module
from main_platform.jobs.chores import Chores
from shared_platform.audit.archive import Archiving
from shared_platform.database.engine import Database
from shared_platform.transport.idempotency import KEPT as ANSWERS_KEPT
from shared_platform.transport.idempotency import idempotency_record
from shared_platform.transport.nonces import KEPT as NONCES_KEPT
from shared_platform.transport.nonces import request_nonce
from tests.main_platform.hub_places import NOW, SetClock


def a_chore(database: Database, clock: SetClock) -> Chores:
    archiving = Archiving(Path("unused"), 1_096)
    return Chores(database.engine, database.sessions, clock, archiving)


async def fill(database: Database, *, nonces: int, answers: int) -> None:
    async with database.sessions.begin() as session:
        expires = NOW + NONCES_KEPT
        rows = [{"key_id": "k", "nonce": str(n), "expires_at": expires} for n in range(nonces)]
        await session.execute(insert(request_nonce), rows)
        kept = [
            {
                "caller": "gz-centre",
                "key": f"key-{n:06d}",
                "request_hash": b"h" * 32,
                "status": 200,
                "media_type": "application/json",
                "body": b"{}",
                "expires_at": NOW + ANSWERS_KEPT,
            }
            for n in range(answers)
        ]
        await session.execute(insert(idempotency_record), kept)


async def left(database: Database) -> tuple[int, int]:
    async with database.sessions() as session:
        nonces = await session.scalar(select(func.count()).select_from(request_nonce))
        answers = await session.scalar(select(func.count()).select_from(idempotency_record))
    return nonces or 0, answers or 0


async def test_everything_past_its_time_goes_however_much_it_is(hub_committed: Database) -> None:
    await fill(hub_committed, nonces=10_001, answers=1_001)
    clock = SetClock(NOW + ANSWERS_KEPT + timedelta(seconds=1))

    forgotten = await a_chore(hub_committed, clock).do_all()

    assert forgotten == {
        "nonces": 10_001,
        "answers": 1_001,
        "sign_ins": 0,
        "dormant": 0,
        "audit": 0,
        "enrolments": 0,
        "erasures": 0,
    }
    assert await left(hub_committed) == (0, 0)


async def test_what_is_still_within_its_time_stays(hub_committed: Database) -> None:
    await fill(hub_committed, nonces=3, answers=2)
    clock = SetClock(NOW + NONCES_KEPT + timedelta(seconds=1))

    forgotten = await a_chore(hub_committed, clock).do_all()

    assert {name: count for name, count in forgotten.items() if count} == {"nonces": 3}
    assert await left(hub_committed) == (0, 2)


async def test_two_processes_share_the_work(hub_committed: Database) -> None:
    await fill(hub_committed, nonces=100, answers=100)
    chores = a_chore(hub_committed, SetClock(NOW + ANSWERS_KEPT + timedelta(days=1)))

    both = await asyncio.gather(chores.do_all(), chores.do_all())

    assert sum(one["nonces"] + one["answers"] for one in both) == 200


async def test_chores_are_done_again_and_again(
    hub_committed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores_module, "EVERY_SECONDS", 0.0)
    clock = SetClock(NOW + timedelta(days=1))
    running = asyncio.create_task(a_chore(hub_committed, clock).run())

    for _ in range(2):
        await fill(hub_committed, nonces=1, answers=1)
        async with asyncio.timeout(5):
            while (await left(hub_committed))[0]:
                pass
        async with hub_committed.sessions.begin() as session:
            await session.execute(idempotency_record.delete())

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
