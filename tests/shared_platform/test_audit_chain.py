"""Whoever owns the database cannot change the sealed audit trail without `verify` telling."""

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.archive import Archiving, archive_old
from shared_platform.audit.chain import GENESIS, Head
from shared_platform.audit.check_chain import check_chain, read_evidence, read_trail_state
from shared_platform.audit.heads import read_heads, write_head
from shared_platform.audit.seal import AuditSealing, read_head, seal
from shared_platform.audit.tables import audit_record
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.engine import Database
from shared_platform.database.job_transaction import sqlstate
from tests.shared_platform.workspace_places import SetClock

Sessions = async_sessionmaker[AsyncSession]
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
ROWS = 12
FREE = "ALTER TABLE audit_record DISABLE TRIGGER USER"


class Act(StrEnum):
    DID = "did"
    KEPT = "kept"


async def write(session: AsyncSession, count: int, *, at: datetime = NOW) -> None:
    rows = [
        Record(
            Act.KEPT if place == 3 else Act.DID,
            Subject("thing", f"事 {place}"),
            "li.na",
            {"n": place, "share": 0.1, "words": ["一", None]},
        )
        for place in range(count)
    ]
    await record(session, *rows, now=at)


@pytest.fixture
async def sealed(hub_sessions: Sessions, tmp_path: Path) -> Sessions:
    """A trail of twelve sealed rows, its head written down."""
    async with hub_sessions.begin() as session:
        await write(session, ROWS)
    sealing = AuditSealing(hub_sessions, SetClock(NOW), tmp_path)
    assert await sealing.do_all() == ROWS
    return hub_sessions


async def codes(sessions: Sessions, folder: Path, *statements: str) -> set[str]:
    """What the check says after a superuser's statements, which are taken back."""
    async with sessions() as session:
        for statement in statements:
            await session.execute(text(statement))
        verdict = await check_chain(session, read_evidence(folder))
        await session.rollback()
    return {one.code for one in verdict.breaches}


async def test_an_untouched_trail_is_unbroken_to_its_anchor(
    sealed: Sessions, tmp_path: Path
) -> None:
    async with sealed() as session:
        verdict = await check_chain(session, read_evidence(tmp_path))
        state = await read_trail_state(session)

    assert verdict.holds
    assert verdict.checked == ROWS
    assert state.unsealed == 0
    assert [one.head for one in read_heads(tmp_path)] == [state.head]


CHANGES = (
    "actor = 'wang.wei'",
    "act = act || '_not'",
    "subject = 'other'",
    "subject_kind = 'other'",
    "at = at + interval '1 microsecond'",
    "facts = facts || '{\"n\": 99}'",
    "facts = facts - 'share'",
    "hash = sha256('other')",
    "place = place + 100",
    "place = NULL, hash = NULL",
)


async def test_every_edit_of_any_row_is_found(sealed: Sessions, tmp_path: Path) -> None:
    edits = [
        f"UPDATE audit_record SET {change} WHERE place = {place}"
        for change in CHANGES
        for place in range(1, ROWS + 1)
    ]

    assert [one for one in edits if not await codes(sealed, tmp_path, FREE, one)] == []


async def test_every_deletion_of_any_row_is_found(sealed: Sessions, tmp_path: Path) -> None:
    deletions = (f"DELETE FROM audit_record WHERE place = {n}" for n in range(1, ROWS + 1))

    assert all([await codes(sealed, tmp_path, FREE, one) for one in deletions])


async def test_two_rows_that_change_places_are_found(sealed: Sessions, tmp_path: Path) -> None:
    unseen = []
    for place in range(1, ROWS):
        swaps = (
            f"UPDATE audit_record SET place = -1 WHERE place = {place}",
            f"UPDATE audit_record SET place = {place} WHERE place = {place + 1}",
            f"UPDATE audit_record SET place = {place + 1} WHERE place = -1",
        )
        if not await codes(sealed, tmp_path, FREE, *swaps):
            unseen.append(place)

    assert unseen == []


async def test_a_tail_that_was_cut_off_is_found_by_the_anchor(
    sealed: Sessions, tmp_path: Path
) -> None:
    for left in range(ROWS):
        cut = f"DELETE FROM audit_record WHERE place > {left}"
        assert "audit.tail_cut" in await codes(sealed, tmp_path, FREE, cut)


async def test_a_chain_computed_anew_is_found_by_the_anchor(
    sealed: Sessions, tmp_path: Path
) -> None:
    async with sealed() as session:
        await session.execute(text(FREE))
        await session.execute(text("UPDATE audit_record SET actor = 'x' WHERE place = 2"))
        await session.execute(text("UPDATE audit_record SET place = NULL, hash = NULL"))
        assert await seal(session) == ROWS
        verdict = await check_chain(session, read_evidence(tmp_path))
        await session.rollback()

    assert [one.code for one in verdict.breaches] == ["audit.other_than_anchored"]


async def test_a_row_that_commits_late_with_a_lower_id_gets_a_later_place(
    hub_committed: Database,
) -> None:
    async with hub_committed.sessions() as slow, hub_committed.sessions() as quick:
        await write(slow, 1)
        await write(quick, 2)
        await quick.commit()
        async with hub_committed.sessions.begin() as sealing:
            assert await seal(sealing) == 2
        await slow.commit()
        async with hub_committed.sessions.begin() as sealing:
            assert await seal(sealing) == 1
    async with hub_committed.sessions() as session:
        found = await session.execute(select(audit_record.c.id).order_by(audit_record.c.place))
        ids = list(found.scalars())
        verdict = await check_chain(session)

    assert ids == [2, 3, 1]
    assert verdict.holds


async def test_two_processes_that_seal_at_once_make_one_chain(hub_committed: Database) -> None:
    async with hub_committed.sessions.begin() as session:
        await write(session, 300)

    async def one() -> int:
        total = 0
        for _ in range(20):
            async with hub_committed.sessions.begin() as session:
                total += await seal(session, most=10)
        return total

    await asyncio.gather(one(), one(), one())
    async with hub_committed.sessions.begin() as session:
        await seal(session)
        verdict = await check_chain(session)

    assert verdict.holds
    assert verdict.checked == 300


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET actor = 'x', place = 1, hash = sha256('x')",
        "DELETE FROM audit_record",
    ],
)
async def test_the_table_lets_a_row_be_sealed_and_nothing_else(
    hub_session: AsyncSession, statement: str
) -> None:
    await write(hub_session, 1)
    savepoint = await hub_session.begin_nested()
    with pytest.raises(DBAPIError) as refused:
        await hub_session.execute(text(statement))
    await savepoint.rollback()
    assert sqlstate(refused.value) == "23001"

    assert await seal(hub_session) == 1
    with pytest.raises(DBAPIError, match="audit_record is refused"):
        await hub_session.execute(text("UPDATE audit_record SET place = 2"))


async def test_old_months_move_into_files_and_the_chain_goes_on(
    hub_sessions: Sessions, tmp_path: Path
) -> None:
    archiving = Archiving(tmp_path, 1_096, frozenset({Act.KEPT.value}))
    sealing = AuditSealing(hub_sessions, SetClock(NOW), tmp_path)
    for years in (4, 3, 0):
        async with hub_sessions.begin() as session:
            await write(session, 5, at=NOW - timedelta(days=366 * years))
        await sealing.do_all()

    async with hub_sessions.begin() as session:
        moved = await archive_old(session, archiving, now=NOW)

    async with hub_sessions() as session:
        assert await archive_old(session, archiving, now=NOW) == 0
        verdict = await check_chain(session, read_evidence(tmp_path))
        left = await session.scalar(select(func.count()).select_from(audit_record))
        head = await read_head(session)
    assert moved == 5
    assert (verdict.holds, verdict.checked) == (True, 15)
    assert left == 11  # five of each later day, and the act that stays
    assert head.place == 15


async def archived(sessions: Sessions, folder: Path) -> Path:
    """Five old rows in a file, one of them kept in the table as well."""
    async with sessions.begin() as session:
        await write(session, 5, at=NOW - timedelta(days=2_000))
    await AuditSealing(sessions, SetClock(NOW), folder).do_all()
    archiving = Archiving(folder, 180, frozenset({Act.KEPT.value}))
    async with sessions.begin() as session:
        assert await archive_old(session, archiving, now=NOW) == 5
    (file,) = folder.glob("*.gz")
    return file


async def test_an_archive_that_was_changed_or_taken_away_is_found(
    hub_sessions: Sessions, tmp_path: Path
) -> None:
    file = await archived(hub_sessions, tmp_path)
    honest = file.read_bytes()

    assert await codes(hub_sessions, tmp_path) == set()
    file.write_bytes(gzip.compress(gzip.decompress(honest).replace(b"li.na", b"li.no"), mtime=0))
    assert "audit.archive_changed" in await codes(hub_sessions, tmp_path)
    trust = f"UPDATE audit_archive SET sha256 = sha256('\\x{file.read_bytes().hex()}')"
    free = "ALTER TABLE audit_archive DISABLE TRIGGER USER"
    assert "audit.archived_row_changed" in await codes(hub_sessions, tmp_path, free, trust)
    file.unlink()
    assert "audit.archive_missing" in await codes(hub_sessions, tmp_path)


async def test_a_kept_row_that_differs_from_its_archive_is_found(
    hub_sessions: Sessions, tmp_path: Path
) -> None:
    await archived(hub_sessions, tmp_path)
    edit = "UPDATE audit_record SET actor = 'x' WHERE act = 'kept'"

    assert await codes(hub_sessions, tmp_path, FREE, edit) == {"audit.row_changed"}


async def test_the_database_refuses_to_archive_what_is_younger_than_180_days(
    hub_session: AsyncSession, tmp_path: Path
) -> None:
    await write(hub_session, 2, at=NOW - timedelta(days=179))
    await seal(hub_session)

    with pytest.raises(IntegrityError, match="kept_180_days"):
        await archive_old(hub_session, Archiving(tmp_path, 0), now=NOW + timedelta(hours=1))


async def test_a_head_that_the_database_lost_stays_written_down(
    hub_sessions: Sessions, tmp_path: Path
) -> None:
    lost = Head(40, GENESIS)
    write_head(tmp_path, lost, now=NOW)
    async with hub_sessions.begin() as session:
        await write(session, 2)

    await AuditSealing(hub_sessions, SetClock(NOW), tmp_path).do_all()

    assert [one.head for one in read_heads(tmp_path)] == [lost]
    assert await codes(hub_sessions, tmp_path) == {"audit.tail_cut"}


def test_of_each_day_before_this_one_the_last_head_stays(tmp_path: Path) -> None:
    for place in range(1, 49):
        write_head(tmp_path, Head(place, bytes(32)), now=NOW + timedelta(hours=place))

    assert [one.head.place for one in read_heads(tmp_path)] == [19, 43, 48]


async def test_anchors_that_nobody_can_read_are_a_breach(
    hub_sessions: Sessions, tmp_path: Path
) -> None:
    (tmp_path / "heads.jsonl").write_text('{"place": "x"}\n', encoding="utf-8")

    assert await codes(hub_sessions, tmp_path) == {"audit.anchors_unreadable"}
