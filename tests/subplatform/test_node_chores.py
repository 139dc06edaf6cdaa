"""A node's chores run to their end and forget what has served its time."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from shared_platform.audit.archive import Archiving
from shared_platform.database.engine import Database
from shared_platform.transport.idempotency import idempotency_record
from subplatform.jobs.chores import Chores
from tests.subplatform.node_builders import NOW
from tests.subplatform.test_verification_recheck import (
    Signatures,
    desk_with,
    sent,
)


async def test_one_round_suspends_what_changed_and_forgets_kept_answers(
    node_committed: Database,
) -> None:
    await sent(node_committed.sessions)
    desk, _ = desk_with(node_committed.sessions, annual_fee="unpaid")
    sign = Signatures()
    async with node_committed.sessions.begin() as session:
        await session.execute(insert(idempotency_record).values(a_kept_answer()))

    archiving = Archiving(Path("unused"), 1_096)
    await Chores(node_committed.engine, desk, sign, "gz-centre", archiving).do_all()

    assert len(sign.changes) == 1
    async with node_committed.sessions() as session:
        kept = await session.scalar(select(func.count()).select_from(idempotency_record))
    assert kept == 0


def a_kept_answer() -> dict[str, object]:
    return {
        "caller": "account",
        "key": "form-1",
        "request_hash": b"h" * 32,
        "status": 200,
        "media_type": "text/html",
        "body": b"",
        "expires_at": NOW - timedelta(seconds=1),
    }
