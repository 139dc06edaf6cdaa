"""Every invariant a node can know is checked, and whoever breaks one by hand is told which."""

import pytest
from sqlalchemy import text

from main_platform.review.decide import Ruling
from shared_platform.audit.seal import seal
from shared_platform.catalogue.log_position import read_position
from shared_platform.invariants.verdict import Verdict
from shared_schema.merkle import CompactRange, leaf_hash
from subplatform.invariants.check_node import check_node
from tests.subplatform.hub_pair import Pair
from tests.subplatform.test_recommend_to_real_hub import pair  # noqa: F401 - a fixture

_FREE = (
    "ALTER TABLE audit_record DISABLE TRIGGER USER",
    "ALTER TABLE log_entry DISABLE TRIGGER USER",
)
BREAKS = {
    "I1": "UPDATE intake_receipt SET stored = convert_to('{}', 'UTF8')",
    "I2": "ALTER TABLE log_entry DROP CONSTRAINT ck_log_entry_serial;"
    " INSERT INTO log_entry (serial, leaf, object_hash, needs_newer_reader)"
    " SELECT -serial - 1, leaf, object_hash, false FROM log_entry WHERE object_hash IS NOT NULL",
    "I4": "DELETE FROM catalogue_listing",
    "I5": "DELETE FROM log_entry WHERE serial = 1",
    "I6": "UPDATE mirror_contact SET hub_size = hub_size + 5",
    "I6 note": "UPDATE catalogue_cursor SET checkpoint = convert_to('other', 'UTF8')",
    "I6 unsigned": "UPDATE catalogue_cursor SET checkpoint = convert_to(regexp_replace("
    "convert_from(checkpoint, 'UTF8'), '^([^\n]+\n)[0-9]+', '\\11'), 'UTF8')",
    "I7": "UPDATE audit_record SET place = 1, hash = sha256('other')"
    " WHERE id = (SELECT min(id) FROM audit_record)",
    "I8": "UPDATE outbox_message SET receipt = NULL",
    "I9": "UPDATE outbox_message SET statement_hash = 'other'",
    "I10": 'UPDATE audit_record SET facts = \'{"phone": "13812345678"}\'',
    "I12": "UPDATE catalogue_listing SET title = 'other'",
}


async def verdicts(pair: Pair, *breaking: str) -> tuple[Verdict, ...]:  # noqa: F811 - the fixture
    """The verdicts after changes by hand, which are taken back."""
    async with pair.node.sessions() as session:
        for statement in breaking:
            await session.execute(text(statement))
        found = await check_node(session, pair.client.anchor, now=pair.node.now)
        await session.rollback()
    return found.verdicts


@pytest.fixture
async def level(pair: Pair) -> Pair:  # noqa: F811 - the fixture
    """A node with published listings, level with its hub."""
    await pair.node.recommended(3)
    await pair.decide(Ruling("approve"))
    await pair.follow()
    return pair


async def test_all_twelve_are_told_and_hold_at_an_honest_node(level: Pair) -> None:
    async with level.node.sessions.begin() as session:
        assert await seal(session)

    found = await verdicts(level)

    assert [one.invariant for one in found] == [f"I{place}" for place in range(1, 13)]
    assert [one for one in found if not one.holds] == []
    assert {one.invariant for one in found if one.absent is not None} == {"I3", "I11"}
    assert all(one.checked for one in found if one.absent is None)


async def test_whoever_breaks_an_invariant_by_hand_sees_it_named(level: Pair) -> None:
    unseen = []
    for name, breaking in BREAKS.items():
        invariant = name.partition(" ")[0]
        found = await verdicts(level, *_FREE, *breaking.split("; "))
        broken = {one.invariant for one in found if not one.holds}
        if invariant not in broken:
            unseen.append((name, broken))

    assert unseen == []


@pytest.mark.parametrize("invariant", ["I1", "I6", "I8", "I10", "I12"])
async def test_one_broken_invariant_does_not_accuse_the_others(level: Pair, invariant: str) -> None:
    found = await verdicts(level, *_FREE, BREAKS[invariant])

    assert {one.invariant for one in found if not one.holds} == {invariant}


async def test_a_copy_with_another_root_than_the_note_signs_breaks_i6(level: Pair) -> None:
    async with level.node.sessions() as session:
        applied = (await read_position(session)).range
        other = CompactRange().extend([leaf_hash(b"other")] * applied.size)[0]
        forged = {"range": other.to_bytes(), "root": other.root()}
        said = "UPDATE catalogue_cursor SET compact_range = :range, root = :root"
        await session.execute(text(f"{said}, checkpoint_root = :root"), forged)
        found = await check_node(session, level.client.anchor, now=level.node.now)
        await session.rollback()

    codes = {breach.code for breach in found.verdicts[5].breaches}
    assert codes == {"mirror.other_root"}
