"""Conflicts side by side, withdrawals and suspensions by the office, and who sees which region."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from tests.main_platform.console_places import Desk, a_desk_of
from tests.main_platform.hub_builders import (
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    costing,
)
from tests.main_platform.test_review_regions import GUANGZHOU, SHENZHEN, a_holder


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def gz(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


@pytest.fixture
async def desk(hub: ReviewingHub) -> Desk:
    return await a_desk_of(hub, "sun.lei")


async def test_a_conflict_is_replaced_by_two_people(
    hub: ReviewingHub, gz: SendingNode, desk: Desk
) -> None:
    sz = await hub.admit("sz-centre")
    first = await gz.recommend(a_number(1))
    await hub.publish(first)
    second = await sz.recommend(a_number(1), **costing(9_000))
    listed = await desk.get("/console/conflicts?lang=en")
    review = (await hub.review_of(second))["review"]
    path = f"/console/conflicts/{review}?lang=en"

    page = await desk.get(path)
    chosen = await desk.send(page, to=f"/conflicts/{review}", choice="replace")
    own = await desk.get(path)
    other = await a_desk_of(hub, "ma.lin")
    confirmed = await other.send(await other.get(path), to=f"/conflicts/{review}", choice="replace")
    await hub.sequence()

    assert listed.texts("//td[@data-label='What differs']") == ["the terms"]
    assert page.texts("//tr[@class='differs']/th") == ["Licence fee"]
    assert [chosen.status, confirmed.status] == [303, 303]
    assert own.texts("//input[@name='choice']/../span") == [
        "Keep the other offer; refuse this one",
        "Return this one to its holder",
    ]
    assert (await hub.published(first))["state"] == "withdrawn"
    assert (await hub.published(second))["state"] == "published"
    assert [listed.untranslated(), page.untranslated(), own.untranslated()] == [[], [], []]


async def test_a_return_of_a_conflict_without_reasons_loses_nothing(
    hub: ReviewingHub, gz: SendingNode, desk: Desk
) -> None:
    sz = await hub.admit("sz-centre")
    await gz.recommend(a_number(1))
    second = await sz.recommend(a_number(1), **costing(9_000))
    review = (await hub.review_of(second))["review"]
    page = await desk.get(f"/console/conflicts/{review}?lang=en")

    bare = await desk.send(page, to=f"/conflicts/{review}", choice="return", text="Ask them")

    assert bare.status == 422
    assert bare.all("//input[@value='return'][@checked]")
    assert bare.all("//textarea[@name='text']")[0].text_content().strip() == "Ask them"


async def test_the_office_suspends_resumes_and_withdraws_a_listing(
    hub: ReviewingHub, gz: SendingNode, desk: Desk
) -> None:
    listing = await gz.recommend(a_number(1))
    await hub.publish(listing)
    base = f"/console/withdrawals/{listing.id}"
    states = []
    for kind, reason in (
        ("suspend", "complaint_checked"),
        ("resume", "cause_gone"),
        ("withdraw", "takedown"),
    ):
        page = await desk.get(f"{base}/{kind}?lang=en")
        unsure = await desk.send(page, to=f"/{kind}", reasons=reason)
        done = await desk.send(unsure, to=f"/{kind}", reasons=reason, is_sure="true")
        await hub.sequence()
        assert (unsure.status, done.status, page.untranslated()) == (422, 303, [])
        states.append((await hub.published(listing))["state"])
    shown = await desk.get("/console/withdrawals?lang=en")

    assert states == ["suspended", "published", "withdrawn"]
    assert shown.texts("//td[@data-label='What']") == ["Withdraw", "Resume", "Suspend"]
    assert (await desk.get(f"{base}/withdraw")).status == 404
    assert shown.untranslated() == []


async def test_a_node_cannot_resume_what_the_office_suspended(
    hub: ReviewingHub, gz: SendingNode
) -> None:
    listing = await gz.recommend(a_number(1))
    await hub.publish(listing)
    path = f"/api/v1/listings/{listing.id}"
    body = {"reason": "complaint_checked"}
    await hub.ask("POST", f"{path}/suspension", body, by="sun.lei")
    again = await hub.ask("POST", f"{path}/suspension", body, by="sun.lei")

    await gz.send(gz.change(listing, "resume", "cause_gone"))
    await hub.sequence()
    kept = (await hub.published(listing))["state"]
    body = {"reason": "cause_gone"}
    resumed = await hub.ask("POST", f"{path}/resumption", body, by="sun.lei")
    await hub.sequence()

    assert (again.status_code, kept) == (409, "suspended")
    assert (resumed.status_code, (await hub.published(listing))["state"]) == (200, "published")


async def test_what_the_node_suspended_too_the_office_does_not_resume(
    hub: ReviewingHub, gz: SendingNode
) -> None:
    listing = await gz.recommend(a_number(1))
    await hub.publish(listing)
    path = f"/api/v1/listings/{listing.id}"
    await gz.send(gz.change(listing, "suspend", "annual_fee_unpaid"))
    await hub.ask("POST", f"{path}/suspension", {"reason": "complaint_checked"}, by="sun.lei")

    refused = await hub.ask("POST", f"{path}/resumption", {"reason": "cause_gone"}, by="sun.lei")

    assert (refused.status_code, refused.json()["code"]) == (409, "state_conflict")


async def test_a_listing_is_found_by_any_form_of_its_number(
    hub: ReviewingHub, gz: SendingNode, desk: Desk
) -> None:
    number = a_number(1)
    listing = await gz.recommend(number)
    await hub.publish(listing)

    by_number = await desk.get(f"/console/withdrawals?number=zl{number[:-1]}.{number[-1]}")
    by_id = await desk.get(f"/console/withdrawals?number={listing.id}")
    wrong = await desk.get("/console/withdrawals?number=12345&lang=en")

    assert by_number.links() >= {f"/console/withdrawals/{listing.id}/suspend"}
    assert by_id.links() >= {f"/console/withdrawals/{listing.id}/withdraw"}
    assert wrong.all("//p[@id='e-number']")


async def test_a_citys_officer_reads_the_citys_pages_and_no_others(
    hub: ReviewingHub, gz: SendingNode
) -> None:
    await hub.hire("city", "city_officer")
    here = await gz.recommend(a_number(1), holders=[a_holder(GUANGZHOU)])
    away = await gz.recommend(a_number(2), holders=[a_holder(SHENZHEN)])
    await hub.publish(here, away)
    await gz.send(gz.change(here, "suspend"), gz.change(away, "suspend"))
    waiting = await gz.recommend(a_number(3), holders=[a_holder(GUANGZHOU)])
    await gz.recommend(a_number(4), holders=[a_holder(SHENZHEN)])
    officer = await a_desk_of(hub, "city")
    found = {}
    for listing in (here, away):
        review = (await hub.review_of(listing, 1))["review"]
        for path in (f"/console/reviews/{review}", f"/console/conflicts/{review}"):
            found[path.split("/")[2], listing.number] = (await officer.get(path)).status
        results = await officer.get(f"/console/selections/results?review={review}")
        found["results", listing.number] = len(results.all("//tbody/tr"))

    queue = await officer.get("/console/reviews?lang=en")
    changes = await officer.get("/console/withdrawals?lang=en")
    sought = await officer.get(f"/console/withdrawals?number={away.number}")
    dashboard = await officer.get("/console?lang=en")
    page = await officer.get(f"/console/reviews/{(await hub.review_of(waiting))['review']}")

    ours, theirs = here.number, away.number
    assert found == {
        ("reviews", ours): 200,
        ("conflicts", ours): 200,
        ("results", ours): 1,
        ("reviews", theirs): 404,
        ("conflicts", theirs): 404,
        ("results", theirs): 0,
    }
    assert len(queue.all("//tr[@data-row]")) == 1
    assert len(changes.all("//table//tbody/tr")) == 1
    assert sought.all("//p[@id='e-number']")
    assert "Free1oldest 0 hours" in dashboard.texts("//a[contains(@class, 'tile')]")
    assert page.all("//form[@class='decision'] | //button[@data-key='c']") == []
    refused = await officer.post(f"/console/withdrawals/{here.id}/withdraw", {"reasons": "lapse"})
    assert refused.status == 403
