"""Forms of the workspace: what is typed stays, what is wrong is explained, twice is once."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.engine import Database
from shared_platform.transport.cross_site import own_origin
from tests.shared_platform.workspace_places import BASE, Browser, Desk, a_desk


@pytest.fixture
def desk(hub_sessions: async_sessionmaker[AsyncSession]) -> Desk:
    return a_desk(hub_sessions)


async def a_key(browser: Browser) -> str:
    [hidden] = (await browser.get("/notes")).all("//input[@name='once']")
    return str(hidden.get("value"))


async def test_a_form_sent_twice_acts_once_and_says_the_same_twice(desk: Desk) -> None:
    browser = await desk.a_visitor()
    note = {"text": "first", "once": await a_key(browser)}

    answers = [await browser.post("/notes", dict(note)) for _ in range(2)]
    shown = await browser.get("/notes")

    assert desk.written == ["first"]
    assert {(one.status, one.answer.headers["location"]) for one in answers} == {(303, "/notes")}
    assert shown.texts("//div[@role='status']") == ["写了第 1 条"] * 2


async def test_a_double_click_acts_once(hub_committed: Database) -> None:
    desk = a_desk(hub_committed.sessions)
    browser = await desk.a_visitor()
    note = {"text": "first", "once": await a_key(browser)}

    answers = await asyncio.gather(*(browser.post("/notes", dict(note)) for _ in range(3)))

    assert [one.status for one in answers] == [303, 303, 303]
    assert desk.written == ["first"]


async def test_the_key_of_a_sent_form_takes_no_other_content(desk: Desk) -> None:
    browser = await desk.a_visitor()
    key = await a_key(browser)
    await browser.post("/notes", {"text": "first", "once": key})

    page = await browser.post("/notes", {"text": "second", "once": key})

    assert page.status == 422
    assert desk.written == ["first"]


async def test_what_was_refused_can_be_corrected_under_the_same_key(desk: Desk) -> None:
    browser = await desk.a_visitor()
    key = await a_key(browser)

    refused = await browser.post("/notes", {"text": "refuse", "once": key})
    done = await browser.post("/notes", {"text": "second", "once": key})

    assert refused.texts("//div[@role='alert']//li") == ["已满"]
    assert refused.all("//input[@name='once']")[0].get("value") == key
    assert (done.status, desk.written) == (303, ["second"])


async def test_nothing_typed_is_lost_and_every_fault_is_at_its_field(desk: Desk) -> None:
    browser = await desk.a_visitor()
    sent = {"text": "ab", "pages": "none", "tags": ["b"], "once": await a_key(browser)}

    page = await browser.post("/notes?lang=en", dict(sent))

    assert page.status == 422
    assert page.all("//input[@name='text']")[0].get("value") == "ab"
    assert page.all("//input[@name='pages']")[0].get("value") == "none"
    assert [one.get("value") for one in page.all("//input[@name='tags'][@checked]")] == ["b"]
    assert page.texts("//div[@role='alert']//a") == [
        "At least 3 characters",
        "Enter a whole number",
    ]
    assert page.all("//input[@name='text']")[0].get("aria-describedby") == "h-text e-text"


async def test_a_field_that_the_form_does_not_have_is_refused(desk: Desk) -> None:
    browser = await desk.a_visitor()
    sent = {"text": "fine", "approved_by": "me", "once": await a_key(browser)}

    page = await browser.post("/notes", dict(sent))

    assert (page.status, desk.written) == (422, [])


async def test_a_form_without_its_key_does_nothing(desk: Desk) -> None:
    browser = await desk.a_visitor()

    assert (await browser.post("/notes", {"text": "fine"})).status == 422
    assert desk.written == []


FOREIGN: list[dict[str, str]] = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": BASE},
    {"sec-fetch-site": "", "origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://evil.example"},
    {"origin": f"{BASE}.evil.example"},
    {"origin": BASE.replace("https", "http")},
    {},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_no_other_site_makes_a_browser_act(desk: Desk, headers: dict[str, str]) -> None:
    browser = await desk.a_visitor()
    key = await a_key(browser)
    del browser.client.headers["sec-fetch-site"]

    page = await browser.post("/notes", {"text": "fine", "once": key}, **headers)

    assert page.status == 403
    assert "cross_site_refused" in page.text
    assert desk.written == []


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": BASE}], ids=str)
async def test_its_own_pages_may(desk: Desk, headers: dict[str, str]) -> None:
    browser = await desk.a_visitor()
    key = await a_key(browser)
    del browser.client.headers["sec-fetch-site"]

    page = await browser.post("/notes", {"text": "fine", "once": key}, **headers)

    assert page.status == 303


def test_an_origin_is_written_as_browsers_write_it() -> None:
    assert own_origin("https://Hub.example:443/base") == "https://hub.example"
    assert own_origin("http://127.0.0.1:8800") == "http://127.0.0.1:8800"
