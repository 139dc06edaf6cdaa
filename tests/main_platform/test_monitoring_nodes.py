"""What hub and staff see of each node: health, quota, alarms, figures, held entries."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from main_platform.application import hub_watch
from main_platform.catalogue.publish import publish
from shared_platform.alarms.alarms import open_alarms
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_client import Content
from shared_schema.instants import whole_second
from shared_schema.log_entry import ListingWithdrawn
from shared_schema.status_report import StatusReport
from tests.main_platform.cosigning_nodes import vouch
from tests.main_platform.hub_builders import ReviewingHub, SendingNode, a_number, a_reviewing_hub
from tests.main_platform.hub_places import NOW, answer_of


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path, daily_offer_limit=3) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


async def health_of(hub: ReviewingHub, node: SendingNode) -> dict[str, Any]:
    answer = await hub.ask("GET", f"/api/v1/health/nodes/{node.id}", by="audit")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def alarms(hub: ReviewingHub) -> dict[str, str]:
    """Code to subject of the alarms that stand, once the conditions were looked at."""
    await hub_watch(hub.context).once()
    async with hub.database.sessions() as session:
        return {one.code: one.subject for one in await open_alarms(session)}


async def report(node: SendingNode, **members: Any) -> dict[str, Any]:
    said = {"waiting": 0, "dead": 0, "withheld": 0, "size": 0} | members
    body = StatusReport.model_validate(said).model_dump_json().encode()
    return answer_of(await node.client().post("/federation/v1/reports/status", Content(body)))


async def test_the_day_s_offers_are_bounded_until_midnight_and_withdrawals_are_not(
    hub: ReviewingHub, node: SendingNode
) -> None:
    hub.clock.instant = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
    listings = [node.offer(a_number(number)) for number in range(1, 5)]
    results = await node.send(*(one.last for one in listings))

    withdrawn = await node.send(node.change(listings[0], "withdraw"))
    hub.clock.instant += timedelta(hours=1)
    next_day = await node.send(listings[3].last)

    assert [one["status"] for one in results] == [201, 201, 201, 429]
    assert results[3]["problem"]["code"] == "rate_limited"
    assert results[3]["problem"]["retry_after_s"] == 3_600
    assert [one["status"] for one in (*withdrawn, *next_day)] == [201, 201]


async def test_staff_change_a_nodes_quota_and_the_trail_says_so(
    hub: ReviewingHub, node: SendingNode
) -> None:
    path = f"/api/v1/nodes/{node.id}/quota"
    body = {"daily_offers": 1, "review_backlog": None}

    refused = await hub.ask("PUT", path, body, by="li.hua")
    changed = await hub.ask("PUT", path, body, by="reg.one")
    results = await node.send(*(node.offer(a_number(number)).last for number in (1, 2)))
    nobody = await hub.ask("PUT", "/api/v1/nodes/nobody/quota", body, by="reg.one")

    assert refused.status_code == 403
    assert changed.json()["quota"]["daily_offers"] == 1
    assert changed.json()["quota"]["review_backlog"] == 20_000
    assert [one["status"] for one in results] == [201, 429]
    assert nobody.status_code == 404
    acts = "SELECT facts->>'daily_offers' FROM audit_record WHERE act = 'node_quota_changed'"
    assert await hub.scalar(acts) == "1"


async def test_the_wait_for_a_place_in_review_follows_the_pace_of_decisions(
    hub: ReviewingHub, node: SendingNode
) -> None:
    body = {"daily_offers": 100, "review_backlog": 1}
    first = await node.recommend(a_number(1))
    await hub.approve(first)
    await node.recommend(a_number(2))
    await hub.ask("PUT", f"/api/v1/nodes/{node.id}/quota", body, by="reg.one")
    hub.clock.instant = NOW + timedelta(seconds=300)

    (result,) = await node.send(node.offer(a_number(3)).last)

    assert result["problem"]["code"] == "review_backlog"
    assert result["problem"]["retry_after_s"] == 300


async def test_a_node_is_told_all_the_hub_knows_about_it(
    hub: ReviewingHub, node: SendingNode
) -> None:
    offers = [node.offer(a_number(number)).last for number in (1, 2, 3)]
    await node.send(offers[0], offers[2])
    await hub.sequence()

    own = json.loads((await node.client().get("/federation/v1/nodes/self")).body)

    health = own["health"]
    assert (own["node"], health["received"], health["highest"]) == (node.id, 2, 3)
    assert (health["missing"], health["gap_since"]) == (1, "2026-11-22T08:00:00Z")
    assert health["lag_entries"] == 2
    assert health["quota"]["offers_today"] == 2
    assert {key["use"]: key["days_left"] for key in health["keys"]} == {
        "statement": 365,
        "cosigner": 365,
        "recovery": 365,
    }


async def test_a_report_is_answered_with_the_hubs_view_and_explains_gaps(
    hub: ReviewingHub, node: SendingNode
) -> None:
    offers = [node.offer(a_number(number)).last for number in (1, 2, 3)]
    await node.send(offers[0], offers[2])

    told = await report(node, withheld=1, dead=1, waiting=4)

    assert told["health"]["missing"] == 0
    assert (await health_of(hub, node))["report"]["waiting"] == 4


async def test_a_report_in_another_form_is_refused_with_the_member(node: SendingNode) -> None:
    with pytest.raises(PeerRefusal) as refusal:
        await node.client().post("/federation/v1/reports/status", Content(b'{"waiting": -1}'))

    assert refusal.value.code == "schema_invalid"
    assert "/waiting" in {error.pointer for error in refusal.value.errors}


async def test_alarms_of_a_node_stand_while_their_conditions_do(
    hub: ReviewingHub, node: SendingNode
) -> None:
    await report(node, dead=2, critical=["log_fork"], oldest_waiting_at="2026-11-22T06:00:00Z")
    hub.clock.instant = NOW + timedelta(minutes=16)

    before = await alarms(hub)
    shown = (await hub.ask("GET", "/api/v1/alarms", by="audit")).json()["items"]
    await report(node)
    after = await alarms(hub)

    names = {"node_silent", "dead_letters", "node_in_trouble", "outbox_old"}
    assert {code for code, subject in before.items() if subject == node.id} == names
    assert not names & after.keys()
    dead = next(one for one in shown if one["code"] == "dead_letters")
    assert dead["subject"] == node.id
    assert dead["manual"] == "docs/operations.md#alarm-dead_letters"
    assert dead["remedy"]["zh"]


async def test_a_gap_alarms_after_its_time_and_ends_when_it_is_filled(
    hub: ReviewingHub, node: SendingNode
) -> None:
    offers = [node.offer(a_number(number)).last for number in (1, 2)]
    await node.send(offers[1])
    early = await alarms(hub)
    hub.clock.instant = NOW + timedelta(minutes=11)

    late = await alarms(hub)
    await node.send(offers[0])
    filled = await alarms(hub)

    assert "intake_gaps" not in early
    assert late["intake_gaps"] == node.id
    assert "intake_gaps" not in filled


@pytest.mark.parametrize(
    ("days", "code"),
    [(61, None), (60, "key_expiring"), (30, "key_expiring"), (7, "key_expires_now")],
)
async def test_keys_warn_before_they_expire(hub: ReviewingHub, days: int, code: str | None) -> None:
    await hub.admit("gz-centre")
    hub.clock.instant = NOW + timedelta(days=365 - days)

    found = await alarms(hub)

    assert {one for one in found if one.startswith("key_")} == ({code} if code else set())


async def test_equivocation_is_an_alarm(hub: ReviewingHub, node: SendingNode) -> None:
    await node.recommend(a_number(1))
    other = node.sign(
        {
            "listing": node.ids.new_id(),
            "version": 1,
            "prev": None,
            "op": "offer",
            "oseq": 1,
            "subject": {"application_number": a_number(2)},
            "body": json.loads(node.offer(a_number(2)).last.payload)["body"],
            "reason": None,
        }
    )
    await node.send(other)

    assert (await alarms(hub))["equivocation"] == node.id


async def test_figures_name_enrolled_nodes_and_alarms(hub: ReviewingHub, node: SendingNode) -> None:
    await report(node, dead=2)
    await alarms(hub)

    shown = (await hub.ask("GET", "/metrics")).text

    assert f'kaixu_node_dead_letters{{node="{node.id}"}} 2.0' in shown
    assert f'kaixu_node_key_days_left{{node="{node.id}",use="statement"}} 365.0' in shown
    assert 'kaixu_alarms{code="dead_letters"} 1.0' in shown
    assert 'kaixu_alarms{code="log_fork"} 0.0' in shown
    assert "kaixu_figures_stale 0.0" in shown


async def test_a_held_entry_is_discarded_with_a_reason_and_its_bytes_stay(
    hub: ReviewingHub,
) -> None:
    async with hub.database.sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO held_entry (id, priority, leaf, queued_at, code, detail, held_at)"
                " VALUES (7, 1, '{}', now(), 'entry.key_revoked', 'x', now())"
            )
        )
    standing = await alarms(hub)
    path = "/api/v1/held-entries/7/discard"

    refused = await hub.ask("POST", path, {"reason": "密钥已吊销"}, by="li.hua")
    done = await hub.ask("POST", path, {"reason": "密钥已吊销"}, by="sun.lei")
    again = await hub.ask("POST", path, {"reason": "密钥已吊销"}, by="sun.lei")

    assert "held_entries" in standing
    assert [refused.status_code, done.status_code, again.status_code] == [403, 200, 404]
    assert done.json() == []
    assert await hub.scalar("SELECT leaf FROM held_entry WHERE id = 7") == b"{}"
    why = "SELECT facts->>'reason' FROM audit_record WHERE act = 'held_entry_discarded'"
    assert await hub.scalar(why) == "密钥已吊销"
    assert "held_entries" not in await alarms(hub)


_SET_ASIDE = text(
    "WITH taken AS (DELETE FROM publish_queue WHERE subject_kind = 'review' RETURNING *)"
    " INSERT INTO held_entry (id, priority, listing, leaf, envelope, subject_kind, subject,"
    " queued_at, code, detail, held_at) SELECT id, priority, listing, leaf, envelope,"
    " subject_kind, subject, queued_at, 'key_revoked', '', now() FROM taken"
)


async def test_a_discarded_approval_ends_its_review_and_its_node_sends_the_next_version(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.approve(listing)
    async with hub.database.sessions.begin() as session:
        await session.execute(_SET_ASIDE)
    held = await hub.scalar("SELECT id FROM held_entry")

    await hub.ask("POST", f"/api/v1/held-entries/{held}/discard", {"reason": "x"}, by="sun.lei")

    said = (await node.inbox())[-1]
    assert said["kind"] == "entry_discarded"
    assert said["body"] == {
        "listing": str(listing.id),
        "version": 1,
        "offer": True,
        "statement_hash": listing.last.payload_hash,
        "code": "key_revoked",
        "text": "x",
    }
    assert await hub.state_of(listing) == "returned"
    node.next_offer(listing)
    (again,) = await node.send(listing.last)
    assert again["status"] == 201
    await hub.approve(listing)
    await hub.sequence()
    assert await hub.state_of(listing) == "sequenced"


async def test_a_node_is_told_when_an_entry_about_its_listing_is_held(
    hub: ReviewingHub, node: SendingNode
) -> None:
    unknown = UUID(int=7)
    entry = ListingWithdrawn(
        at=whole_second(NOW), origin=node.id, listing=unknown, version=1, by="hub", reason="lapse"
    )
    async with hub.database.sessions.begin() as session:
        await publish(session, entry)

    await hub.sequence()

    (said,) = await node.inbox()
    assert (said["kind"], said["body"]["listing"]) == ("entry_held", str(unknown))
    assert (said["body"]["offer"], said["body"]["code"]) == (False, "listing_unknown")


async def test_a_listing_tells_how_many_active_nodes_hold_its_entry(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.admit("sz-centre")
    await hub.publish(listing)
    await vouch(node)

    public = (await hub.timeline(listing))["public"]

    assert (public["held_by"], public["active_nodes"]) == (1, 2)
