"""People make tokens for their programs, with fewer permissions than they have, and revoke them."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.sign_in.access_policy import NotSignedIn
from shared_platform.sign_in.tokens import authenticate
from tests.shared_platform.page_places import Page
from tests.shared_platform.workspace_places import POLICY, Browser, Desk, May, a_desk


@pytest.fixture
def desk(hub_sessions: async_sessionmaker[AsyncSession]) -> Desk:
    return a_desk(hub_sessions)


async def make(browser: Browser, *scopes: str, days: int = 7, label: str = "script") -> Page:
    fields = {"label": label, "days": str(days), "scopes": list(scopes)}
    return await browser.post("/account/tokens", dict(fields))


async def test_a_token_is_shown_once_and_may_what_was_ticked(desk: Desk) -> None:
    browser = await desk.a_visitor("li.na", "writer", "counter")

    made = await make(browser, "count")
    [token] = made.texts("//code[@class='secret']")
    later = await browser.get("/account/tokens")
    async with desk.sessions.begin() as session:
        caller = await authenticate(session, token, now=desk.clock.now())

    assert POLICY.permissions(caller) == {May.COUNT}
    assert token not in later.text
    assert later.texts("//tbody/tr/td[2]") == ["count"]
    assert await desk.acts() == ["own_token_issued"]


async def test_a_revoked_token_stops_at_once_and_only_its_owner_revokes_it(desk: Desk) -> None:
    browser, other = await desk.a_visitor(), await desk.a_visitor("wang.wei")
    made = await make(browser, "write")
    [token] = made.texts("//code[@class='secret']")
    [form] = made.all("//tbody//form")
    path = form.get("action")

    refused = await other.post(path)
    revoked = await browser.post(path)

    assert (refused.status, revoked.status) == (404, 303)
    async with desk.sessions.begin() as session:
        with pytest.raises(NotSignedIn):
            await authenticate(session, token, now=desk.clock.now())
    assert await desk.acts() == ["own_token_issued", "own_token_revoked"]


@pytest.mark.parametrize(
    ("scopes", "days"), [(("count",), 7), ((), 7), (("write",), 0), (("write",), 367)]
)
async def test_a_token_beyond_its_owner_or_its_time_is_not_made(
    desk: Desk, scopes: tuple[str, ...], days: int
) -> None:
    browser = await desk.a_visitor()

    page = await make(browser, *scopes, days=days)

    assert page.status == 422
    assert page.texts("//div[@role='alert']//li")
    assert await desk.acts() == []
