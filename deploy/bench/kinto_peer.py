"""Kinto with the same listings: its own schema in the run's PostgreSQL, one process, one thread."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import httpx
import orjson

from deploy.bench.child_processes import BenchFailed, serving
from deploy.bench.machine import connect, plain_url
from deploy.bench.peer_environment import KINTO, install_peer, program, run_apart
from deploy.bench.world import HOST, World, free_port

_PLACE: Final = "/buckets/bench/collections/listings"
_AUTH: Final = ("bench", "bench")
_COLUMNS: Final = ("id", "parent_id", "resource_name", "last_modified", "data", "deleted")
_PAGE: Final = 2_000
_BEGINNING: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - its columns have no zone
_SECONDS: Final = 600.0  # for one answer


@dataclass(frozen=True, slots=True)
class KintoPeer:
    """A running Kinto; `address` is that of its collection of listings."""

    address: str
    connection: "asyncpg.Connection[asyncpg.Record]"

    async def load(self, records: Iterable[dict[str, Any]]) -> None:
        """Put records into its table, each with its `id`, a millisecond apart from the last."""
        page: list[tuple[object, ...]] = []
        for at, record in enumerate(records):
            when = _BEGINNING + timedelta(milliseconds=at)
            data = orjson.dumps(record).decode()
            page.append((record["id"], _PLACE, "record", when, data, False))
            if len(page) == _PAGE:
                await self._put(page)
                page.clear()
        await self._put(page)
        await self.connection.execute("ANALYZE objects")

    async def _put(self, page: list[tuple[object, ...]]) -> None:
        await self.connection.copy_records_to_table("objects", records=page, columns=_COLUMNS)

    async def search(self, client: httpx.AsyncClient, word: str, *, limit: int) -> int:
        """Ask for a page of records with the word, and for the number of all; that number.

        Raises:
            BenchFailed: it refuses.
        """
        asked: dict[str, str | int] = {"like_text": f"*{word}*", "_limit": limit}
        page = await client.get(f"{self.address}/records", params=asked, auth=_AUTH)
        counted = await client.head(f"{self.address}/records", params=asked, auth=_AUTH)
        total = counted.headers.get("Total-Objects") or counted.headers.get("Total-Records")
        if page.is_error or total is None:
            raise BenchFailed(f"Kinto refuses {word}: {page.text[:500]}")
        return int(total)


@asynccontextmanager
async def a_kinto(world: World) -> AsyncIterator[KintoPeer]:
    """Install it, give it an empty collection, and run it until the block ends.

    Raises:
        BenchFailed: it cannot be installed or does not start.
    """
    environment = await install_peer(world, KINTO)
    folder, port = world.folder / "kinto", free_port()
    folder.mkdir()
    await world.server.ensure_database("empty")  # makes the role as well
    await world.server.recreate_database("kinto")
    url = world.server.url("kinto")
    settings, log = folder / "kinto.ini", folder / "kinto.log"
    settings.write_text(_settings(plain_url(url), port), encoding="utf-8")
    kinto = program(environment, "kinto")
    await run_apart([kinto, "migrate", "--ini", str(settings)], {}, log=log)
    start = [kinto, "start", "--ini", str(settings), "--port", str(port)]
    async with serving(start, {}, port=port, log=log, python=None, asked="/v1/"):
        connection = await connect(url)
        try:
            peer = KintoPeer(f"http://{HOST}:{port}/v1{_PLACE}", connection)
            await _make_collection(peer)
            yield peer
        finally:
            await connection.close()


async def _make_collection(peer: KintoPeer) -> None:
    """The bucket and the collection in it, owned by who asks.

    Raises:
        HTTPStatusError: it refuses.
    """
    bucket = peer.address.partition("/collections/")[0]
    async with httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as client:
        for address in (bucket, peer.address):
            (await client.put(address, auth=_AUTH)).raise_for_status()


def _settings(url: str, port: int) -> str:
    """The least that Kinto starts with; nothing in it slows it down."""
    lines = (
        "[app:main]",
        "use = egg:kinto",
        "kinto.storage_backend = kinto.core.storage.postgresql",
        f"kinto.storage_url = {url.replace('%', '%%')}",
        "kinto.permission_backend = kinto.core.permission.memory",
        "kinto.cache_backend = kinto.core.cache.memory",
        "kinto.bucket_create_principals = system.Authenticated",
        "kinto.userid_hmac_secret = bench",
        "multiauth.policies = basicauth",
        "[server:main]",
        "use = egg:waitress#main",
        f"host = {HOST}",
        f"port = {port}",
        "threads = 1",
    )
    return "\n".join(lines) + "\n"
