"""Every invariant of the hub is checked, and whoever breaks one by hand is told which."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from main_platform.invariants.check_hub import check_hub
from shared_platform.audit.seal import seal
from shared_platform.database.engine import Database
from shared_platform.invariants.verdict import Verdict, as_text
from tests.main_platform.cosigning_nodes import claim, cosigned, post, vouch
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    costing,
)

_FREE = "ALTER TABLE {0} DISABLE TRIGGER USER"
BREAKS = {
    "I1 receipt": ("I1", 'UPDATE submission SET receipt = \'{"statement_hash": "other"}\''),
    "I1 outcome": ("I1", "DELETE FROM listing_change WHERE by = 'origin'"),
    "I1 approval": (
        "I1",
        "UPDATE review SET state = 'approved', serial = NULL WHERE version = 1",
    ),
    "I1 review": ("I1", "DELETE FROM decision; DELETE FROM review WHERE state = 'waiting'"),
    "I2 serial": (
        "I2",
        "UPDATE review SET serial = (SELECT min(serial) FROM review) WHERE serial IS NOT NULL",
    ),
    "I2 version": (
        "I2",
        (
            "ALTER TABLE submission DROP CONSTRAINT uq_submission_origin_oseq;"
            " UPDATE submission SET oseq = 1"
        ),
    ),
    "I3 audit": ("I3", "DELETE FROM audit_record WHERE act = 'review_decided'"),
    "I3 twice": (
        "I3",
        (
            "INSERT INTO audit_record (at, actor, act, subject_kind, subject, facts)"
            " SELECT at, actor, act, subject_kind, subject, facts FROM audit_record"
            " WHERE act = 'review_decided'"
        ),
    ),
    "I3 alone": ("I3", "UPDATE review SET high_risk = true"),
    "I4 approval": ("I4", "DELETE FROM decision"),
    "I4 withdrawn": ("I4", "UPDATE catalogue_listing SET state = 'published'"),
    "I5 root": ("I5", "UPDATE log_head SET root = sha256('other')"),
    "I5 gap": ("I5", "DELETE FROM log_entry WHERE serial = 1"),
    "I6 signature": (
        "I6",
        (
            "UPDATE cosignature SET note = convert_to(replace(convert_from(note, 'UTF8'),"
            " '/nodes/', '/nodes/other-'), 'UTF8')"
        ),
    ),
    "I6 line": ("I6", "UPDATE cosignature SET line = 'other'"),
    "I6 root": ("I6", "UPDATE cosignature SET root = sha256('other')"),
    "I6 tiles": ("I6", "UPDATE log_tile SET hashes = sha256('other') || substr(hashes, 33)"),
    "I6 key": ("I6", "UPDATE node_key SET public_key = sha256('other') WHERE use = 'cosigner'"),
    "I7": (
        "I7",
        (
            "UPDATE audit_record SET place = 1, hash = sha256('other')"
            " WHERE id = (SELECT min(id) FROM audit_record)"
        ),
    ),
    "I8 queue": (
        "I8",
        (
            "INSERT INTO publish_queue (priority, leaf, queued_at)"
            " SELECT 1, leaf, now() FROM log_entry WHERE serial = 2"
        ),
    ),
    "I9 key": ("I9", "UPDATE node_key SET public_key = sha256('other') WHERE use = 'statement'"),
    "I9 bytes": ("I9", "UPDATE statement_object SET envelope = NULL"),
    "I10 log": (
        "I10",
        (
            'UPDATE log_entry SET leaf = convert_to(\'{"kind":"x","v": 1,"tel":"13812345678"}\','
            " 'UTF8') WHERE serial = 1"
        ),
    ),
    "I10 unmasked": (
        "I10",
        (
            "UPDATE catalogue_listing SET items_json = convert_to(jsonb_set("
            "convert_from(items_json, 'UTF8')::jsonb, '{contact,phone}', '\"13812345678\"')"
            "::text, 'UTF8')"
        ),
    ),
    "I10 tenth": (
        "I10",
        (
            "UPDATE catalogue_listing SET items_json = convert_to((convert_from(items_json, 'UTF8')"
            "::jsonb || '{\"abstract\": \"x\"}')::text, 'UTF8')"
        ),
    ),
    "I10 audit": ("I10", 'UPDATE audit_record SET facts = \'{"mail": "li.na@example.cn"}\''),
    "I12 row": ("I12", "UPDATE catalogue_listing SET title = 'other'"),
}


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


@pytest.fixture
async def life(hub: ReviewingHub, node: SendingNode) -> list[Listing]:
    """Published, withdrawn by its node, by the hub, at high risk, returned, and still waiting."""
    listings = [await node.recommend(a_number(place)) for place in range(1, 6)]
    await hub.publish(*listings[:3])
    await node.send(node.change(listings[1], "withdraw"))
    path = f"/api/v1/listings/{listings[2].id}/withdrawal"
    await hub.ask("POST", path, {"reason": "lapse"}, by="sun.lei")
    await hub.claim(listings[3])
    await hub.decide(listings[3], "return", "text_unclear")
    await hub.publish(await node.recommend(a_number(6), **costing(25_000_000)))
    await hub.sequence()
    await vouch(node)
    await hub.publish(await node.recommend(a_number(7)))
    await hub.sequence()
    return listings


async def verdicts(hub: ReviewingHub, *breaking: str) -> list[Verdict]:
    """The verdicts after changes by hand, which are taken back."""
    async with hub.database.sessions() as session:
        for statement in breaking:
            await session.execute(text(statement))
        found = await check_hub(session, hub.context.log_key.anchor)
        await session.rollback()
    return found


@pytest.mark.usefixtures("life")
async def test_all_twelve_are_told_and_hold_on_an_honest_hub(hub: ReviewingHub) -> None:
    async with hub.database.sessions.begin() as session:
        assert await seal(session)

    found = await verdicts(hub)

    assert [one.invariant for one in found] == [f"I{place}" for place in range(1, 13)]
    assert [one for one in found if not one.holds] == []
    absent = {one.invariant for one in found if one.absent is not None}
    assert absent == {"I11"}
    assert all(one.checked for one in found if one.absent is None)
    assert "I7" in as_text(found)


@pytest.mark.usefixtures("life")
async def test_whoever_breaks_an_invariant_by_hand_sees_it_named(hub: ReviewingHub) -> None:
    unseen = []
    for name, (invariant, breaking) in BREAKS.items():
        free = [_FREE.format(one) for one in ("audit_record", "decision", "log_entry")]
        found = await verdicts(hub, *free, *breaking.split("; "))
        broken = {one.invariant for one in found if not one.holds}
        if invariant not in broken:
            unseen.append((name, broken))

    assert unseen == []


@pytest.mark.parametrize("name", ["I3 audit", "I4 approval", "I6 root", "I8 queue", "I12 row"])
@pytest.mark.usefixtures("life")
async def test_one_broken_invariant_does_not_accuse_the_others(
    hub: ReviewingHub, name: str
) -> None:
    invariant, breaking = BREAKS[name]
    free = [_FREE.format(one) for one in ("audit_record", "decision", "log_entry")]

    found = await verdicts(hub, *free, breaking)

    accused = {one.invariant for one in found if not one.holds}
    assert accused - {"I3"} == {invariant} - {"I3"}
    assert invariant in accused


@pytest.mark.usefixtures("life")
async def test_a_node_with_more_than_the_hub_breaks_i6_until_it_is_waived(
    hub: ReviewingHub, node: SendingNode
) -> None:
    await post(node, cosigned(node, claim(hub, 1_000)))
    waiving = (
        "INSERT INTO cosignature_waiver (node, by, reason, at)"
        " VALUES ('gz-centre', 'sun.lei', 'lost', now())"
    )

    broken, waived = await verdicts(hub), await verdicts(hub, waiving)

    assert [one.code for one in broken[5].breaches] == ["cosignature.ahead"]
    assert waived[5].holds
    assert waived[5].checked == 1
