"""People sign in with a browser: sessions, cookies, links; what is refused, and how."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.sign_in.accounts import Changed, change_account
from shared_platform.sign_in.browser_sessions import Stage, forget_sessions
from shared_platform.sign_in.links import Purpose, issue_link
from shared_platform.workspace.local_path import local_path
from tests.shared_platform.page_places import Page
from tests.shared_platform.workspace_places import (
    PASSWORD,
    POLICY,
    SIGNED_IN_AS,
    Browser,
    Desk,
    a_desk,
)


@pytest.fixture
def desk(hub_sessions: async_sessionmaker[AsyncSession]) -> Desk:
    return a_desk(hub_sessions)


def leads_to(page: Page) -> str:
    answer = page.answer
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_page_leads_to_the_form_and_the_form_back_to_the_page(desk: Desk) -> None:
    await desk.hire(password=PASSWORD)
    browser = desk.browser()

    asked = await browser.get("/notes?lang=en")
    form_at = leads_to(asked)
    form = await browser.get(form_at)
    action = form.all("//main//form")[0].get("action")
    done = await browser.post(action, {"name": SIGNED_IN_AS, "password": PASSWORD})
    notes = await browser.get(leads_to(done))

    assert form_at == "/sign-in?next=%2Fnotes%3Flang%3Den&lang=en"
    assert leads_to(done) == "/notes?lang=en"
    assert notes.status == 200
    assert desk.app.state.settings.base_url.startswith("https")
    assert await desk.acts() == ["signed_in"]


async def test_the_cookie_is_bound_to_this_host_and_read_by_no_script(desk: Desk) -> None:
    await desk.hire(password=PASSWORD)

    done = await desk.browser().sign_in()

    name, *attributes = done.answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-kaixu=")
    assert len(name.partition("=")[2]) >= 43  # 256 bits as base64url
    assert set(attributes) == {"HttpOnly", "Path=/", "SameSite=lax", "Secure"}
    assert done.answer.headers["cache-control"] == "no-store"


async def test_an_address_serves_as_a_name(desk: Desk) -> None:
    await desk.hire("wang@gd.example", password=PASSWORD)

    done = await desk.browser().sign_in("  Wang@GD.example ")

    assert leads_to(done) == "/workspace"


@pytest.mark.parametrize(
    ("name", "password"),
    [(SIGNED_IN_AS, "another password"), ("nobody", PASSWORD), ("off", PASSWORD), ("no-word", "x")],
)
async def test_every_refusal_reads_the_same_and_keeps_the_name(
    desk: Desk, name: str, password: str
) -> None:
    await desk.hire(password=PASSWORD)
    await desk.hire("no-word")
    await desk.hire("off", password=PASSWORD)
    async with desk.sessions.begin() as session:
        await change_account(
            session, "off", Changed(is_active=False), policy=POLICY, now=desk.clock.now()
        )
    browser = desk.browser()

    page = await browser.sign_in(name, password)

    assert page.status == 422
    assert browser.cookie is None
    assert page.texts("//div[@role='alert']//li") == ["账号或密码不对；连续输错会暂停登录"]
    assert page.all("//input[@name='name']")[0].get("value") == name
    assert page.all("//input[@name='password']")[0].get("value") == ""


async def test_an_empty_form_says_what_is_missing_at_each_field(desk: Desk) -> None:
    page = await desk.browser().post("/sign-in?lang=en", {"name": "li.na", "password": ""})

    assert page.status == 422
    assert page.texts("//p[@id='e-password']") == ["Error: Fill this in"]
    assert page.all("//input[@name='password']")[0].get("aria-invalid") == "true"
    assert page.all("//div[@role='alert']//a")[0].get("href") == "#f-password"


async def test_signing_in_again_takes_a_new_id_and_ends_the_old_one(desk: Desk) -> None:
    await desk.hire(password=PASSWORD)
    browser = desk.browser()
    await browser.sign_in()
    first = browser.cookie
    await browser.sign_in()

    stale = desk.browser()
    stale.plant(first or "")
    assert browser.cookie not in {None, first}
    assert (await stale.get("/workspace")).status == 303
    assert (await browser.get("/workspace")).status == 200


async def test_an_id_that_somebody_planted_is_never_taken_over(desk: Desk) -> None:
    await desk.hire(password=PASSWORD)
    browser = desk.browser()
    browser.plant("A" * 44)

    done = await browser.sign_in()

    assert "A" * 44 not in done.answer.headers["set-cookie"]


async def test_signing_out_ends_the_session_at_once(desk: Desk) -> None:
    browser = await desk.a_visitor()
    kept = browser.cookie

    done = await browser.post("/sign-out")
    stale = desk.browser()
    stale.plant(kept or "")

    assert leads_to(done) == "/sign-in?said=signed-out"
    assert browser.cookie is None
    assert done.answer.headers["clear-site-data"] == '"cache"'
    assert (await stale.get("/workspace")).status == 303
    assert "您已退出" in (await browser.get(leads_to(done))).text


async def test_a_session_ends_when_it_is_not_used_and_at_last_in_any_case(desk: Desk) -> None:
    account = await desk.hire()
    idle, busy = await desk.again(account), await desk.again(account)

    found = []
    for _ in range(25):
        desk.clock.forward(minutes=25)
        found.append((await busy.get("/workspace")).status)

    assert found == [200] * 23 + [303] * 2  # of ten hours
    assert (await idle.get("/workspace")).status == 303
    async with desk.sessions.begin() as session:
        assert await forget_sessions(session, now=desk.clock.now()) == 2


async def test_whoever_is_switched_off_is_out_with_the_next_request(desk: Desk) -> None:
    browser = await desk.a_visitor()
    async with desk.sessions.begin() as session:
        await change_account(
            session, SIGNED_IN_AS, Changed(is_active=False), policy=POLICY, now=desk.clock.now()
        )

    assert (await browser.get("/workspace")).status == 303


async def test_new_roles_ask_for_a_new_session(desk: Desk) -> None:
    browser = await desk.a_visitor()
    async with desk.sessions.begin() as session:
        await change_account(
            session, SIGNED_IN_AS, Changed(roles=("counter",)), policy=POLICY, now=desk.clock.now()
        )

    assert (await browser.get("/workspace")).status == 303


async def test_somebody_sees_their_sessions_and_ends_those_elsewhere(desk: Desk) -> None:
    account = await desk.hire()
    here, there, third = [await desk.again(account) for _ in range(3)]

    page = await here.get("/account")
    ends = [one.get("action") for one in page.all("//table//form")]
    done = await here.post(ends[0])
    left = [one for one in (there, third) if (await one.get("/workspace")).status == 200]
    shown = await here.get(leads_to(done))
    await here.post("/account/sessions/end-others")

    assert len(ends) == 2
    assert len(left) == 1
    assert shown.texts("//div[@role='status']") == ["会话已结束。"]
    assert (await here.get("/account")).texts("//div[@role='status']") == ["其他会话都已结束。"]
    assert (await here.get("/account")).texts("//div[@role='status']") == []
    assert (await left[0].get("/workspace")).status == 303
    assert await desk.acts() == ["sessions_ended", "sessions_ended"]


async def test_nobody_ends_the_session_of_somebody_else(desk: Desk) -> None:
    wang = await desk.hire("wang.wei")
    mine, theirs, _ = await desk.a_visitor(), await desk.again(wang), await desk.again(wang)
    page = await theirs.get("/account")
    [path] = [one.get("action") for one in page.all("//table//form")]

    assert (await mine.post(path)).status == 404
    assert len((await theirs.get("/account")).all("//table//form")) == 1


async def test_what_is_not_allowed_is_a_page_that_names_the_way(desk: Desk) -> None:
    browser = await desk.a_visitor("wang.wei", "counter")

    page = await browser.get("/notes?lang=en")

    assert page.status == 403
    assert "needs write, held by: writer" in page.text


async def test_the_menu_holds_what_one_may_do(desk: Desk) -> None:
    writer, counter = await desk.a_visitor(), await desk.a_visitor("wang.wei", "counter")

    shown = [
        (await one.get("/workspace")).texts("//nav[@class='side']/a") for one in (writer, counter)
    ]

    assert shown == [["工作台", "便条", "我的账号"], ["工作台", "计数", "我的账号"]]


async def test_pages_of_the_workspace_are_kept_by_nobody(desk: Desk) -> None:
    browser = await desk.a_visitor()

    for path in ("/workspace", "/account", "/account/password", "/notes", "/sign-in"):
        assert (await browser.get(path)).answer.headers["cache-control"] == "no-store"


async def test_a_session_that_lacks_a_step_opens_nothing(desk: Desk) -> None:
    account = await desk.hire()
    browser = await desk.again(account, Stage.SECOND_FACTOR)

    assert leads_to(await browser.get("/notes")).startswith("/sign-in/second-factor?next=")


async def test_htmx_leads_the_whole_page_to_the_form(desk: Desk) -> None:
    answer = (await desk.browser().get("/notes", **{"hx-request": "true"})).answer

    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/sign-in?next=%2Fnotes")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\tevil",
        "javascript:alert(1)",
        "notes",
        "/notes\r\nset-cookie: x",
        "",
        "/a\\b",
        "/%0d%0a " + "x" * 2_000,
    ],
)
def test_no_address_leads_away_from_here(address: str) -> None:
    assert local_path(address) is None


async def test_a_foreign_next_is_dropped(desk: Desk) -> None:
    await desk.hire(password=PASSWORD)

    done = await desk.browser().sign_in(query="?next=https%3A%2F%2Fevil.example%2F")

    assert leads_to(done) == "/workspace"


async def an_invitation(desk: Desk, name: str = SIGNED_IN_AS) -> str:
    account = await desk.hire(name)
    now = desk.clock.now()
    async with desk.sessions.begin() as session:
        secret = await issue_link(
            session,
            account,
            purpose=Purpose.INVITATION,
            expires_at=now + timedelta(hours=72),
            ids=desk.ids,
            now=now,
        )
    return f"/welcome?link={secret}"


async def choose(browser: Browser, link: str, password: str, repeated: str | None = None) -> Page:
    fields = {"password": password, "repeated": password if repeated is None else repeated}
    return await browser.post(link, dict(fields))


async def test_an_invitation_lets_its_reader_choose_a_password_once(desk: Desk) -> None:
    link = await an_invitation(desk)
    browser = desk.browser()

    looked = [await browser.get(link), await browser.get(link)]
    done = await choose(browser, link, PASSWORD)
    again = await choose(desk.browser(), link, "another long password")

    assert [one.status for one in looked] == [200, 200]
    assert leads_to(done) == "/workspace"
    assert (await browser.get("/workspace")).status == 200
    assert again.status == 404
    assert leads_to(await desk.browser().sign_in()) == "/workspace"
    assert await desk.acts() == ["password_set", "signed_in", "signed_in"]


@pytest.mark.parametrize(
    ("password", "repeated", "field"),
    [
        ("short", "short", "password"),
        ("password2026!!", "password2026!!", "password"),
        (PASSWORD, "seven copper kettle", "repeated"),
    ],
)
async def test_a_weak_or_mistyped_password_is_explained_and_nothing_used_up(
    desk: Desk, password: str, repeated: str, field: str
) -> None:
    link = await an_invitation(desk)

    page = await choose(desk.browser(), link, password, repeated)

    assert page.status == 422
    assert [one.get("href") for one in page.all("//div[@role='alert']//a")] == [f"#f-{field}"]
    assert password not in re.sub(r"(?s)<p class=\"hint\".*?</p>", "", page.text)
    assert (await desk.browser().get(link)).status == 200


async def test_a_link_that_is_old_replaced_or_of_nobody_reads_the_same(desk: Desk) -> None:
    late = await an_invitation(desk)
    desk.clock.forward(hours=72)
    texts = {
        (await desk.browser().get(link)).text for link in (late, "/welcome?link=x", "/welcome")
    }

    assert len({re.sub(r"href=\"[^\"]*\"", "", text) for text in texts}) == 1
    assert "链接已失效" in texts.pop()


async def test_another_password_ends_every_other_session(desk: Desk) -> None:
    account = await desk.hire(password=PASSWORD)
    here, there = await desk.again(account), await desk.again(account)
    before = here.cookie
    new = "eight copper kettles"
    fields = {"present": PASSWORD, "password": new, "repeated": new}

    done = await here.post("/account/password", dict(fields))
    shown = await here.get(leads_to(done))

    assert here.cookie != before
    assert "密码已更改" in shown.texts("//div[@role='status']")[0]
    assert (await there.get("/workspace")).status == 303
    assert (await desk.browser().sign_in()).status == 422
    assert (await desk.browser().sign_in(password=new)).status == 303


async def test_a_wrong_present_password_changes_nothing(desk: Desk) -> None:
    account = await desk.hire(password=PASSWORD)
    here = await desk.again(account)
    fields = {
        "present": "guess guess guess",
        "password": "new long words",
        "repeated": "new long words",
    }

    page = await here.post("/account/password", dict(fields))

    assert page.texts("//p[@id='e-present']") == ["有误：现在的密码不对"]
    assert (await desk.browser().sign_in()).status == 303
