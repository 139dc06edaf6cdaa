"""Browsers of the hub's staff, with sessions made without the time that a password takes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select

from shared_platform.sign_in.browser_sessions import Device, Opening, Stage, start_session
from shared_platform.sign_in.tables import account
from shared_platform.workspace.cookie import cookie_name
from tests.main_platform.hub_places import BASE, OpenHub
from tests.shared_platform.page_places import Page

_HEADERS = {"accept": "text/html,application/xhtml+xml", "sec-fetch-site": "same-origin"}


@dataclass
class DeskBrowser:
    """A member of staff who signed in; follows no redirect by itself."""

    client: httpx.AsyncClient

    async def get(self, path: str) -> Page:
        return Page(await self.client.get(path))

    async def post(self, path: str, fields: dict[str, Any]) -> Page:
        return Page(await self.client.post(path, data=fields))

    async def fill(self, path: str, **fields: Any) -> Page:
        """Open the page, send its form with the key that it has, and see where that leads."""
        opened = await self.get(path)
        (key, *_) = opened.all("//form[@method='post']//input[@name='once']")
        sent = await self.post(path, {"once": key.get("value"), **fields})
        return await self.follow(sent)

    async def follow(self, sent: Page) -> Page:
        """The page that an answer leads to, or the answer."""
        if sent.status != httpx.codes.SEE_OTHER:
            return sent
        return await self.get(sent.answer.headers["location"])


async def a_browser(hub: OpenHub, name: str, *roles: str) -> DeskBrowser:
    """Hire somebody if roles are given, and let them in."""
    if roles:
        await hub.hire(name, *roles)
    opening = Opening(Stage.WHOLE, Device("Firefox", "192.0.2.7"), timedelta(hours=10))
    async with hub.database.sessions.begin() as session:
        owner = await session.scalar(select(account.c.id).where(account.c.name == name))
        assert owner is not None
        secret = await start_session(session, owner, opening, ids=hub.ids, now=hub.clock.now())
    transport = httpx.ASGITransport(hub.app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url=BASE, headers=_HEADERS)
    client.cookies.set(cookie_name(BASE), secret, domain="hub.test", path="/")
    return DeskBrowser(client)
