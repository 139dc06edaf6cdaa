"""The review console over HTTP: queue, claim, decide, selections, what nobody may lose."""

from collections.abc import AsyncIterator
from datetime import timedelta
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

DEAR = costing(25_000_000)


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


@pytest.fixture
async def desk(hub: ReviewingHub) -> Desk:
    return await a_desk_of(hub, "li.hua")


async def test_the_dashboard_counts_what_waits_and_links_to_it(
    hub: ReviewingHub, node: SendingNode, desk: Desk
) -> None:
    mine, _ = await node.recommend(a_number(1)), await node.recommend(a_number(2), **DEAR)
    await hub.claim(mine)
    hub.clock.instant += timedelta(days=6)

    desk = await a_desk_of(hub, "li.hua")
    page = await desk.get("/console?lang=en")

    assert "Free11 late" in page.texts("//a[contains(@class, 'tile')]")
    assert {"/console/reviews?lane=mine&age=late&lang=en"} <= page.links()
    assert page.texts("//nav[@class='side']/a[@aria-current]") == ["Dashboard"]
    assert page.untranslated() == []


async def test_the_queue_keeps_its_filter_in_the_address(node: SendingNode, desk: Desk) -> None:
    for serial in (1, 2):
        await node.recommend(a_number(serial))
    await node.recommend(a_number(3), **DEAR)

    everything = await desk.get("/console/reviews?lang=en")
    risky = await desk.get("/console/reviews?severity=high&lang=en")
    typed = await desk.get(f"/console/reviews?number=ZL%20{a_number(2)[:-1]}.{a_number(2)[-1]}")
    wrong = await desk.get("/console/reviews?number=ZL1&lang=en")
    none = await desk.get("/console/reviews?kind=design&age=late&lang=en")

    assert len(everything.all("//tr[@data-row]")) == 3
    assert len(risky.all("//tr[@data-row]")) == 1
    assert len(typed.all("//tr[@data-row]")) == 1
    assert wrong.texts("//p[@id='e-number']")
    assert none.texts("//p[@class='empty']") == ["None fits. Clear the filters to see all. Clear"]
    assert [page.untranslated() for page in (everything, risky, wrong, none)] == [[], [], [], []]


async def test_a_review_is_decided_and_the_next_one_opens(
    hub: ReviewingHub, node: SendingNode, desk: Desk
) -> None:
    first, second = await node.recommend(a_number(1)), await node.recommend(a_number(2))
    queue = await desk.get("/console/reviews")
    (opened, *_) = queue.all("//tr[@data-row]//a[@data-open]")
    page = await desk.get(opened.get("href"))

    decided = await desk.send(page, to="/decision", verdict="approve")
    after = await desk.follow(decided)

    assert await hub.state_of(first) == "approved"
    assert str((await hub.review_of(second))["review"]) in decided.answer.headers["location"]
    assert "批准公示" in after.texts("//div[contains(@class, 'notice')]")[0]
    assert (await desk.send(page, to="/decision", verdict="approve")).status == 303
    assert await hub.scalar("SELECT count(*) FROM decision") == 1


async def test_a_return_takes_the_words_of_the_ticked_reasons_alone(
    hub: ReviewingHub, node: SendingNode, desk: Desk
) -> None:
    listing = await node.recommend(a_number(1), **DEAR)
    review = (await hub.review_of(listing))["review"]
    page = await desk.get(f"/console/reviews/{review}?lang=en")

    bare = await desk.send(page, to="/decision", verdict="return", text_unit_suspected="Which?")
    done = await desk.send(
        bare, to="/decision", verdict="return", reasons=["unit_suspected", "not_eligible"]
    )

    assert bare.status == 422
    assert bare.all("//textarea[@name='text_unit_suspected']")[0].text_content().strip() == "Which?"
    assert done.status == 303
    (message,) = await node.inbox()
    assert [(one["code"], one["text"]) for one in message["body"]["reasons"]] == [
        ("unit_suspected", "Which?")
    ]


async def test_the_review_page_says_what_an_examiner_must_know(
    hub: ReviewingHub, node: SendingNode, desk: Desk
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    await node.send(node.next_offer(listing, **DEAR))
    review = (await hub.review_of(listing))["review"]

    page = await desk.get(f"/console/reviews/{review}?lang=en")

    assert page.texts("//h2") == [
        "As it will be published",
        "Decide",
        "Findings of the screening",
        "Legal status and evidence",
        "What it comes to",
        "Fee guidance",
        "What was decided",
    ]
    assert "25,000,000" in page.texts("//span[@class='changed']")[0]
    assert page.texts("//del")[0].startswith("A lump sum of 30,000 yuan")
    (finding,) = page.all("//div[contains(@class, 'finding')]")
    assert [one.text_content() for one in finding.xpath(".//span[@class='code']")] == ["DEC-07"]
    assert any("no figures are made up" in text for text in page.texts("//section/p"))
    assert page.texts("//table[@class='costs']//th/strong") == ["· now", "· now"]
    assert page.untranslated() == []


async def test_a_selection_is_shown_first_and_each_result_after(
    hub: ReviewingHub, node: SendingNode, desk: Desk
) -> None:
    listings = [await node.recommend(a_number(serial)) for serial in (1, 2, 3)]
    taken = listings[2]
    queue = await desk.get("/console/reviews?lang=en")
    picked = [one.get("value") for one in queue.all("//input[@name='picked']")]
    await hub.claim(taken, by="chen.jing")

    asked = await desk.post("/console/selections?lang=en", {"picked": picked, "back": "//evil"})
    done = await desk.send(asked, to="/selections/decision", verdict="approve")
    results = await desk.follow(done)

    assert asked.texts("//button[@id='confirm']") == ["Decide these 3"]
    assert [await hub.state_of(one) for one in listings] == ["approved", "approved", "claimed"]
    (said,) = results.texts("//div[@role='status']")
    assert "Decided: 2. Not decided: 1." in said
    assert "claimed by chen.jing" in said
    assert results.texts("//td[@data-label='Result']").count("claimed") == 1
    assert "/console/reviews?lang=en" in results.links()


async def test_claiming_what_a_colleague_took_is_said_and_changes_nothing(
    hub: ReviewingHub, node: SendingNode, desk: Desk
) -> None:
    listing = await node.recommend(a_number(1))
    review = (await hub.review_of(listing))["review"]
    page = await desk.get(f"/console/reviews/{review}?lang=en")
    await hub.claim(listing, by="chen.jing")

    claimed = await desk.follow(await desk.send(page, to="/claim"))
    decided = await desk.send(page, to="/decision", verdict="approve")

    assert "claimed by chen.jing" in claimed.texts("//div[contains(@class, 'notice')]")[0]
    assert decided.status == 422
    assert decided.texts("//div[@role='alert']//li") == ["claimed by chen.jing"]


async def test_the_second_examiner_confirms_on_the_same_page(
    hub: ReviewingHub, node: SendingNode, desk: Desk
) -> None:
    await hub.hire("wu.jie", "second_examiner")
    listing = await node.recommend(a_number(1), **DEAR)
    review = (await hub.review_of(listing))["review"]
    path = f"/console/reviews/{review}?lang=en"
    await desk.send(await desk.get(path), to="/decision", verdict="approve")
    second = await a_desk_of(hub, "wu.jie")

    own = await desk.get(path)
    page = await second.get(path)
    waiting = await second.get("/console/reviews?lane=free&lang=en")
    confirmed = await second.send(page, to="/confirmation", verdict="approve")

    assert own.all("//form[@class='decision']") == []
    assert "li.hua approved it." in page.texts("//form[@class='decision']/p")
    assert waiting.all("//input[@name='picked']") == []
    assert confirmed.status == 303
    assert await hub.state_of(listing) == "approved"
