"""The reads answered before the framework: the same answers, and only plain reads."""

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from shared_platform.catalogue.hot_reads import HotReads
from shared_platform.catalogue.routes import router
from shared_platform.database.engine import Database
from shared_platform.observability.requests import route_template
from shared_platform.transport.problems import install_problems
from shared_schema.instants import Instant
from shared_schema.patent_number import print_patent_number
from tests.shared_platform.catalogue_copies import follow, make_tables
from tests.shared_platform.hub_log_peer import Federation, Offered, a_number

PATH = "/api/v1/catalogue/listings"


class StillClock:
    def now(self) -> Instant:
        return datetime(2026, 11, 22, 4, tzinfo=UTC)


class Handed:
    """An application that only counts what reaches it."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


@pytest.fixture
async def offered(copy: Database) -> Offered:
    federation = Federation()
    federation.enrol("gz-exchange")
    federation.offer("gz-exchange", a_number(1))
    offered = federation.offer("gz-exchange", a_number(2))
    await follow(copy, federation.hub)
    return offered


@pytest.fixture
def routes(copy: Database) -> FastAPI:
    app = FastAPI()
    app.state.sessions, app.state.clock = copy.sessions, StillClock()
    app.include_router(router)
    install_problems(app, clock=StillClock())
    return app


def asking(app: FastAPI | HotReads) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://service")


def plain(offered: Offered) -> list[str]:
    return [f"{PATH}/{offered.listing}", f"{PATH}?number={a_number(2)}"]


def others(offered: Offered) -> list[str]:
    return [
        PATH,
        f"{PATH}/{str(offered.listing).upper()}",
        f"{PATH}/{offered.listing}?shown=1",
        f"{PATH}/{offered.listing}/",
        f"{PATH}/nothing",
        f"{PATH}?number={print_patent_number(a_number(2))}",
        f"{PATH}?number={a_number(2)}&limit=1",
        f"{PATH}?number={a_number(2)}&number={a_number(1)}",
        f"{PATH}?limit=1",
    ]


def refused(offered: Offered) -> list[str]:
    gone = str(offered.listing)[:-1] + ("0" if str(offered.listing)[-1] != "0" else "1")
    wrong = a_number(2)[:-1] + ("0" if a_number(2)[-1] != "0" else "1")
    return [f"{PATH}/{gone}", f"{PATH}?number={wrong}", f"{PATH}?number=999999999999X"]


async def test_every_read_is_answered_as_the_routes_answer_it(
    copy: Database, routes: FastAPI, offered: Offered
) -> None:
    hot = HotReads(routes, sessions=copy.sessions, clock=StillClock())
    paths = plain(offered) + others(offered) + refused(offered)

    async with asking(routes) as slowly, asking(hot) as fast:
        for path in paths:
            expected, answer = await slowly.get(path), await fast.get(path)

            assert (answer.status_code, answer.content) == (
                expected.status_code,
                expected.content,
            ), path
            assert dict(answer.headers) == dict(expected.headers), path


async def test_plain_reads_never_reach_the_framework_and_all_others_do(
    copy: Database, offered: Offered
) -> None:
    inner = Handed()
    hot = HotReads(inner, sessions=copy.sessions, clock=StillClock())
    async with asking(hot) as client:
        for path in plain(offered):
            assert (await client.get(path)).status_code == 200

        assert inner.paths == []
        for path in others(offered) + refused(offered):
            assert (await client.get(path)).status_code == 418, path
        for answer in (
            await client.get(plain(offered)[0], headers={"if-none-match": "*"}),
            await client.head(plain(offered)[0]),
            await client.delete(plain(offered)[0]),
        ):
            assert answer.status_code == 418


async def test_they_are_counted_under_the_template_of_their_route(
    copy: Database, offered: Offered
) -> None:
    templates = []
    hot = HotReads(Handed(), sessions=copy.sessions, clock=StillClock())

    async def observed(scope: Scope, receive: Receive, send: Send) -> None:
        await hot(scope, receive, send)
        templates.append(route_template(scope))

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(observed), base_url="http://service"
    ) as client:
        for path in plain(offered):
            await client.get(path)

    assert templates == [f"{PATH}/{{listing}}", PATH]
