"""What two people decide, on pages: each sees what the other proposed, and nobody does both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from main_platform.catalogue.log_key_proposals import Wanted, propose_log_key
from shared_platform.database.engine import Database
from shared_schema.signing_key import SigningKey
from tests.main_platform.console_places import Desk, a_desk_of
from tests.main_platform.hub_builders import ReviewingHub, a_number, a_reviewing_hub, costing

PATH = "/console/second-looks"
A_HELD_ENTRY = text(
    "INSERT INTO held_entry (id, priority, leaf, queued_at, code, detail, held_at)"
    " VALUES (7, 1, '{}', now(), 'entry.example', '测试 / a test', now())"
)


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def desk(hub: ReviewingHub) -> Desk:
    return await a_desk_of(hub, "sun.lei")


async def test_everybody_finds_what_they_may_confirm_and_nothing_else(
    hub: ReviewingHub, desk: Desk
) -> None:
    node = await hub.admit("gz-centre")
    dear = await node.recommend(a_number(1), **costing(25_000_000))
    await hub.approve(dear)
    auditor, first = await a_desk_of(hub, "audit"), await a_desk_of(hub, "li.hua")

    page = await desk.get(f"{PATH}?lang=en")
    own = await first.get(f"{PATH}?lang=en")
    nothing = await auditor.get(f"{PATH}?lang=en")

    assert page.texts("//h2") == ["Offers that another examiner approved", "Erasures"]
    assert len(page.all("//tr[@data-row]")) == 1
    assert own.all("//tr[@data-row]") == []
    assert nothing.texts("//p[@class='empty']") == ["Nothing waits for your confirmation."]
    assert page.untranslated() == []


async def test_one_proposes_an_erasure_and_another_confirms(hub: ReviewingHub, desk: Desk) -> None:
    node = await hub.admit("gz-centre")
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    await node.send(node.change(listing, "withdraw"))
    await hub.sequence()
    form = await desk.get(f"/console/erasures/of/{listing.id}?lang=en")
    unfit = await desk.send(
        form, to=f"/of/{listing.id}", reason="court_order", extent="before_live"
    )
    await desk.send(unfit, to=f"/of/{listing.id}", reason="court_order", extent="ended")
    other = await a_desk_of(hub, "ma.lin")
    (link,) = [one for one in (await other.get(f"{PATH}?lang=en")).links() if "/erasures/" in one]
    path = link.partition("?")[0]

    own = await desk.get(f"{path}?lang=en")
    own_try = await desk.post(path, {"act": "confirm", "is_sure": "true", "once": "k" * 22})
    unsure = await other.send(await other.get(f"{path}?lang=en"), to=path)
    done = await other.send(unsure, to=path, is_sure="true")

    assert unfit.status == 422
    assert "You proposed it; another person must confirm." in own.texts("//p[@class='notice']")
    assert (own_try.status, unsure.status, done.status) == (422, 422, 303)
    assert await hub.scalar("SELECT proposed_by || ' ' || decided_by FROM erasure") == (
        "sun.lei ma.lin"
    )
    assert await hub.scalar("SELECT octet_length(envelope) FROM submission WHERE op='offer'") == 0


async def test_an_erasure_is_refused_with_a_coded_reason(hub: ReviewingHub, desk: Desk) -> None:
    node = await hub.admit("gz-centre")
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    form = await desk.get(f"/console/erasures/of/{listing.id}")
    await desk.send(form, to=f"/of/{listing.id}", reason="takedown", extent="withdraw")
    path = f"/console/erasures/{await hub.scalar('SELECT id FROM erasure')}"
    page = await desk.get(path)

    bare = await desk.post(path, {"act": "refuse", "once": "k" * 22})
    done = await desk.post(path, {"act": "refuse", "reason": "not_personal", "once": "l" * 22})

    assert (page.status, bare.status, done.status) == (200, 422, 303)
    assert await hub.scalar("SELECT refusal FROM erasure") == "not_personal"


async def test_the_logs_key_is_changed_by_two_administrators(hub: ReviewingHub) -> None:
    for name in ("adm.one", "adm.two"):
        await hub.hire(name, "administrator")
    await hub.sequence()  # the log is open
    async with hub.database.sessions.begin() as session:
        wanted = Wanted(new=SigningKey.from_seed(b"another log key of thirty-two by"))
        row = await propose_log_key(session, wanted, by="adm.one", ids=hub.ids, now=hub.clock.now())
    path = f"/console/log-key/{row.id}"
    one, two = await a_desk_of(hub, "adm.one"), await a_desk_of(hub, "adm.two")
    examiner = await a_desk_of(hub, "li.hua")

    listed = await two.get(f"{PATH}?lang=en")
    own = await one.get(f"{path}?lang=en")
    sure = {"act": "confirm", "is_sure": "true", "once": "k" * 22}
    refused = await one.post(path, sure)
    confirmed = await two.post(path, sure)

    assert f"{path}?lang=en" in listed.links()
    assert [form.get("action") for form in own.all("//main//form")] == [f"{path}?lang=en"]
    assert (refused.status, confirmed.status) == (422, 303)
    assert (await examiner.get(path)).status == 403
    assert await hub.scalar("SELECT state FROM log_key_proposal") == "confirmed"


async def test_a_held_entry_is_discarded_with_a_reason(hub: ReviewingHub, desk: Desk) -> None:
    async with hub.database.sessions.begin() as session:
        await session.execute(A_HELD_ENTRY)
    auditor = await a_desk_of(hub, "audit")
    shown = await desk.get("/console?lang=en")
    seen = await auditor.get("/console?lang=en")
    page = await desk.get("/console/held-entries/7?lang=en")

    bare = await desk.send(page, to="/7", act="discard")
    done = await desk.send(bare, to="/7", act="discard", reason="sent twice")

    assert "/console/held-entries/7?lang=en" in shown.links()
    assert "/console/held-entries/7?lang=en" not in seen.links()
    assert (bare.status, done.status) == (422, 303)
    assert bare.all("//input[@value='discard'][@checked]")
    assert (await desk.get("/console/held-entries/7")).status == 404
    assert page.untranslated() == []
