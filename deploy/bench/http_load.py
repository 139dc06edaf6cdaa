"""A plain HTTP/1.1 client for load: kept connections, whole answers, no work beside counting.

httpx takes longer for a request than the servers measured here; it would measure itself.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from deploy.bench.child_processes import BenchFailed
from deploy.bench.world import HOST

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length:"


@dataclass(frozen=True, slots=True)
class Wire:
    """One answer as it travelled."""

    status: int
    head: bytes
    body: bytes

    @property
    def bytes(self) -> int:
        """Head and body together."""
        return len(self.head) + len(self.body)


@dataclass(frozen=True, slots=True)
class Load:
    """What a burst of requests came to: how many, how long, and each one's milliseconds."""

    requests: int
    seconds: float
    milliseconds: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests for each second."""
        return self.requests / self.seconds

    def quantile(self, part: float) -> float:
        """The milliseconds that this part of the requests stayed within."""
        ordered = sorted(self.milliseconds)
        return ordered[min(int(part * len(ordered)), len(ordered) - 1)]


class Connection:
    """One kept connection."""

    def __init__(
        self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._host = f"{HOST}:{port}"
        self._reader = reader
        self._writer = writer

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Wire:
        """Ask, and read the whole answer, which must say its length."""
        fields = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self._writer.write(f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\n{fields}\r\n".encode())
        head = await self._reader.readuntil(_END)
        status = int(head[9:12])
        at = head.lower().find(_LENGTH)
        length = 0 if at < 0 else int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
        return Wire(status, head, await self._reader.readexactly(length))

    def close(self) -> None:
        """Close it."""
        self._writer.close()


async def connected(port: int) -> Connection:
    """A connection to a server on this machine."""
    return Connection(port, *await asyncio.open_connection(HOST, port))


async def load(port: int, paths: Sequence[str], *, connections: int = 8, expect: int = 200) -> Load:
    """Ask for every path once, over so many connections at a time.

    Raises:
        BenchFailed: an answer has another status than expected.
    """
    left = iter(paths)
    opened = [await connected(port) for _ in range(connections)]
    began = time.perf_counter()
    try:
        found = await asyncio.gather(*(_drain(one, left, expect) for one in opened))
    finally:
        for one in opened:
            one.close()
    times = tuple(each for part in found for each in part)
    return Load(len(times), time.perf_counter() - began, times)


async def _drain(connection: Connection, paths: Iterator[str], expect: int) -> list[float]:
    times = []
    for path in paths:
        began = time.perf_counter()
        wire = await connection.get(path)
        if wire.status != expect:
            raise BenchFailed(f"GET {path}: {wire.status} {wire.body[:300]!r}")
        times.append((time.perf_counter() - began) * 1000)
    return times
