"""What a bad line, a bad proxy or a bad peer does to one exchange."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from deploy.drill.fault_proxy import Exchange, Fault, Matches, read_answer

_SLICE_SECONDS: Final = 0.05
_HTML: Final = b"<!doctype html><title>Wi-Fi login</title><p>Please sign in"


def is_write(exchange: Exchange) -> bool:
    """A statement or a batch on its way to the hub."""
    return exchange.method != "GET" and (
        "/intake" in exchange.target or "/statements/" in exchange.target
    )


def is_page(exchange: Exchange) -> bool:
    """A page of the log."""
    return "/log/entries" in exchange.target


async def lose_reply(exchange: Exchange) -> None:
    """The hub gets the request and does it; its answer never comes."""
    await exchange.forward()
    exchange.reset()


async def reset_in_head(exchange: Exchange) -> None:
    """The connection breaks before the hub has seen anything."""
    exchange.reset()


async def reset_in_answer(exchange: Exchange) -> None:
    """The connection breaks in the middle of the answer."""
    raw = await exchange.forward()
    await exchange.answer(raw[: len(raw) // 2])
    exchange.reset()


async def reset_in_body(exchange: Exchange) -> None:
    """The hub gets half of the body, then both connections break."""
    body = await exchange.body()
    async with exchange.upstream() as (_, writer):
        writer.write(exchange.arrived.raw + body[: len(body) // 2])
        await writer.drain()
    exchange.reset()


async def twice(exchange: Exchange) -> None:
    """The hub gets the same bytes two times; the node sees the first answer."""
    first = await exchange.forward()
    await exchange.forward()
    await exchange.answer(first)


async def html_page(exchange: Exchange) -> None:
    """Something in between answers 200 with a page for people."""
    await exchange.body()
    await exchange.answer(an_answer(200, _HTML, "text/html"))


async def endless_body(exchange: Exchange) -> None:
    """An answer that never ends, as fast as it is read."""
    await exchange.body()
    await exchange.answer(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    chunk = b" " * 65_536
    while True:
        await exchange.answer(b"%x\r\n%b\r\n" % (len(chunk), chunk))


def unavailable(retry_after_s: int) -> Fault:
    """503 with Retry-After, from something that is not the hub."""

    async def fault(exchange: Exchange) -> None:
        await exchange.body()
        body = json.dumps({"status": 503, "retryable": True}).encode()
        retry = f"retry-after: {retry_after_s}"
        await exchange.answer(an_answer(503, body, "application/problem+json", retry))

    return fault


def slow(bytes_per_second: int) -> Fault:
    """The answer comes in drops."""

    async def fault(exchange: Exchange) -> None:
        raw = await exchange.forward()
        step = max(int(bytes_per_second * _SLICE_SECONDS), 1)
        for start in range(0, len(raw), step):
            await exchange.answer(raw[start : start + step])
            await asyncio.sleep(_SLICE_SECONDS)

    return fault


@dataclass(slots=True)
class Stalled:
    """The hub does it, and its answer does not come until the node gives up and closes.

    With `drop_seconds` one byte comes each so many seconds, so that silence is no sign.
    `waited` holds, for each exchange, the seconds from its arrival until the node gave up.
    """

    drop_seconds: float | None = None
    waited: list[float] = field(default_factory=list)
    given_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, exchange: Exchange) -> None:
        """Hold back, or let drops through, while the node waits."""
        began = time.monotonic()
        raw = await exchange.forward()
        dropping = asyncio.create_task(self._drop(exchange, raw))
        try:
            await exchange.gone()
        finally:
            dropping.cancel()
        self.waited.append(time.monotonic() - began)
        self.given_up.set()

    async def _drop(self, exchange: Exchange, raw: bytes) -> None:
        """Everything but the last byte, which would end the answer."""
        if self.drop_seconds is None:
            return
        for at in range(len(raw) - 1):
            await asyncio.sleep(self.drop_seconds)
            with suppress(OSError):
                await exchange.answer(raw[at : at + 1])


@dataclass(slots=True)
class SamePage:
    """A peer that gives the first page of the log whatever is asked for."""

    first: bytes | None = None

    async def __call__(self, exchange: Exchange) -> None:
        """Answer with the page that was seen first."""
        if self.first is None:
            self.first = await exchange.forward()
        await exchange.answer(self.first)


@dataclass(slots=True)
class Swapped:
    """Two requests, of which the second overtakes the first."""

    _overtaken: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: bool = False

    async def __call__(self, exchange: Exchange) -> None:
        """Hold the first one back, let the second pass."""
        if not self._waiting:
            self._waiting = True
            await exchange.body()
            await self._overtaken.wait()
            await exchange.answer(await exchange.forward())
            return
        await exchange.answer(await exchange.forward())
        self._overtaken.set()


@dataclass(slots=True)
class Recorder:
    """Lets everything pass and keeps the bytes, to be sent again by somebody else."""

    recorded: list[bytes] = field(default_factory=list)

    async def __call__(self, exchange: Exchange) -> None:
        """Pass, and keep the request if the hub took it."""
        raw = await exchange.forward()
        self.recorded.append(exchange.arrived.raw + await exchange.body())
        await exchange.answer(raw)


async def replay(raw: bytes, *, port: int) -> tuple[int, str]:
    """Send recorded bytes again; the status, and the problem's code if it is one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        head, _, body = (await read_answer(reader)).partition(b"\r\n\r\n")
    finally:
        writer.transport.abort()
    status = int(head.split(b" ", 2)[1])
    code = json.loads(body).get("code", "") if b"problem+json" in head else ""
    return status, code


def both(one: Matches, other: Matches) -> Matches:
    """Exchanges that match both."""
    return lambda exchange: one(exchange) and other(exchange)


def an_answer(status: int, body: bytes, media_type: str, *fields: str) -> bytes:
    """A whole HTTP answer."""
    lines = [
        f"HTTP/1.1 {status} -",
        f"content-type: {media_type}",
        f"content-length: {len(body)}",
        *fields,
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body
