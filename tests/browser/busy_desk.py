"""A node's desk with a day's work on it, at a port: what axe walks and what is looked at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page
from sqlalchemy import update

from shared_platform.alarms.alarms import Finding, raise_alarm
from shared_platform.alarms.codes import AlarmCode
from shared_platform.database.engine import Database
from shared_platform.workspace.cookie import cookie_name
from subplatform.context import desk_of
from subplatform.declarations.import_work import ImportWork
from subplatform.outbox.tables import OutboxMessageRow
from tests.browser.browsing import bound, running, url_of
from tests.subplatform.node_builders import NOW, a_list, a_number, a_row, facts_of
from tests.subplatform.node_desk import NodeBrowser, NodeDesk, a_node_desk

PATENTS = (
    ("一种获取纯净语音的录音方法", "五邑大学"),
    ("基于荔枝多酚的保鲜涂膜及其制备方法", "华南农业大学"),
    ("用于水下机器人的可折叠推进器", "广东工业大学"),
    ("一种低温烧结陶瓷基板及其制备工艺", "佛山市某陶瓷有限公司"),
    ("高层建筑外墙清洗装置", "广东工业大学"),
    ("稻田退水氮磷拦截系统", "华南农业大学"),
)
REFUSED = {
    "code": "rule_violated",
    "detail": "违反 1 条规则 / 1 rule is violated",
    "errors": [
        {
            "pointer": "/period/end",
            "code": "DEC-08",
            "message": "许可期限晚于专利权届满日 / the period ends after the patent expires",
            "source": "专利法实施细则第85条第(四)项",
        }
    ],
}
AWAY = {"code": "hub_unreachable", "detail": "connection refused", "errors": []}


@dataclass
class BusyDesk:
    """The desk and the addresses of what lies on it."""

    desk: NodeDesk
    cookie: str
    listings: list[UUID]
    import_path: str

    @property
    def paths(self) -> list[str]:
        """Every page of the desk."""
        waiting, correcting = self.listings[0], self.listings[2]
        return [
            "/desk",
            "/verification",
            "/verification?view=correction",
            "/verification?view=verified",
            f"/verification/{waiting}",
            f"/verification/{correcting}",
            f"/verification/{waiting}/correction",
            f"/verification/{waiting}/refusal",
            f"/verification/{waiting}/reading",
            "/deliveries",
            "/deliveries?view=dead",
            "/deliveries/1",
            "/deliveries/decisions",
            "/mirror",
            "/imports",
            self.import_path,
            "/imports/profiles",
            "/imports/profiles/guangdong",
            "/users",
            "/users/invitation",
            "/users/zhao.min",
            "/users/zhao.min/switch_off",
            "/look",
            "/look/reset",
            "/keys",
        ]

    async def sign_in(self, page: Page) -> None:
        """The browser is that of an operator who administrates as well."""
        at = {"name": cookie_name(self.desk.url), "value": self.cookie, "url": self.desk.url}
        await page.context.add_cookies([at])  # type: ignore[list-item]


@asynccontextmanager
async def a_busy_desk(database: Database, folder: Path) -> AsyncIterator[BusyDesk]:
    """Six declarations at different stages, two deliveries in trouble, a list that was read."""
    with bound() as at:
        async with a_node_desk(database, folder, public_base_url=url_of(at)) as desk:
            browser = await desk.a_visitor("zhao.min", "operator", "administrator")
            cookie = browser.client.cookies[cookie_name(desk.url)]
            listings = [await _filed(desk, place) for place in range(len(PATENTS))]
            await _worked(desk, browser, listings)
            path = await _uploaded(desk, browser, folder)
            async with running(desk.node.app, at):
                yield BusyDesk(desk, cookie, listings, path)


async def _filed(desk: NodeDesk, place: int) -> UUID:
    title, holder = PATENTS[place]
    patent = {"application_number": a_number(place + 1), "kind": "invention", "title": title}
    changes: dict[str, object] = {"patent": patent, "holders": [{"name": holder}]}
    if place == 1:
        changes |= {"period": {"end": "2045-12-31"}, "abstract": "国内领先，首屈一指的保鲜涂膜。"}
    return await desk.handed_in(place + 1, **changes)


async def _worked(desk: NodeDesk, browser: NodeBrowser, listings: list[UUID]) -> None:
    reading = facts_of(a_number(1))
    fields = {
        "as_of": str(reading.as_of),
        "source": reading.source,
        "status": "valid",
        "holders": "五邑大学",
        "annual_fee": "paid",
    }
    await browser.fill(f"/verification/{listings[0]}/reading", fields)
    objections = {"codes": ["fee_unclear"], "note_fee_unclear": "请写明付款日", "days": "15"}
    await browser.fill(f"/verification/{listings[2]}/correction", objections)
    await browser.fill(f"/verification/{listings[3]}", {"act": "accept"})
    answered = {"act": "accept_and_recommend", "answers": "true"}
    for listing in listings[4:]:
        await browser.fill(f"/verification/{listing}", answered)
    async with desk.sessions.begin() as session:
        row = OutboxMessageRow
        dead = {"state": "dead", "last_problem": REFUSED, "attempts": 1}
        await session.execute(update(row).where(row.oseq == 1).values(dead))
        away = {"last_problem": AWAY, "attempts": 3}
        await session.execute(update(row).where(row.oseq == 2).values(away))
        await raise_alarm(
            session, Finding(AlarmCode.DEAD_LETTERS, "1 条死信 / dead letters"), now=NOW
        )


async def _uploaded(desk: NodeDesk, browser: NodeBrowser, folder: Path) -> str:
    """A list with rows that cannot be imported, read but not imported."""
    rows = [a_row(a_number(place)) for place in range(20, 24)]
    rows += [a_row("2019100000018"), a_row(a_number(25), license_location="火星")]
    content = a_list(folder / "list.csv", *rows).read_bytes()
    page = await browser.get("/imports")
    key = page.all("//input[@name='once']")[0].get("value") or ""
    sent = await browser.client.post(
        "/imports",
        data={"once": key, "profile": "guangdong"},
        files={"file": ("广东主平台公布清单.csv", content, "text/csv")},
    )
    await import_work(desk).run_next()
    return sent.headers["location"].partition("?")[0]


def import_work(desk: NodeDesk) -> ImportWork:
    """What runs the imports that people asked for, when a test says so."""
    context = desk.node.context
    settings, signals = context.settings, context.service.signals
    return ImportWork(desk_of(context), signals, settings.data_dir, settings.rule_profile)
