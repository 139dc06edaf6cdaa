"""Verification finds every change that somebody with the database's password could make."""

from collections.abc import Sequence

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.publish import Queued, queue_entries
from main_platform.catalogue.sequencer import Sequenced, sequence_batch
from main_platform.catalogue.tables import LogHeadRow, PublishQueueRow
from main_platform.catalogue.verify import unchanging, verify_log
from main_platform.catalogue.violation import Violation
from shared_platform.database.engine import Database
from shared_schema.checkpoint import Checkpoint, sign_checkpoint
from shared_schema.entry_parts import Notice
from shared_schema.log_entry import HubNotice
from shared_schema.merkle import EMPTY_ROOT
from shared_schema.signing_key import SigningKey
from tests.main_platform.hub_log import Hub, a_hub
from tests.shared_platform.hub_log_peer import BEGAN, ORIGIN

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def hub(hub_sessions: Sessions) -> Hub:
    """A log of 266 entries: one full bundle and tile, two partial ones, four listings."""
    hub = await a_hub(hub_sessions)
    first, second, *_ = hub.offers("gz-centre", 4)
    hub.federation.change(first, "withdraw")
    hub.federation.erase(second.last)
    await hub.publish()
    notices = [
        Queued(HubNotice(at=BEGAN, code="note", notice=Notice(zh=str(number), en="-")))
        for number in range(258)
    ]
    async with hub.sessions.begin() as session:
        await queue_entries(session, notices)
    await hub.sequencer().drain()
    return hub


async def codes(hub: Hub) -> set[str]:
    async with hub.sessions() as session:
        found = await verify_log(session, hub.federation.hub.anchor)
    return {one.code for one in found}


async def change(hub: Hub, statement: str) -> None:
    """Change rows as only the database's owner can."""
    async with hub.sessions.begin() as session:
        await session.execute(text("ALTER TABLE log_entry DISABLE TRIGGER append_only"))
        changed = await session.execute(text(statement))
    assert changed.rowcount > 0  # type: ignore[attr-defined]


async def test_an_honest_log_holds(hub: Hub) -> None:
    told: list[tuple[int, int]] = []
    async with hub.sessions() as session:
        found = await verify_log(
            session, hub.federation.hub.anchor, progress=lambda *done: told.append(done)
        )

    assert found == []
    assert told == [(266, 266)]


CHANGES = {
    "a missing entry": (
        "DELETE FROM log_entry WHERE serial = 100",
        {"serial.gap"},
    ),
    "a missing tail": (
        "DELETE FROM log_entry WHERE serial = 265",
        {"checkpoint.behind", "checkpoint.root", "cursor.root", "head.root", "tile.differs"},
    ),
    "a changed leaf": (
        "UPDATE log_entry SET leaf = leaf || ' ' WHERE serial = 100",
        {"bundle.differs", "checkpoint.root", "cursor.root", "head.root", "tile.differs"},
    ),
    "a changed kind": (
        "UPDATE log_entry SET kind = 'hub_noise' WHERE serial = 100",
        {"entry.columns"},
    ),
    "a changed time": (
        "UPDATE log_entry SET at = at + interval '1 s' WHERE serial = 2",
        {"entry.columns"},
    ),
    "a changed full tile": (
        "UPDATE log_tile SET hashes = set_byte(hashes, 9, get_byte(hashes, 9) # 1) WHERE n = 0",
        {"tile.differs"},
    ),
    "a cut tile": (
        "UPDATE log_tile SET hashes = substr(hashes, 1, 32) WHERE n = 1",
        {"tile.differs"},
    ),
    "a missing tile": (
        "DELETE FROM log_tile WHERE level = 1",
        {"tile.missing"},
    ),
    "a tile too many": (
        "INSERT INTO log_tile SELECT 5, 5, hashes FROM log_tile LIMIT 1",
        {"tile.extra"},
    ),
    "a changed bundle": (
        "UPDATE log_bundle SET zstd = 'x'",
        {"bundle.differs"},
    ),
    "a missing bundle": (
        "DELETE FROM log_bundle",
        {"bundle.missing"},
    ),
    "a bundle too many": (
        "INSERT INTO log_bundle SELECT 1, zstd FROM log_bundle",
        {"bundle.extra"},
    ),
    "a changed root": (
        "UPDATE log_head SET root = set_byte(root, 0, get_byte(root, 0) # 1)",
        {"head.root"},
    ),
    "a changed cursor": (
        """
        UPDATE catalogue_cursor SET compact_range = set_byte(compact_range, 9,
        get_byte(compact_range, 9) # 1)
        """,
        {"cursor.root"},
    ),
    "no checkpoint": (
        "UPDATE log_head SET checkpoint = NULL",
        {"checkpoint.missing"},
    ),
    "no note": (
        "UPDATE log_head SET checkpoint = 'x'",
        {"checkpoint.signature"},
    ),
    "a checkpoint of less": (
        "UPDATE log_head SET checkpoint_size = 265",
        {"checkpoint.behind", "checkpoint.root"},
    ),
    "a missing statement": (
        "UPDATE statement_object SET envelope = NULL WHERE erased_at IS NULL",
        {"object.missing", "projection.terms"},
    ),
    "a statement passed off as erased": (
        """
        UPDATE statement_object SET envelope = NULL, erased_at = now() WHERE erased_at
        IS NULL
        """,
        {"object.missing", "projection.terms"},
    ),
    "another statement": (
        "UPDATE statement_object SET envelope = 'x' WHERE envelope IS NOT NULL",
        {"entry.object_mismatch", "projection.terms"},
    ),
    "an erased statement that is back": (
        """
        UPDATE statement_object SET envelope = 'x', erased_at = NULL WHERE envelope IS
        NULL
        """,
        {"entry.object_mismatch", "object.not_erased"},
    ),
    "a statement nobody names": (
        "INSERT INTO statement_object SELECT sha256('x'), 'x'",
        {"object.unnamed"},
    ),
    "a withdrawn listing shown as public": (
        "UPDATE catalogue_listing SET state = 'published' WHERE state = 'withdrawn'",
        {"projection.state"},
    ),
    "a changed title": (
        "UPDATE catalogue_listing SET title = 'x'",
        {"projection.terms"},
    ),
    "changed items": (
        "UPDATE catalogue_listing SET items_json = '{}'",
        {"projection.terms"},
    ),
    "changed holders": (
        "UPDATE catalogue_listing SET holder_names = '{某人}'",
        {"projection.terms"},
    ),
    "a missing tombstone": (
        "DELETE FROM catalogue_listing WHERE state = 'withdrawn'",
        {"projection.missing"},
    ),
    "another id": (
        """
        UPDATE catalogue_listing SET listing = gen_random_uuid() WHERE first_serial =
        (SELECT min(first_serial) FROM catalogue_listing)
        """,
        {"projection.extra", "projection.missing"},
    ),
    "an entry set aside": (
        "INSERT INTO quarantined_entry VALUES (3, 'tombstoned', '')",
        {"entry.set_aside"},
    ),
    "a row sequenced and queued": (
        """
        INSERT INTO publish_queue (priority, leaf, queued_at) SELECT 1, leaf, at FROM
        log_entry WHERE serial = 50
        """,
        {"queue.leftover"},
    ),
}


@pytest.mark.parametrize(("statement", "expected"), CHANGES.values(), ids=CHANGES)
async def test_each_change_is_found(hub: Hub, statement: str, expected: set[str]) -> None:
    await change(hub, statement)

    assert await codes(hub) == expected


async def test_entries_added_without_the_key_are_found(hub: Hub) -> None:
    hub.offers("gz-centre", 1, first=50)
    await hub.queue()

    async def nothing(_: AsyncSession, entries: Sequence[Sequenced]) -> None:
        """Nothing follows from these serials."""

    async with hub.sessions.begin() as session:
        await sequence_batch(session, limit=9, now=BEGAN, on_sequenced=nothing)

    assert await codes(hub) == {"checkpoint.behind"}


async def test_a_checkpoint_of_another_key_or_root_is_found(hub: Hub) -> None:
    size = (await hub.head()).size
    own = sign_checkpoint(Checkpoint(ORIGIN, size, EMPTY_ROOT), key=hub.federation.hub.key)
    root = (await hub.head()).range.root()
    stranger = sign_checkpoint(Checkpoint(ORIGIN, size, root), key=SigningKey.generate())
    found = []
    for note in (own, stranger):
        async with hub.sessions.begin() as session:
            await session.execute(update(LogHeadRow).values(checkpoint=note))
        found.append(await codes(hub))

    assert found == [{"checkpoint.root"}, {"checkpoint.signature"}]


async def test_another_logs_first_entry_is_found(hub: Hub) -> None:
    await change(
        hub,
        """
        UPDATE log_entry SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'),
        'example.gd', 'example.sz'), 'UTF8') WHERE serial = 0
        """,
    )

    assert "entry.first" in await codes(hub)


async def test_an_empty_log_is_not_a_signed_one(hub_sessions: Sessions) -> None:
    assert await codes(Hub(hub_sessions)) == {"checkpoint.missing", "head.root"}


async def test_verification_sees_one_moment_while_the_log_grows(hub_committed: Database) -> None:
    hub = await a_hub(hub_committed.sessions)
    async with unchanging(hub.sessions) as session:
        before = await verify_log(session, hub.federation.hub.anchor)
        hub.offers("gz-centre", 3)
        await hub.publish()
        after = await verify_log(session, hub.federation.hub.anchor)

    assert before == after == []
    assert await hub.violations() == []


async def test_a_waiting_entry_is_no_leftover(hub: Hub) -> None:
    row = {"priority": 1, "leaf": b"{}", "queued_at": BEGAN}
    async with hub.sessions.begin() as session:
        await session.execute(insert(PublishQueueRow), [row])

    assert await codes(hub) == set()


def test_a_violation_reads_as_one_line() -> None:
    assert str(Violation("entry.columns", "kind", 7)) == "entry.columns @7 kind"
    assert str(Violation("bundle.extra")) == "bundle.extra"
