"""A hub, its sequencer apart and three nodes as processes, each place with its own database.

The nodes reach the hub through the fault proxy, whose address is the hub's public one. The legal
day is 1 June 2023 everywhere.
"""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.demo.processes import Place
from deploy.drill.fault_proxy import FaultProxy
from deploy.drill.services import Service, free_ports
from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.engine import build_engine, sessions_of
from shared_platform.settings import PlatformSettings
from shared_schema.patent_number import check_character

TODAY: Final = "2023-06-01"
HUB: Final = "hub"
NODES: Final = ("node-1", "node-2", "node-3")
REGISTRARS: Final = ("wang.wei", "zhao.lei")
EXAMINERS: Final = ("chen.jing", "liu.yang")
ADMINISTRATORS: Final = ("gu.one", "gu.two")
OPERATOR: Final = "operator"
LEASE_SECONDS: Final = 6
PULL_WAIT_SECONDS: Final = 5
_STAFF: Final = (
    *(f"{name}:node_registrar" for name in REGISTRARS),
    *(f"{name}:examiner,second_examiner" for name in EXAMINERS),
    *(f"{name}:administrator" for name in ADMINISTRATORS),
)
_HEADER: Final = (
    "patent_id", "patent_type", "patent_owner", "patent_owner_type", "license_fee_type",
    "license_deadline", "license_location",
)  # fmt: skip
_SUPPLIED: Final = (
    "--contact-name", "王敏", "--contact-phone", "020-12345678",
    "--commitments-by", "王敏", "--commitments-on", "2023-05-01", "--holders-consent",
)  # fmt: skip
_SHARED: Final = {"TODAY": TODAY, "DRILL": "true", "DATABASE_POOL_SIZE": "5"}


@dataclass(frozen=True, slots=True)
class Drilled:
    """The processes of a federation that is being drilled, and the line between them."""

    hub: Service
    sequencer: Service
    nodes: Mapping[str, Service]
    proxy: FaultProxy

    @property
    def services(self) -> tuple[Service, ...]:
        """Every process."""
        return (self.hub, self.sequencer, *self.nodes.values())

    @property
    def places(self) -> Mapping[str, Service]:
        """Hub and nodes by name: whoever has a database and an interface."""
        return {HUB: self.hub, **self.nodes}


@asynccontextmanager
async def a_drilled_federation(
    folder: Path,
    *,
    node_names: tuple[str, ...] = NODES,
    node_settings: Mapping[str, str] = MappingProxyType({}),
    databases: Mapping[str, URL] = MappingProxyType({}),
) -> AsyncIterator[Drilled]:
    """Set up, enrol, start; stop every process at the end.

    Places not named in `databases` run their own, embedded one.
    """
    urls = {name: url.render_as_string(hide_password=False) for name, url in databases.items()}

    def own(name: str) -> dict[str, str]:
        return {"DATABASE_URL": urls[name]} if name in urls else {}

    hub_port, proxy_port, *node_ports = free_ports(2 + len(node_names))
    proxy = FaultProxy(proxy_port, hub_port)
    hub_place = _hub_place(folder, hub_port, public_port=proxy_port, more=own(HUB))
    hub = Service(hub_place)
    nodes = {
        name: Service(_node_place(folder, name, port=port, more={**node_settings, **own(name)}))
        for name, port in zip(node_names, node_ports, strict=True)
    }
    drilled = Drilled(hub, Service(hub_place, command="worker"), nodes, proxy)
    async with proxy:
        try:
            await _set_up(drilled)
            yield drilled
        finally:
            await asyncio.gather(*(one.stop() for one in drilled.services))
            await _stop_databases(drilled)


async def _stop_databases(drilled: Drilled) -> None:
    """Servers whose users were killed run on otherwise."""
    for place in drilled.places.values():
        if has_own_database(place):
            await EmbeddedServer(place.place.folder / "database").stop_if_unused()


async def _set_up(drilled: Drilled) -> None:
    hub, nodes = drilled.hub, tuple(drilled.nodes.values())
    staff = [part for one in _STAFF for part in ("--staff", one)]
    hub_made, *made = await asyncio.gather(
        hub.run("init", *staff), *(one.run("init", "--operator", OPERATOR) for one in nodes)
    )
    hub.tokens |= hub_made.answer["tokens"]
    for node, ran in zip(nodes, made, strict=True):
        node.tokens[OPERATOR] = ran.answer["token"]
    hub.start()
    drilled.sequencer.start()
    await hub.ready()
    anchor = str(hub.place.folder / "anchor.json")
    asked = await asyncio.gather(
        *(one.run("enrol", "--anchor", anchor, "--region", "44") for one in nodes)
    )
    for one in asked:
        await confirm(hub, one.answer)


async def confirm(hub: Service, enrolment: Mapping[str, Any]) -> None:
    """Two registrars compare the fingerprint and confirm."""
    for name in REGISTRARS:
        path = f"/api/v1/enrolments/{enrolment['enrolment']}/confirmations"
        await hub.told("POST", path, {"fingerprint": enrolment["fingerprint"]}, by=name)


async def prepare(node: Service, count: int, *, year: int) -> list[str]:
    """Import and check so many declarations by the commands; the listings, ready to be sent."""
    path = node.place.folder / f"list-{year}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        free, end = '{"type":"0"}', "2026-12-31"
        for place in range(1, count + 1):
            number = f"{year}1{place:07d}"
            number += check_character(number)
            writer.writerow([number, "发明", "五邑大学", "高校", free, end, "全国"])
    await node.run("import", str(path), "--profile", "guangdong", *_SUPPLIED)
    await node.run("check")
    async with database_of(node) as session:
        found = await session.connection()
        rows = await found.exec_driver_sql(
            "SELECT listing FROM declaration WHERE state = 'verified' ORDER BY application_number"
        )
        return [str(row.listing) for row in rows]


@asynccontextmanager
async def database_of(service: Service) -> AsyncIterator[AsyncSession]:
    """A session at the place's database; its own one is started if it does not run."""
    async with AsyncExitStack() as stack:
        if has_own_database(service):
            name = HUB if service.place.program == "main_platform" else "node"
            server = EmbeddedServer(service.place.folder / "database")
            url = (await stack.enter_async_context(server)).url(name)
        else:
            url = make_url(service.place.settings["DATABASE_URL"])
        engine = build_engine(url, PlatformSettings(), application_name="drill")
        stack.push_async_callback(engine.dispose)
        yield await stack.enter_async_context(sessions_of(engine)())


def has_own_database(service: Service) -> bool:
    """Whether it runs an embedded server, which may be killed."""
    return "DATABASE_URL" not in service.place.settings


def postmaster_of(service: Service) -> int | None:
    """The process id of the place's database server; None while none runs."""
    return EmbeddedServer(service.place.folder / "database").postmaster()


def _hub_place(folder: Path, port: int, *, public_port: int, more: Mapping[str, str]) -> Place:
    settings = {
        "FEDERATION": "kaixu-drill",
        "LOG_ORIGIN": "kaixu.drill/log",
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{public_port}",
        "WORKER_IN_PROCESS": "false",
    }
    return _place("main_platform", HUB, port=port, folder=folder, settings={**settings, **more})


def _node_place(folder: Path, name: str, *, port: int, more: Mapping[str, str]) -> Place:
    settings = {
        "NODE": name,
        "HUB_HOSTS_ALLOWED": json.dumps(["127.0.0.1"]),
        "PULL_WAIT_SECONDS": str(PULL_WAIT_SECONDS),
        "HUB_PROBE_SECONDS": "2",
        "DELIVER_BATCH": "50",
        "DELIVERY_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    return _place("subplatform", name, port=port, folder=folder, settings={**settings, **more})


def _place(
    program: str, name: str, *, port: int, folder: Path, settings: Mapping[str, str]
) -> Place:
    own = folder / name
    own.mkdir(mode=0o711, parents=True, exist_ok=True)  # the database's account must get through
    return Place(name, name, program, port, own, {**_SHARED, **settings})
