"""Desk, deliveries, mirror: what an operator reads and does when the hub is away or refuses."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from shared_platform.database.engine import Database
from shared_schema.finding import Severity
from shared_schema.problem import ProblemType
from subplatform.declarations.states import State
from subplatform.operator_pages.delivery_words import DELIVERY_STATES
from subplatform.operator_pages.desk_words import DESK_WORDS, SEVERITY_WORDS, STATE_WORDS
from subplatform.outbox.deliveries import find_delivery
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.tables import OutboxMessageRow
from tests.subplatform.node_desk import NodeBrowser, NodeDesk, a_node_desk

REFUSED = {
    "code": "rule_violated",
    "detail": "违反 1 条规则 / 1 rule is violated",
    "errors": [{"pointer": "/period/end", "code": "DEC-08", "message": "许可期限过长 / too long"}],
}


@pytest.fixture
async def desk(node_committed: Database, tmp_path: Path) -> AsyncIterator[NodeDesk]:
    async with a_node_desk(node_committed, tmp_path) as desk:
        yield desk


async def recommended(desk: NodeDesk, browser: NodeBrowser, place: int = 1) -> UUID:
    listing = await desk.handed_in(place)
    answer = {"act": "accept_and_recommend", "answers": "true"}
    assert (await browser.fill(f"/verification/{listing}", answer)).status == 303
    return listing


async def refused(desk: NodeDesk, *oseqs: int) -> None:
    async with desk.sessions.begin() as session:
        dead = update(OutboxMessageRow).where(OutboxMessageRow.oseq.in_(oseqs))
        await session.execute(dead.values(state="dead", last_problem=REFUSED, attempts=1))


async def state_of(desk: NodeDesk, oseq: int) -> Any:
    async with desk.sessions() as session:
        return (await find_delivery(session, oseq)).state


async def test_the_desk_counts_what_waits_and_every_number_leads_to_its_list(
    desk: NodeDesk,
) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    await desk.handed_in(1)
    await recommended(desk, browser, 2)
    await recommended(desk, browser, 3)
    await refused(desk, 2)

    page = await browser.get("/desk?lang=en")

    figures = page.texts("//ul[@class='figures']/li")
    assert any(one.startswith("1 to verify") for one in figures)
    assert any(one.startswith("1 dead letters") for one in figures)
    assert any(one.startswith("1 on the way") for one in figures)
    links = page.links()
    assert {"/deliveries?view=dead&lang=en", "/verification?lang=en"} <= links
    for link in sorted(one for one in links if one.startswith(("/verif", "/deliv", "/mirror"))):
        assert (await browser.get(link)).status == 200, link


async def test_an_administrator_reads_the_desk_without_links_that_refuse(desk: NodeDesk) -> None:
    await desk.handed_in()
    browser = await desk.a_visitor("sun.li", "administrator")

    page = await browser.get("/desk")

    assert page.status == 200
    assert not any("/verification" in one or "/deliveries" in one for one in page.links())


async def test_a_dead_letter_says_what_to_do_and_is_sent_again(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    await recommended(desk, browser)
    await refused(desk, 1)

    page = await browser.get("/deliveries/1?lang=en")
    again = await browser.fill("/deliveries/1", {"act": "replay"})

    assert ProblemType.RULE_VIOLATED.value.remedy_en in page.text
    assert "/period/end" in page.text
    assert again.status == 303
    assert await state_of(desk, 1) == "waiting"


async def test_a_selection_of_dead_letters_is_sent_again(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    for place in (1, 2, 3):
        await recommended(desk, browser, place)
    await refused(desk, 1, 2, 3)

    chosen = {"oseqs": ["1", "3"]}
    sent = await browser.fill("/deliveries?view=dead", chosen, action="/deliveries/replay")

    assert sent.status == 303, sent.text
    assert [await state_of(desk, oseq) for oseq in (1, 2, 3)] == ["waiting", "dead", "waiting"]


async def test_a_refused_statement_is_taken_back_to_be_corrected(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    listing = await recommended(desk, browser)
    await refused(desk, 1)

    taken = await browser.fill("/deliveries/1", {"act": "take_back"})
    shown = await browser.get(f"/verification/{listing}")

    assert taken.status == 303
    assert await state_of(desk, 1) == "cancelled"
    assert "DEC-08" in shown.text


async def test_what_waits_is_tried_at_once_and_what_was_refused_is_not_retried(
    desk: NodeDesk,
) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")
    await recommended(desk, browser)

    tried = await browser.fill("/deliveries/1", {"act": "retry"})
    await refused(desk, 1)
    too_late = await browser.fill("/deliveries/1", {"act": "retry"})

    assert tried.status == 303
    assert too_late.status == 422
    assert await state_of(desk, 1) == "dead"


async def test_a_node_that_is_not_enrolled_is_told_how(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("zhao.min", "operator")

    page = await browser.get("/desk?lang=en")
    proof = await browser.post("/mirror?lang=en")

    assert DESK_WORDS["hub_unknown_note"].en in page.text
    assert "kaixu-node enrol" in proof.text


async def test_pages_of_the_desk_are_wholly_in_english_for_english_readers(
    desk: NodeDesk,
) -> None:
    browser = await desk.a_visitor("zhao.min", *("operator", "administrator"))
    listing = await recommended(desk, browser)
    waiting = await desk.handed_in(2, territory={"include": ["440100"]})
    await refused(desk, 1)
    paths = [
        "/desk",
        "/verification",
        "/verification?view=all",
        f"/verification/{listing}",
        f"/verification/{waiting}",
        f"/verification/{waiting}/correction",
        f"/verification/{waiting}/refusal",
        f"/verification/{waiting}/reading",
        "/deliveries",
        "/deliveries?view=dead",
        "/deliveries/1",
        "/deliveries/decisions",
        "/mirror",
        "/keys",
    ]

    found = {}
    for path in paths:
        page = await browser.get(f"{path}{'&' if '?' in path else '?'}lang=en")
        assert page.status == 200, path
        typed = page.texts("//textarea")  # what a person wrote into a field is no word of ours
        found[path] = [text for text in page.untranslated() if text.strip() not in typed]

    assert {path: texts for path, texts in found.items() if texts} == {}


def test_every_state_and_every_operation_has_words() -> None:
    assert set(DELIVERY_STATES) == {state.value for state in DeliveryState}
    assert set(STATE_WORDS) == {state.value for state in State}
    assert set(SEVERITY_WORDS) == {severity.value for severity in Severity}
