"""One hub and two nodes as three processes over real sockets, enrolled and ready to work.

The legal day is 1 June 2023 everywhere, when the periods of the published lists were alive.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import URL

from deploy.demo.processes import Place
from deploy.drill.services import Service, eventually, free_ports
from shared_platform.catalogue.rebuild import catalogue_digest
from shared_platform.database.engine import build_engine, sessions_of
from shared_platform.settings import PlatformSettings
from tests.federation.reachable_hub import ReachableHub

TODAY: Final = date(2023, 6, 1)
HUB, GUANGDONG, BEIJING = "hub", "gd-ip-centre", "bj-exchange"
REGISTRARS: Final = ("wang.wei", "zhao.lei")
EXAMINERS: Final = ("chen.jing", "liu.yang")
MANAGER: Final = "sun.li"
SECOND_MANAGER: Final = "zhou.min"
OPERATOR: Final = "operator"
_NAMES: Final = {
    GUANGDONG: ("广东省知识产权保护中心", "Guangdong IP protection centre", "44"),
    BEIJING: ("北京知识产权交易中心", "Beijing IP exchange", "11"),
}
_STAFF: Final = (
    *(f"{name}:node_registrar" for name in REGISTRARS),
    *(f"{name}:examiner,second_examiner" for name in EXAMINERS),
    f"{MANAGER}:catalogue_manager,auditor",
    f"{SECOND_MANAGER}:catalogue_manager",
)
_BASE: Final = "/federation/v1"


@dataclass(frozen=True, slots=True)
class Federation:
    """The processes of one federation and the databases behind them."""

    hub: Service
    nodes: Mapping[str, Service]
    databases: Mapping[str, URL]

    @property
    def guangdong(self) -> Service:
        """The first node."""
        return self.nodes[GUANGDONG]

    @property
    def beijing(self) -> Service:
        """The second node."""
        return self.nodes[BEIJING]

    @property
    def services(self) -> tuple[Service, ...]:
        """The hub, then the nodes."""
        return (self.hub, *self.nodes.values())

    async def log_size(self) -> int:
        """The size of the log that the hub has signed last."""
        answer = await self.hub.ask("GET", f"{_BASE}/log/checkpoint")
        assert answer.status_code == 200, answer.text
        return int(answer.text.splitlines()[1])

    async def sequenced(self) -> int:
        """Wait until nothing approved waits for its serial; the log's size then."""

        async def all_are() -> bool:
            counts = await self.hub.told("GET", "/api/v1/reviews/counts", by=EXAMINERS[0])
            return all(one["state"] != "approved" for one in counts)

        await eventually("all that was approved has its serial", all_are, seconds=60)
        return await self.log_size()

    async def level(self, *names: str) -> int:
        """Wait until the nodes (both, if none is named) hold all that is in the log; its size."""
        size = await self.sequenced()
        for name in names or self.nodes:
            await self._holds(self.nodes[name], size)
        return size

    async def _holds(self, node: Service, size: int) -> None:
        async def does() -> bool:
            page = await node.told("GET", "/api/v1/catalogue/listings?limit=1")
            return bool(page["log_size"] >= size)

        await eventually(f"{node.place.name} holds {size} entries", does, seconds=40)

    async def digests(self) -> dict[str, str]:
        """The catalogue's digest at each service, from its raw rows."""
        found: dict[str, str] = {}
        for name, url in self.databases.items():
            engine = build_engine(url, PlatformSettings(), application_name=f"test-{name}")
            try:
                async with sessions_of(engine)() as session:
                    found[name] = await catalogue_digest(session)
            finally:
                await engine.dispose()
        return found

    async def agree(self) -> str:
        """Wait until both nodes are level, and prove that the three copies are equal by bytes.

        Copies are compared at one size of the log: they are read again if it grew meanwhile.
        """
        digests: dict[str, str] = {}

        async def are_of_one_size() -> bool:
            size = await self.level()
            digests.update(await self.digests())
            return await self.log_size() == size

        await eventually("the copies are of one size", are_of_one_size, seconds=90)
        assert len(set(digests.values())) == 1, digests
        return digests[HUB]

    async def proven(self) -> None:
        """Let each service prove its copy against a replay of the log from scratch."""
        ran = await asyncio.gather(*(one.run("verify") for one in self.services))
        assert [one.status for one in ran] == [0, 0, 0]


@asynccontextmanager
async def a_federation(
    folder: Path,
    databases: Mapping[str, URL],
    *,
    registers: Mapping[str, Path] = MappingProxyType({}),
    names: Sequence[str] = (GUANGDONG, BEIJING),
) -> AsyncIterator[Federation]:
    """Start, enrol and confirm; stop every process at the end."""
    ports = free_ports(1 + len(names))
    hub = Service(_hub_place(folder, ports[0], databases[HUB]))
    nodes = {
        name: Service(
            _node_place(folder, name, port=port, url=databases[name], register=registers.get(name))
        )
        for name, port in zip(names, ports[1:], strict=True)
    }
    federation = Federation(hub, nodes, databases)
    try:
        await _set_up(federation)
        yield federation
    finally:
        await asyncio.gather(*(one.stop() for one in (*nodes.values(), hub)))


async def a_hub_alone(service: Service) -> None:
    """Set up and start a hub with its staff."""
    staff = [part for one in _STAFF for part in ("--staff", one)]
    ran = await service.run("init", *staff)
    service.tokens |= ran.answer["tokens"]
    service.start()
    await service.ready()


def hub_service(folder: Path, url: URL) -> Service:
    """A hub that is not set up yet."""
    return Service(_hub_place(folder, free_ports(1)[0], url))


def node_service(folder: Path, url: URL) -> Service:
    """A node that is not set up yet."""
    place = _node_place(folder, GUANGDONG, port=free_ports(1)[0], url=url, register=None)
    return Service(place)


async def _set_up(federation: Federation) -> None:
    hub, nodes = federation.hub, tuple(federation.nodes.values())
    ran = await asyncio.gather(*(one.run("init", "--operator", OPERATOR) for one in nodes))
    for node, made in zip(nodes, ran, strict=True):
        node.tokens[OPERATOR] = made.answer["token"]
    await a_hub_alone(hub)
    anchor = hub.place.folder / "anchor.json"
    asked = await asyncio.gather(
        *(
            one.run("enrol", "--anchor", str(anchor), "--region", _NAMES[one.place.name][2])
            for one in nodes
        )
    )
    for one in asked:
        await confirm(hub, one.answer)
    for node in nodes:
        node.start()
    await asyncio.gather(*(node.ready() for node in nodes))


async def confirm(hub: ReachableHub, enrolment: Mapping[str, Any]) -> None:
    """Two registrars compare the fingerprint and confirm."""
    for name in REGISTRARS:
        path = f"/api/v1/enrolments/{enrolment['enrolment']}/confirmations"
        await hub.told("POST", path, {"fingerprint": enrolment["fingerprint"]}, by=name)


def _hub_place(folder: Path, port: int, url: URL) -> Place:
    settings = {
        "FEDERATION": "kaixu-test",
        "LOG_ORIGIN": "kaixu.test/log",
        "START_GRACE_SECONDS": "10",  # these nodes look again every two seconds
    }
    return _place("main_platform", HUB, port=port, folder=folder, settings=settings | _own(url))


def _node_place(folder: Path, name: str, *, port: int, url: URL, register: Path | None) -> Place:
    zh, en, _ = _NAMES[name]
    settings = {
        "NODE": name,
        "NAME_ZH": zh,
        "NAME_EN": en,
        "HUB_HOSTS_ALLOWED": json.dumps(["127.0.0.1"]),
        "PULL_WAIT_SECONDS": "5",
        "HUB_PROBE_SECONDS": "2",
        "DELIVER_BATCH": "50",
    }
    known = {} if register is None else {"REGISTER_FILE": str(register)}
    return _place(
        "subplatform", name, port=port, folder=folder, settings=settings | known | _own(url)
    )


def _own(url: URL) -> dict[str, str]:
    return {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "TODAY": TODAY.isoformat(),
        "LOG_LEVEL": "info",
    }


def _place(
    program: str, name: str, *, port: int, folder: Path, settings: Mapping[str, str]
) -> Place:
    own = folder / name
    own.mkdir(mode=0o700)
    return Place(name, name, program, port, own, settings)
