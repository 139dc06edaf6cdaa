"""B11: the bulk file of a hub, against nginx (or a bare `sendfile`) serving the same file."""

import asyncio
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx

from deploy.bench.bootstrap import follow
from deploy.bench.child_processes import BenchFailed, serving
from deploy.bench.figures import Figure, Goal, Measured, percent
from deploy.bench.hub_here import write_hub_tables
from deploy.bench.intake import hub_process
from deploy.bench.sizes import GOAL_BOOTSTRAP
from deploy.bench.world import HOST, World, free_port
from shared_platform.bulk_download.bulk_files import BulkFile, BulkManifest

GOAL_PERCENT: Final = 50.0
_BULK: Final = "/api/v1/catalogue/bulk"
_READ: Final = 1024 * 1024
_BYTES: Final = 1024 * _READ  # of each run, in as many downloads as that takes
_WRITTEN_SECONDS: Final = 300.0
_NGINX: Final = """
daemon off;
pid nginx.pid;
error_log nginx.log error;
{user}
worker_processes 1;
events {{ }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 1000000;
  default_type application/zstd;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen {host}:{port};
    location = /readyz {{ return 200; }}
    location / {{ root {root}; }}
  }}
}}
"""


async def measure_download(world: World) -> Measured:
    """One connection reads the file again and again, ours and theirs in turn."""
    size = world.sizes.bootstrap
    world.log.grow(size)
    world.log.prepare_pages()
    async with world.database("main_platform", "download") as database:
        await follow(world, database)
        await write_hub_tables(world, database)
        async with hub_process(world, database):
            began = time.perf_counter()
            manifest = await _written(world)
            waited = time.perf_counter() - began
            told = max(manifest.files, key=lambda one: one.bytes)
            hub, limit = await _both(world, told)
    judged = size >= GOAL_BOOTSTRAP
    return Measured(
        f"{size:,} listings, {told.bytes:,} bytes of {told.coding},"
        f" {manifest.content_bytes:,} of NDJSON",
        (hub, limit, Figure("until the file is there, after the start", "s", (waited,))),
        (Goal(f"of {limit.name}", percent(hub, limit), "≥", GOAL_PERCENT, "%", judged=judged),),
        ("one connection on this machine; the reader takes part of the processors",),
    )


async def _both(world: World, told: BulkFile) -> tuple[Figure, Figure]:
    """Ours and theirs, in turn."""
    ours: list[float] = []
    theirs: list[float] = []
    file = world.hub_settings().data_dir / "bulk" / told.name
    async with _file_server(world, file) as (port, name):
        for _ in range(world.sizes.repeats):
            theirs.append(await _rate(port, f"/{told.name}", told.bytes))
            ours.append(await _rate(world.port, f"{_BULK}/{told.name}", told.bytes))
    return Figure("our server", "MB/s", tuple(ours)), Figure(name, "MB/s", tuple(theirs))


async def _written(world: World) -> BulkManifest:
    """The manifest, once the hub has written its first bulk file.

    Raises:
        BenchFailed: it never did.
    """
    deadline = time.perf_counter() + _WRITTEN_SECONDS
    async with httpx.AsyncClient(base_url=world.hub_url, trust_env=False) as client:
        while time.perf_counter() < deadline:
            answer = await client.get(_BULK)
            if answer.status_code == 200:  # noqa: PLR2004 - RFC 9110 §15.3.1
                return BulkManifest.model_validate_json(answer.content)
            await asyncio.sleep(0.2)
    raise BenchFailed("the hub wrote no bulk file")


@asynccontextmanager
async def _file_server(world: World, file: Path) -> AsyncIterator[tuple[int, str]]:
    """A server of that one file: its port, and what it is."""
    port, log = free_port(), world.folder / "file-server.log"
    nginx = shutil.which("nginx")
    if nginx is None:
        arguments = ["deploy.bench.file_server", str(port), str(file)]
        async with serving(arguments, {}, port=port, log=log):
            yield port, "a bare sendfile (nginx is not installed)"
        return
    folder = world.folder / "nginx"
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    text = _NGINX.format(host=HOST, port=port, root=file.parent, user=user)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [nginx, "-e", str(log), "-p", f"{folder}/", "-c", "nginx.conf"]
    async with serving(command, {}, port=port, log=log, python=None):
        yield port, "nginx"


async def _rate(port: int, path: str, length: int) -> float:
    return await asyncio.to_thread(_read_on, port, path, length)


def _read_on(port: int, path: str, length: int) -> float:
    """Megabytes a second of whole downloads over one kept connection.

    Raises:
        BenchFailed: an answer is not the file.
    """
    buffer = bytearray(_READ)
    request = f"GET {path} HTTP/1.1\r\nhost: {HOST}:{port}\r\n\r\n".encode()
    times = max(_BYTES // length, 3)
    with socket.create_connection((HOST, port)) as connection:
        began = time.perf_counter()
        for _ in range(times):
            connection.sendall(request)
            _whole(connection, buffer, length)
        seconds = time.perf_counter() - began
    return times * length / seconds / 1e6


def _whole(connection: socket.socket, buffer: bytearray, length: int) -> None:
    head = bytearray()
    while (end := head.find(b"\r\n\r\n")) < 0:
        count = connection.recv_into(buffer)
        if not count:
            raise BenchFailed("the connection was closed")
        head += buffer[:count]
    if not head.startswith(b"HTTP/1.1 200"):
        raise BenchFailed(head[:200].decode("latin-1"))
    left = length - (len(head) - end - 4)
    while left > 0:
        count = connection.recv_into(buffer, min(left, len(buffer)))
        if not count:
            raise BenchFailed("the connection was closed")
        left -= count
