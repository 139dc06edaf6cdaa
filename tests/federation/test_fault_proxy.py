"""The fault proxy does to an exchange what each fault says, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from deploy.drill.fault_proxy import FaultProxy, Head
from deploy.drill.line_faults import (
    Recorder,
    SamePage,
    Stalled,
    an_answer,
    html_page,
    is_write,
    lose_reply,
    replay,
    reset_in_answer,
    reset_in_body,
    reset_in_head,
    slow,
    twice,
    unavailable,
)
from deploy.drill.services import free_ports

STATEMENT = "/federation/v1/origins/node-1/statements/7"


@dataclass
class Upstream:
    """Answers every request with its number; remembers what came, cut off or not."""

    bodies: list[bytes] = field(default_factory=list)
    closed: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = b""
        try:
            head = Head(await reader.readuntil(b"\r\n\r\n"))
            length = int(head.field("content-length") or 0)
            while len(body) < length and (part := await reader.read(length - len(body))):
                body += part
            if len(body) == length:
                self.bodies.append(body)
                writer.write(an_answer(200, b"answer %d" % len(self.bodies), "text/plain"))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.closed.put_nowait(body)
            writer.close()


@pytest.fixture
async def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
async def proxy(upstream: Upstream) -> AsyncIterator[FaultProxy]:
    ports = free_ports(2)
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", ports[1])
    async with server, FaultProxy(*ports) as running:
        yield running


async def put(proxy: FaultProxy, body: bytes = b"statement") -> httpx.Response:
    url = f"http://127.0.0.1:{proxy.port}{STATEMENT}"
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return await client.put(url, content=body)


async def test_without_a_fault_everything_passes(proxy: FaultProxy, upstream: Upstream) -> None:
    answer = await put(proxy)

    assert (answer.text, upstream.bodies) == ("answer 1", [b"statement"])


async def test_a_lost_reply_is_lost_after_the_deed(proxy: FaultProxy, upstream: Upstream) -> None:
    with proxy.fault(lose_reply, only=is_write, times=1) as rule:
        with pytest.raises(httpx.TransportError):
            await put(proxy)
        again = await put(proxy)

    assert (rule.hits, again.text, len(upstream.bodies)) == (1, "answer 2", 2)


async def test_a_reset_before_the_request_leaves_the_hub_untouched(
    proxy: FaultProxy, upstream: Upstream
) -> None:
    with proxy.fault(reset_in_head), pytest.raises(httpx.TransportError):
        await put(proxy)

    assert upstream.bodies == []


async def test_a_reset_in_the_body_gives_the_hub_half_of_it(
    proxy: FaultProxy, upstream: Upstream
) -> None:
    with proxy.fault(reset_in_body), pytest.raises(httpx.TransportError):
        await put(proxy, b"0123456789")

    assert await upstream.closed.get() == b"01234"
    assert upstream.bodies == []


async def test_a_reset_in_the_answer_comes_after_the_deed(
    proxy: FaultProxy, upstream: Upstream
) -> None:
    with proxy.fault(reset_in_answer), pytest.raises(httpx.TransportError):
        await put(proxy)

    assert upstream.bodies == [b"statement"]


async def test_a_doubled_request_is_answered_by_the_first(
    proxy: FaultProxy, upstream: Upstream
) -> None:
    with proxy.fault(twice):
        answer = await put(proxy)

    assert (answer.text, upstream.bodies) == ("answer 1", [b"statement"] * 2)


async def test_recorded_bytes_can_be_sent_again(proxy: FaultProxy, upstream: Upstream) -> None:
    recorder = Recorder()
    with proxy.fault(recorder):
        await put(proxy)

    status = await replay(recorder.recorded[0], port=proxy.port)

    assert status == (200, "")
    assert upstream.bodies == [b"statement"] * 2


async def test_a_page_for_people_and_a_503_never_reach_the_hub(
    proxy: FaultProxy, upstream: Upstream
) -> None:
    with proxy.fault(html_page):
        page = await put(proxy)
    with proxy.fault(unavailable(9)):
        busy = await put(proxy)

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "9")
    assert upstream.bodies == []


async def test_the_same_page_is_given_for_ever(proxy: FaultProxy, upstream: Upstream) -> None:
    with proxy.fault(SamePage()):
        answers = [(await put(proxy)).text for _ in range(3)]

    assert (answers, len(upstream.bodies)) == (["answer 1"] * 3, 1)


async def test_a_slow_answer_comes_whole(proxy: FaultProxy) -> None:
    with proxy.fault(slow(1_000)):
        dropped = await put(proxy)

    assert dropped.text == "answer 1"


@pytest.mark.parametrize("drop_seconds", [None, 0.01])
async def test_a_stalled_answer_never_ends_and_the_one_who_gives_up_is_noticed(
    proxy: FaultProxy, upstream: Upstream, drop_seconds: float | None
) -> None:
    stalled = Stalled(drop_seconds)
    with proxy.fault(stalled) as rule:
        asking = asyncio.create_task(put(proxy))
        async with asyncio.timeout(30):
            await rule.met.wait()
            asking.cancel()
            await stalled.given_up.wait()

    assert (len(upstream.bodies), len(stalled.waited)) == (1, 1)
    assert asking.cancelled()


async def test_a_hub_that_is_away_is_seen_as_a_broken_connection() -> None:
    ports = free_ports(2)
    async with FaultProxy(*ports) as alone:
        with pytest.raises(httpx.TransportError):
            await put(alone)
