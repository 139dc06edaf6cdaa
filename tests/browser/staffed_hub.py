"""A real hub at a port of this machine with a queue of real offers, for browsers of its staff."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page
from sqlalchemy import text

from main_platform.application import build_hub_app
from shared_platform.database.engine import Database
from shared_platform.sign_in.browser_sessions import Device, Opening, Stage, start_session
from shared_platform.sign_in.passwords import read_credentials
from shared_platform.workspace.cookie import cookie_name
from tests.browser.browsing import bound, running, url_of
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    costing,
)
from tests.main_platform.test_review_regions import GUANGZHOU, SHENZHEN, a_holder

TITLES = (
    "一种获取纯净语音的录音方法",
    "基于荔枝多酚的保鲜涂膜及其制备方法",
    "用于水下机器人的可折叠推进器",
    "一种低温烧结陶瓷基板",
    "高层建筑外墙清洗装置",
    "稻田退水氮磷拦截系统",
)
HOLDERS = ("五邑大学", "华南农业大学", "广东工业大学", "佛山市某陶瓷有限公司")
_NAMED = text(
    "UPDATE node SET name_zh = '深圳市知识产权服务中心', name_en = 'Shenzhen IP centre'"
    " WHERE id = 'sz-centre'"
)
ROYALTY = {
    "fee": {
        "payment": {
            "mode": "entry_plus_royalty",
            "entry_fen": 5_000_000,
            "royalty": {"base": "net_sales", "rate_percent": "3"},
        }
    }
}


@dataclass
class StaffedHub:
    """The hub, where browsers find it, and the nodes that recommend to it."""

    hub: ReviewingHub
    url: str
    gz: SendingNode
    sz: SendingNode

    async def sign_in(self, page: Page, name: str) -> None:
        """Give the browser a session of this member of staff."""
        opening = Opening(Stage.WHOLE, Device("Chromium", "127.0.0.1"), timedelta(hours=9))
        async with self.hub.database.sessions.begin() as session:
            found = await read_credentials(session, name)
            assert found is not None
            now = self.hub.clock.now()
            cookie = await start_session(
                session, found.account_id, opening, ids=self.hub.ids, now=now
            )
        cookie_at = {"name": cookie_name(self.url), "value": cookie, "url": self.url}
        await page.context.add_cookies([cookie_at])  # type: ignore[list-item]

    async def fill_queue(self, count: int, *, first: int = 100) -> list[Listing]:
        """So many offers that wait, of both nodes, some with findings."""
        listings = []
        for serial in range(first, first + count):
            node = self.gz if serial % 3 else self.sz
            listings.append(node.offer(a_number(serial), **_terms(serial)))
        for node in (self.gz, self.sz):
            await node.send(*(one.last for one in listings if one.last.statement.origin == node.id))
        return listings

    async def next_offer(self, listing: Listing, **changes: Any) -> None:
        """A newer version of a listing on its former terms, but for these."""
        serial = int(listing.number[5:-1])
        node = self._node_of(listing)
        await node.send(node.next_offer(listing, **_terms(serial) | changes))

    async def send(self, listing: Listing, op: str) -> None:
        """What the listing's node says of it."""
        node = self._node_of(listing)
        await node.send(node.change(listing, op))

    def _node_of(self, listing: Listing) -> SendingNode:
        return self.gz if listing.last.statement.origin == self.gz.id else self.sz

    async def conflict(self, serial: int) -> tuple[Listing, Listing]:
        """Two nodes offer one patent: the public one, and the one that is held."""
        public = await self.gz.recommend(a_number(serial), **_terms(serial))
        await self.hub.publish(public)
        held = await self.sz.recommend(a_number(serial), **_terms(serial) | costing(9_000))
        return public, held


def _terms(serial: int) -> dict[str, Any]:
    number = a_number(serial)
    title = TITLES[serial % len(TITLES)]
    region = GUANGZHOU if serial % 2 else SHENZHEN
    changes: dict[str, Any] = {
        "holders": [a_holder(region, HOLDERS[serial % len(HOLDERS)])],
        "patent": {"application_number": number, "kind": "invention", "title": title},
        "technical_field": {"ipc": ["G10L 21/02"], "industries": [], "text": "语音信号处理"},
        "abstract": "本发明公开了一种方法，可在现有设备上实施，无需改动产线。",
    }
    if serial % 5 == 0:
        changes |= {"period": {"end": "2027-06-30"}}
    return changes | (ROYALTY if serial % 4 == 0 else {})


@asynccontextmanager
async def a_staffed_hub(database: Database, folder: Path) -> AsyncIterator[StaffedHub]:
    """The hub with two nodes; its pages are served over HTTP, its nodes speak to it in-process."""
    async with a_reviewing_hub(database, folder) as hub:
        gz = await hub.admit("gz-centre")
        sz = await hub.admit("sz-centre")
        async with hub.database.sessions.begin() as session:
            await session.execute(_NAMED)
        with bound() as at:
            url = url_of(at)
            settings = hub.context.settings.model_copy(update={"public_base_url": url})
            service = replace(hub.context.service, settings=settings)
            app = build_hub_app(replace(hub.context, settings=settings, service=service))
            async with running(app, at):
                yield StaffedHub(hub, url, gz, sz)
