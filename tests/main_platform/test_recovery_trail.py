"""A backup in the place of the database: the audit trail goes on, and says what it lost."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from main_platform.audit.acts import Act
from main_platform.recovery.from_backup import mark_from_backup
from shared_platform.audit.chain import Head
from shared_platform.audit.heads import read_heads, write_head
from shared_platform.audit.seal import read_head, seal
from shared_platform.audit.tables import audit_record
from shared_platform.database.engine import Database

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


async def facts_of_the_act(database: Database) -> list[dict[str, object]]:
    row = audit_record.c
    wanted = select(row.facts).where(row.act == Act.HUB_RESTORED).order_by(row.id)
    async with database.sessions() as session:
        return list((await session.scalars(wanted)).all())


async def test_anchors_beyond_the_backup_are_set_aside_and_named(
    hub_committed: Database, tmp_path: Path
) -> None:
    lost = Head(35, b"h" * 32)
    write_head(tmp_path, lost, now=NOW)

    await mark_from_backup(hub_committed.sessions, tmp_path, now=NOW)

    assert read_heads(tmp_path) == []
    assert [one.name for one in tmp_path.glob("heads-before-*")] == [
        "heads-before-20261122T040000Z.jsonl"
    ]
    assert await facts_of_the_act(hub_committed) == [
        {"audit_place": 35, "audit_hash": lost.hash.hex()}
    ]


async def test_anchors_that_the_backup_holds_stay(hub_committed: Database, tmp_path: Path) -> None:
    await mark_from_backup(hub_committed.sessions, tmp_path, now=NOW)
    async with hub_committed.sessions.begin() as session:
        await seal(session)
        write_head(tmp_path, await read_head(session), now=NOW)

    await mark_from_backup(hub_committed.sessions, tmp_path, now=NOW)

    assert [one.head.place for one in read_heads(tmp_path)] == [1]
    assert await facts_of_the_act(hub_committed) == [{}, {}]
