"""The second factor: a code is taken once, recovery codes too, and nothing goes around it."""

import pyotp
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.sign_in.browser_sessions import Stage
from shared_platform.sign_in.second_factor import (
    RECOVERY_CODES,
    confirm_device,
    make_recovery_codes,
    matching_step,
    propose_device,
    take_code,
)
from shared_platform.sign_in.throttle import FIRST_WAIT, FREE_TRIES, LONGEST_WAIT, wait_after
from shared_schema.instants import Instant
from tests.shared_platform.page_places import Page
from tests.shared_platform.workspace_places import (
    PASSWORD,
    SIGNED_IN_AS,
    START,
    Browser,
    Desk,
    SetClock,
    a_desk,
)

# RFC 6238 appendix B, SHA-1: the last six of the eight digits at each time.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1234567890, "005924"),
    (20000000000, "353130"),
]


@pytest.fixture
def desk(hub_sessions: async_sessionmaker[AsyncSession]) -> Desk:
    return a_desk(hub_sessions)


def code_of(secret: str, clock: SetClock) -> str:
    return pyotp.TOTP(secret.replace(" ", "")).at(clock.now())


def leads_to(page: Page) -> str:
    assert page.status == 303, page.text
    return str(page.answer.headers["location"])


async def a_protected(desk: Desk, name: str = SIGNED_IN_AS, *, password: str | None = None) -> str:
    """Somebody with a device; its secret. The clock is past the code that confirmed it."""
    account = await desk.hire(name, password=password)
    async with desk.sessions.begin() as session:
        secret = await propose_device(session, account, ids=desk.ids, now=desk.clock.now())
        assert await confirm_device(
            session, account, code_of(secret, desk.clock), now=desk.clock.now()
        )
    desk.clock.forward(minutes=2)
    return secret


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = Instant.fromtimestamp(seconds, tz=START.tzinfo)

    assert matching_step(RFC_SECRET, code, now=now) == seconds // 30
    assert matching_step(RFC_SECRET, f"{code[:3]} {code[3:]}", now=now) == seconds // 30
    assert matching_step(RFC_SECRET, "000000", now=now) is None


async def test_the_password_alone_opens_nothing(desk: Desk) -> None:
    secret = await a_protected(desk, password=PASSWORD)
    browser = desk.browser()

    asked = leads_to(await browser.sign_in(query="?next=%2Fnotes"))
    half = browser.cookie
    turned_away = leads_to(await browser.get("/notes"))
    done = await browser.post(asked, {"code": code_of(secret, desk.clock)})

    assert asked == turned_away == "/sign-in/second-factor?next=%2Fnotes"
    assert leads_to(done) == "/notes"
    assert browser.cookie != half
    assert (await browser.get("/notes")).status == 200
    assert await desk.acts() == ["signed_in"]


async def test_a_code_is_taken_once_though_two_ask_with_it(desk: Desk) -> None:
    secret = await a_protected(desk)
    account = await desk.account_of()
    code = code_of(secret, desk.clock)
    async with desk.sessions.begin() as session:
        taken = [await take_code(session, account, code, now=desk.clock.now()) for _ in range(2)]
        desk.clock.forward(seconds=30)
        older = await take_code(session, account, code, now=desk.clock.now())

    assert (taken, older) == ([True, False], False)


async def test_recovery_codes_let_in_once_each_and_new_ones_replace_them(desk: Desk) -> None:
    await a_protected(desk)
    account = await desk.account_of()
    now = desk.clock.now()
    async with desk.sessions.begin() as session:
        first = await make_recovery_codes(session, account, ids=desk.ids)
        typed = first[0].lower().replace("-", " ")
        used = [await take_code(session, account, typed, now=now) for _ in range(2)]
        second = await make_recovery_codes(session, account, ids=desk.ids)
        old = await take_code(session, account, first[1], now=now)

    assert used == [True, False]
    assert not old
    assert len({*first, *second}) == 2 * RECOVERY_CODES


async def test_somebody_elses_recovery_code_opens_nothing(desk: Desk) -> None:
    await a_protected(desk)
    await a_protected(desk, "wang.wei")
    mine = await desk.account_of()
    theirs = await desk.account_of("wang.wei")
    async with desk.sessions.begin() as session:
        codes = await make_recovery_codes(session, theirs, ids=desk.ids)

        assert not await take_code(session, mine, codes[0], now=desk.clock.now())


async def test_wrong_codes_make_it_wait_and_a_right_one_too(desk: Desk) -> None:
    secret = await a_protected(desk, password=PASSWORD)
    browser = desk.browser()
    await browser.sign_in()

    found = [await browser.post("/sign-in/second-factor", {"code": "000000"}) for _ in range(6)]
    waiting = await browser.post("/sign-in/second-factor", {"code": code_of(secret, desk.clock)})
    desk.clock.forward(minutes=2)
    done = await browser.post("/sign-in/second-factor", {"code": code_of(secret, desk.clock)})

    assert [one.status for one in found] == [422] * 5 + [429]
    assert waiting.status == 429
    assert leads_to(done) == "/workspace"


async def test_where_it_is_required_a_device_comes_first(desk: Desk) -> None:
    desk.require_second_factor()
    await desk.hire(password=PASSWORD)
    browser = desk.browser()

    step = leads_to(await browser.sign_in())
    shown, again = await browser.get(step), await browser.get(step)
    secret = shown.texts("//code[@class='secret']")[0]
    wrong = await browser.post(step, {"code": "000000"})
    turned_away = leads_to(await browser.get("/workspace"))
    done = await browser.post(step, {"code": code_of(secret, desk.clock)})

    assert step == "/sign-in/enrolment"
    assert again.texts("//code[@class='secret']") == [secret]
    assert shown.all("//div[@role='img']//*[local-name()='path']")
    assert wrong.status == 422
    assert turned_away.startswith("/sign-in/enrolment")
    assert len(done.texts("//ul[@class='codes']/li")) == RECOVERY_CODES
    assert (await browser.get("/workspace")).status == 200
    assert await desk.acts() == ["second_factor_set", "signed_in"]


async def test_the_code_that_confirmed_a_device_lets_nobody_in(desk: Desk) -> None:
    account = await desk.hire()
    async with desk.sessions.begin() as session:
        secret = await propose_device(session, account, ids=desk.ids, now=desk.clock.now())
        code = code_of(secret, desk.clock)
        assert await confirm_device(session, account, code, now=desk.clock.now())

        assert not await take_code(session, account, code, now=desk.clock.now())


@pytest.mark.parametrize("stage", [Stage.SECOND_FACTOR, Stage.ENROLLING])
async def test_half_a_session_reaches_no_page_of_the_account(desk: Desk, stage: Stage) -> None:
    browser = await desk.again(await desk.hire(), stage)
    paths = ("/account", "/account/second-factor", "/account/password", "/workspace")
    forms = ("/account/second-factor", "/account/second-factor/change", "/account/password")

    assert {(await browser.get(path)).status for path in paths} == {303}
    assert {(await browser.post(path)).status for path in forms} == {303}


async def on_account(browser: Browser, act: str, code: str) -> Page:
    return await browser.post("/account/second-factor/change", {"act": act, "code": code})


async def test_the_owner_sets_it_up_makes_new_codes_and_takes_it_away(desk: Desk) -> None:
    browser = await desk.a_visitor()
    shown = await browser.get("/account/second-factor")
    secret = shown.texts("//code[@class='secret']")[0]

    codes = await browser.post("/account/second-factor", {"code": code_of(secret, desk.clock)})
    first = codes.texts("//ul[@class='codes']/li")
    page = await browser.get("/account/second-factor")
    wrong = await on_account(browser, "removal", "000000")
    more = await on_account(browser, "codes", first[0])
    removed = await on_account(browser, "removal", more.texts("//ul[@class='codes']/li")[0])

    assert "10" in page.texts("//p[@class='lead']")[0]
    assert wrong.status == 422
    assert leads_to(removed) == "/account/second-factor"
    assert await desk.acts() == [
        "second_factor_set",
        "signed_in",
        "recovery_codes_made",
        "second_factor_removed",
        "signed_in",
    ]


async def test_a_device_is_not_replaced_without_the_old_one(desk: Desk) -> None:
    await a_protected(desk)
    browser = await desk.again(await desk.account_of())

    page = await browser.post("/account/second-factor", {"code": "000000"})

    assert page.status == 422
    assert page.texts("//code[@class='secret']") == []


def test_waiting_doubles_and_never_grows_beyond_its_bound() -> None:
    waits = [wait_after(failures) for failures in range(1, 60)]

    assert waits[: FREE_TRIES - 1] == [wait_after(0)] * (FREE_TRIES - 1)
    assert waits[FREE_TRIES - 1] == FIRST_WAIT
    assert waits[FREE_TRIES] == FIRST_WAIT * 2
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
