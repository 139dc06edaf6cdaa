"""Staff at the hub's pages without a browser: cookies, forms as they were shown, redirects."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from shared_platform.sign_in.browser_sessions import Device, Opening, Stage, start_session
from shared_platform.sign_in.passwords import read_credentials
from shared_platform.workspace.cookie import cookie_name
from tests.main_platform.hub_builders import ReviewingHub
from tests.main_platform.hub_places import BASE
from tests.shared_platform.page_places import Page


class Desk:
    """One member of staff who is signed in: reads pages and sends the forms on them."""

    def __init__(self, hub: ReviewingHub, cookie: str) -> None:
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(hub.app),
            base_url=BASE,
            headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
            cookies={cookie_name(BASE): cookie},
        )

    async def get(self, path: str) -> Page:
        return Page(await self.client.get(path))

    async def post(self, path: str, fields: Mapping[str, Any] | None = None) -> Page:
        return Page(await self.client.post(path, data=dict(fields or {})))

    async def send(self, page: Page, *, to: str, **filled: Any) -> Page:
        """Fill the page's form whose action ends so (before its query), and send it."""
        form = next(
            one
            for one in page.all("//form[@method='post']")
            if one.get("action").partition("?")[0].endswith(to)
        )
        fields: dict[str, Any] = {}
        for name, value in form.fields.items():
            if value is not None:
                fields[name] = value.lstrip("\n") if isinstance(value, str) else list(value)
        picked = [one.get("value") for one in form.xpath(".//input[@name='picked']")]
        fields |= {"picked": picked} if picked else {}
        return await self.post(form.get("action"), fields | filled)

    async def follow(self, page: Page) -> Page:
        """Go where the answer leads, as browsers do after a form."""
        assert page.status == 303, page.text
        return await self.get(page.answer.headers["location"])


async def a_desk_of(hub: ReviewingHub, name: str) -> Desk:
    """The pages for somebody whom the hub has hired."""
    opening = Opening(Stage.WHOLE, Device("Firefox", "192.0.2.7"), timedelta(hours=9))
    async with hub.database.sessions.begin() as session:
        found = await read_credentials(session, name)
        assert found is not None
        cookie = await start_session(
            session, found.account_id, opening, ids=hub.ids, now=hub.clock.now()
        )
    return Desk(hub, cookie)
