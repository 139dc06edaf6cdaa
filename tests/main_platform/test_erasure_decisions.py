"""Erasing personal data at the hub: two people decide, nothing repeats it, every proof stands."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from main_platform.catalogue.verify import unchanging, verify_log
from main_platform.erasure.vacuum import vacuum_erased
from shared_platform.catalogue.rebuild import catalogue_digest, rebuild_projection
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_client import Content
from tests.dumped_words import words_found
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
)
from tests.main_platform.hub_places import answer_of

PERSON, PHONE = "赵小燕", "13987650001"
OF_THE_PERSON = {"contact": {"name": PERSON, "phone": PHONE}}
OF_AN_OFFICE = {"contact": {"name": "许可办公室", "phone": "020-12345678"}}


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


async def published(hub: ReviewingHub, node: SendingNode, place: int = 1) -> Listing:
    listing = await node.recommend(a_number(place), **OF_THE_PERSON)
    await hub.publish(listing)
    return listing


async def corrected(hub: ReviewingHub, node: SendingNode, listing: Listing) -> None:
    """The next version, without the person, is public."""
    await node.send(node.next_offer(listing, **OF_AN_OFFICE))
    await hub.publish(listing)


async def propose(
    hub: ReviewingHub, listing: Listing, *, by: str = "sun.lei", **body: Any
) -> tuple[int, dict[str, Any]]:
    path = f"/api/v1/listings/{listing.id}/erasures"
    answer = await hub.ask("POST", path, {"reason": "data_subject_request"} | body, by=by)
    return answer.status_code, answer.json()


async def confirm(
    hub: ReviewingHub, erasure: dict[str, Any], *, by: str = "ma.lin"
) -> tuple[int, dict[str, Any]]:
    path = f"/api/v1/erasures/{erasure['erasure']}/confirmation"
    answer = await hub.ask("POST", path, by=by)
    return answer.status_code, answer.json()


async def erase(hub: ReviewingHub, listing: Listing, **body: Any) -> dict[str, Any]:
    status, proposed = await propose(hub, listing, **body)
    assert status == 201, proposed
    status, confirmed = await confirm(hub, proposed)
    assert status == 200, confirmed
    await hub.sequence()
    return confirmed


async def held(hub: ReviewingHub) -> dict[str, set[str]]:
    async with hub.database.sessions() as session:
        return await words_found(session, [PERSON, PHONE])


async def violations(hub: ReviewingHub) -> list[str]:
    async with unchanging(hub.database.sessions) as session:
        anchor = hub.context.log_key.anchor
        return [str(one) for one in await verify_log(session, anchor)]


async def states(hub: ReviewingHub) -> list[str]:
    answer = await hub.ask("GET", "/api/v1/erasures", by="sun.lei")
    return [one["state"] for one in answer.json()["items"]]


async def test_versions_before_the_public_one_are_erased_and_it_stays_as_it_is(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await published(hub, node)
    first = listing.last.object_hash
    await corrected(hub, node, listing)
    before = await hub.published(listing)
    assert await held(hub)

    erasure = await erase(hub, listing)

    assert (erasure["extent"], erasure["versions"]) == ("before_live", [1])
    assert await held(hub) == {}
    assert await hub.published(listing) == before
    gone = await hub.ask("GET", f"/federation/v1/objects/sha256/{first}")
    assert (gone.status_code, gone.json()["code"]) == (410, "object_erased")
    assert await states(hub) == ["done"]
    assert await violations(hub) == []


async def test_a_public_listing_is_not_emptied_by_the_way(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await published(hub, node)

    all_of_it = await propose(hub, listing, extent="ended")
    nothing_before = await propose(hub, listing)

    assert (all_of_it[0], all_of_it[1]["code"]) == (409, "state_conflict")
    assert "before_live" in all_of_it[1]["detail"]
    assert "withdraw" in all_of_it[1]["detail"]
    assert (nothing_before[0], nothing_before[1]["code"]) == (409, "state_conflict")
    assert await states(hub) == []


async def test_a_public_listing_is_withdrawn_and_erased_in_one_decision(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await published(hub, node)

    await erase(hub, listing, reason="court_order", extent="withdraw")

    assert await held(hub) == {}
    shown = await hub.published(listing)
    assert (shown["state"], shown["items"]) == ("withdrawn", None)
    kinds = [kind for kind, _ in await hub.log_kinds()]
    assert kinds == ["listing_offered", "listing_withdrawn"]
    page = await hub.ask("GET", f"/listings/{listing.id}")
    assert page.status_code == 200
    assert await violations(hub) == []


async def test_what_was_never_published_is_erased_without_an_entry(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), **OF_THE_PERSON)
    await hub.claim(listing)
    text_ = f"请与{PERSON}核实 {PHONE}"
    review = await hub.review_of(listing)
    await hub.ask(
        "PUT",
        f"/api/v1/reviews/{review['review']}/decision",
        {
            "verdict": "reject",
            "statement_hash": review["statement_hash"],
            "reasons": [{"code": "other", "text": text_}],
        },
        by="li.hua",
    )
    await hub.sequence()
    size = await hub.scalar("SELECT size FROM log_head")
    assert {"decision.reasons", "inbox_message.body"} <= set(await held(hub))

    erasure = await erase(hub, listing)

    assert (erasure["state"], erasure["remaining"]) == ("done", 0)
    assert await held(hub) == {}
    assert await hub.scalar("SELECT size FROM log_head") == size
    told = (await node.inbox())[-1]
    assert (told["kind"], told["body"]["verdict"]) == ("erasure", "erased")
    assert [one["logged"] for one in told["body"]["statements"]] == [False]


async def test_nobody_erases_alone(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await published(hub, node)
    await corrected(hub, node, listing)
    _, proposed = await propose(hub, listing)

    status, refused = await confirm(hub, proposed, by="sun.lei")

    assert (status, refused["code"]) == (403, "second_person_required")
    assert await held(hub)
    with pytest.raises(DBAPIError, match="two_people"):
        async with hub.database.sessions.begin() as session:
            await session.execute(text("UPDATE erasure SET decided_by = proposed_by"))


async def test_erasing_again_changes_nothing(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await published(hub, node)
    await corrected(hub, node, listing)
    done = await erase(hub, listing)
    size = await hub.scalar("SELECT size FROM log_head")

    status, again = await propose(hub, listing, by="ma.lin")

    assert (status, again["erasure"], again["state"]) == (201, done["erasure"], "done")
    assert (await confirm(hub, again))[0] == 409
    await hub.sequence()
    assert await hub.scalar("SELECT size FROM log_head") == size


async def test_what_never_existed_cannot_be_erased(hub: ReviewingHub, node: SendingNode) -> None:
    never_sent = node.offer(a_number(1))

    status, refused = await propose(hub, never_sent)

    assert (status, refused["code"]) == (404, "not_found")


async def test_a_version_under_review_is_decided_first(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), **OF_THE_PERSON)

    status, refused = await propose(hub, listing)

    assert status == 409
    assert "审核" in refused["detail"]


async def test_reasons_are_codes_for_this_purpose(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await published(hub, node)

    status, refused = await propose(hub, listing, reason="lapse")

    assert (status, refused["code"]) == (422, "schema_invalid")
    assert "data_subject_request" in refused["errors"][0]["message"]


async def test_a_node_asks_for_its_own_listing_and_is_answered_through_its_inbox(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await published(hub, node)
    await corrected(hub, node, listing)
    wish = Content(f'{{"listing": "{listing.id}", "reason": "data_subject_request"}}'.encode())

    asked = answer_of(await node.client().post("/federation/v1/erasures", wish))
    again = answer_of(await node.client().post("/federation/v1/erasures", wish))
    waiting = (await hub.ask("GET", "/api/v1/erasures?state=asked", by="sun.lei")).json()
    await erase(hub, listing)

    assert (asked["state"], asked["proposed_by"]) == ("asked", None)
    assert again == asked
    assert [one["erasure"] for one in waiting["items"]] == [asked["erasure"]]
    told = (await node.inbox())[-1]
    assert (told["kind"], told["body"]["erasure"]) == ("erasure", asked["erasure"])
    assert answer_of(await node.client().post("/federation/v1/erasures", wish))["state"] == "done"


async def test_a_refused_wish_is_answered_with_its_code(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await published(hub, node)
    wish = Content(f'{{"listing": "{listing.id}", "reason": "data_subject_request"}}'.encode())
    asked = answer_of(await node.client().post("/federation/v1/erasures", wish))

    path = f"/api/v1/erasures/{asked['erasure']}/refusal"
    refused = await hub.ask("POST", path, {"reason": "identity_unproven"}, by="sun.lei")

    assert refused.json()["state"] == "refused"
    told = (await node.inbox())[-1]["body"]
    assert (told["verdict"], told["reason"]["code"]) == ("refused", "identity_unproven")
    assert await held(hub)


async def test_a_node_cannot_ask_for_anothers_listing(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await published(hub, node)
    other = await hub.admit("sz-centre")
    wish = Content(f'{{"listing": "{listing.id}", "reason": "takedown"}}'.encode())

    with pytest.raises(PeerRefusal) as refused:
        await other.client().post("/federation/v1/erasures", wish)

    assert refused.value.code == "scope_denied"


async def test_evidence_of_equivocation_keeps_its_hashes_only(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await published(hub, node)
    twin = node.offer(a_number(2), **OF_THE_PERSON)
    contradiction = node.sign(
        twin.last.statement.model_dump(exclude={"salt", "issued_at", "body"})
        | {
            "listing": listing.id,
            "oseq": listing.last.statement.oseq,
            "subject": listing.last.statement.subject,
            "body": listing.last.statement.body,
        }
    )
    (result,) = await node.send(contradiction)
    assert result["status"] == 409
    assert "equivocation.envelope" in await held(hub)

    await erase(hub, listing, extent="withdraw", reason="takedown")

    assert await held(hub) == {}
    assert await hub.scalar("SELECT object_hash FROM equivocation") == contradiction.object_hash


async def test_the_trail_says_who_and_why_and_nothing_of_what_was_erased(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await published(hub, node)
    await corrected(hub, node, listing)
    await erase(hub, listing)

    path = f"/api/v1/audit?kind=listing&subject={listing.id}"
    records = (await hub.ask("GET", path, by="audit")).json()["records"]

    acts = [(one["act"], one["actor"]) for one in records if one["act"].startswith("erasure")]
    assert acts == [("erasure_confirmed", "ma.lin"), ("erasure_proposed", "sun.lei")]
    assert records[0]["facts"]["versions"] == [1]


async def test_a_rebuilt_catalogue_equals_the_erased_one(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await published(hub, node)
    await corrected(hub, node, listing)
    await erase(hub, listing)

    async with hub.database.sessions.begin() as session:
        before = await catalogue_digest(session)
        await rebuild_projection(session)
        after = await catalogue_digest(session)

    assert after == before


async def test_dead_rows_are_cleared_once_after_an_erasure(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await published(hub, node)
    await corrected(hub, node, listing)
    await erase(hub, listing)
    database, now = hub.database, hub.clock.now()

    cleared = await vacuum_erased(database.engine, database.sessions, now=now)
    again = await vacuum_erased(database.engine, database.sessions, now=now)

    assert (cleared, again) == (1, 0)


async def test_words_of_decisions_may_be_erased_and_nothing_else_changed(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)
    await hub.decide(listing, "return", "text_unclear")

    for change in ("'[]'", '\'[{"code": "other", "text": null}]\''):
        with pytest.raises(DBAPIError, match="only words"):
            async with hub.database.sessions.begin() as session:
                await session.execute(text(f"UPDATE decision SET reasons = {change}"))
