"""A line between nodes and hub that does to requests and answers what real lines do, on purpose.

Every request is read in stages, and a fault decides what becomes of it: `passed` unless a rule
names another one. Nothing of HTTP is judged here; the ends do that.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Self

HOST: Final = "127.0.0.1"
_HEAD_END: Final = b"\r\n\r\n"
_LINE_END: Final = b"\r\n"
_BODILESS: Final = frozenset({204, 304})
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER 0: closing sends RST instead of FIN
_PIECE: Final = 64 * 1024


class LineBroken(Exception):
    """One of the two ends has closed, or never answered."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first lines of a message and how its body is delimited."""

    raw: bytes

    @property
    def first(self) -> list[str]:
        """The words of the first line."""
        return self.raw.split(_LINE_END, 1)[0].decode("latin-1").split(" ", 2)

    @property
    def status(self) -> int:
        """An answer's status."""
        return int(self.first[1])

    def field(self, name: str) -> str | None:
        """A field's value; `name` in lower case."""
        for line in self.raw.split(_LINE_END)[1:]:
            key, _, value = line.decode("latin-1").partition(":")
            if key.lower() == name:
                return value.strip()
        return None


@dataclass(slots=True)
class Exchange:
    """One request on its way: what a fault works with.

    `arrived` is a request's head; its body is read when a fault asks for it.
    """

    arrived: Head
    _proxy: "FaultProxy"
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _body: bytes | None = None

    @property
    def method(self) -> str:
        """As in GET."""
        return self.arrived.first[0]

    @property
    def target(self) -> str:
        """Path and query as sent."""
        return self.arrived.first[1]

    async def body(self) -> bytes:
        """The whole body as sent."""
        if self._body is None:
            self._body = await _read_body(self._reader, self.arrived)
        return self._body

    async def forward(self) -> bytes:
        """Send the request to the hub; its whole answer.

        Raises:
            LineBroken: the hub is away or broke off.
        """
        async with self._proxy.upstream() as (reader, writer):
            writer.write(self.arrived.raw + await self.body())
            return await read_answer(reader)

    async def answer(self, raw: bytes) -> None:
        """Send this to the node."""
        self._writer.write(raw)
        await self._writer.drain()

    def reset(self) -> None:
        """Break the node's connection with RST, as a firewall does."""
        linked: socket.socket | None = self._writer.get_extra_info("socket")
        if linked is not None:
            linked.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._writer.transport.abort()

    async def gone(self) -> None:
        """Wait until the node has closed its end."""
        with contextlib.suppress(OSError):
            while await self._reader.read(_PIECE):
                pass

    def upstream(self) -> "contextlib.AbstractAsyncContextManager[_Stream]":
        """A connection to the hub, for faults that send only a part."""
        return self._proxy.upstream()


Fault = Callable[[Exchange], Awaitable[None]]
Matches = Callable[[Exchange], bool]
_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def passed(exchange: Exchange) -> None:
    """No fault."""
    await exchange.answer(await exchange.forward())


@dataclass(slots=True)
class Rule:
    """A fault for requests that match, as often as `left` says; None: always."""

    fault: Fault
    matches: Matches
    left: int | None
    hits: int = 0
    met: asyncio.Event = field(default_factory=asyncio.Event)

    def takes(self, exchange: Exchange) -> bool:
        """Whether this exchange is its to spoil; counts it."""
        if self.left == 0 or not self.matches(exchange):
            return False
        self.left = None if self.left is None else self.left - 1
        self.hits += 1
        self.met.set()
        return True


class FaultProxy:
    """Listens as the hub's public address until the block ends."""

    def __init__(self, port: int, hub_port: int) -> None:
        self.port = port
        self.requests = 0
        self._hub_port = hub_port
        self._rules: list[Rule] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._connected, HOST, self.port)
        return self

    async def __aexit__(self, *_how: object) -> None:
        """Stop and let every connection go."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextmanager
    def fault(
        self, fault: Fault, *, only: Matches = lambda _: True, times: int | None = None
    ) -> Iterator[Rule]:
        """Do this to the next `times` matching requests while the block lasts."""
        rule = Rule(fault, only, times)
        self._rules.append(rule)
        try:
            yield rule
        finally:
            self._rules.remove(rule)

    @contextlib.asynccontextmanager
    async def upstream(self):  # type: ignore[no-untyped-def]  # noqa: ANN201
        """A connection to the hub.

        Raises:
            LineBroken: the hub is away.
        """
        try:
            reader, writer = await asyncio.open_connection(HOST, self._hub_port)
        except OSError as away:
            raise LineBroken from away
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (head := await _read_head(reader)) is not None:
                await self._exchange(Exchange(head, self, reader, writer))
        except (LineBroken, OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _exchange(self, exchange: Exchange) -> None:
        self.requests += 1
        rule = next((one for one in self._rules if one.takes(exchange)), None)
        await (rule.fault if rule else passed)(exchange)


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    """A whole answer as it came.

    Raises:
        LineBroken: it is not whole.
    """
    head = await _read_head(reader)
    if head is None:
        raise LineBroken
    return head.raw + await _read_body(reader, head)


async def _read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next message's head; None when the other end closed between messages.

    Raises:
        LineBroken: it closed within the head.
    """
    try:
        return Head(await reader.readuntil(_HEAD_END))
    except asyncio.IncompleteReadError as ended:
        if ended.partial:
            raise LineBroken from ended
        return None


async def _read_body(reader: asyncio.StreamReader, head: Head) -> bytes:
    """The body that the head announces, with its chunk marks.

    Raises:
        LineBroken: it ended too soon.
    """
    try:
        if (head.field("transfer-encoding") or "").lower() == "chunked":
            return await _read_chunks(reader)
        is_answer = head.raw.startswith(b"HTTP/")
        if is_answer and head.status in _BODILESS:
            return b""
        return await reader.readexactly(int(head.field("content-length") or 0))
    except asyncio.IncompleteReadError as ended:
        raise LineBroken from ended


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    while True:
        size = await reader.readuntil(_LINE_END)
        chunk = await reader.readexactly(int(size.split(b";")[0], 16) + len(_LINE_END))
        parts += [size, chunk]
        if len(chunk) == len(_LINE_END):
            return b"".join(parts)
