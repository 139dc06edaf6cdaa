"""Drills of a bad line: N2 to N5, N7 and T2 of the fault list (docs/reliability.md)."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Final

import httpx
from sqlalchemy import text

from deploy.drill.fault_proxy import Exchange
from deploy.drill.fault_proxy import passed as passed_on
from deploy.drill.federation import OPERATOR, PULL_WAIT_SECONDS, database_of
from deploy.drill.line_faults import (
    Recorder,
    SamePage,
    Stalled,
    Swapped,
    an_answer,
    endless_body,
    html_page,
    is_page,
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
from deploy.drill.services import Service, eventually
from deploy.drill.stand import FIRST, SECOND, Outcome, Stand, p95
from shared_platform.transport.outbound import OutboundLimits

_MEGABYTE: Final = 1024
SECOND_SENDS: Final = 8
_DROP_SECONDS: Final = 4.0
_LATE_SECONDS: Final = 15.0  # that a busy machine may take beyond a bound
_SLOW_SENDS: Final = 5
_STALL_SECONDS: Final = 300.0
_HELD_BYTES: Final = 16


@dataclass(slots=True)
class _FirstTime:
    """Matches a write the first time its address is seen."""

    seen: set[str] = field(default_factory=set)

    def __call__(self, exchange: Exchange) -> bool:
        is_new = is_write(exchange) and exchange.target not in self.seen
        self.seen.add(exchange.target)
        return is_new


async def n2_reply_lost(stand: Stand, *, count: int = 1_000) -> Outcome:
    """The hub does it and its answer is lost, for every one of a thousand statements."""
    with stand.drilled.proxy.fault(lose_reply, only=_FirstTime()) as rule:
        listings = await stand.offer(count)
        await stand.delivered()
    found = await effects(stand, listings)
    once = sum(one == 1 for one in found.values())
    return Outcome(
        "n2",
        f"the answer to each of {count} statements is lost after the commit",
        "exactly one effect each, all acknowledged in the end",
        f"{rule.hits} answers lost, {once} of {count} with exactly one effect",
        passed=rule.hits == once == count,
    )


async def n3_resets(stand: Stand, *, count: int = 30) -> Outcome:
    """Connections break before the hub, in the body and in the answer."""
    hits: Counter[str] = Counter()
    listings: list[str] = []
    for fault in (reset_in_head, reset_in_body, reset_in_answer):
        with stand.drilled.proxy.fault(fault, only=_FirstTime()) as rule:
            listings += await stand.offer(count)
            await stand.delivered()
        hits[fault.__name__] = rule.hits
    found = await effects(stand, listings)
    once = sum(one == 1 for one in found.values())
    return Outcome(
        "n3",
        "connection reset before the request, in its body, in the answer",
        "sent again, exactly one effect each",
        f"{sum(hits.values())} resets {dict(hits)}, {once} of {3 * count} with exactly one effect",
        passed=once == 3 * count == sum(hits.values()),
    )


async def n4_slow_peer(stand: Stand) -> Outcome:
    """One node's line gives one byte in 5 ms; the other node must not notice."""

    async def ask() -> httpx.Response:
        return await client.get("/federation/v1/log/checkpoint")

    def of_first(exchange: Exchange) -> bool:
        return is_write(exchange) and f"/origins/{FIRST}/" in exchange.target

    async with stand.drilled.hub.client() as client:
        quiet = await p95(ask, count=200)
        with stand.drilled.proxy.fault(slow(200), only=of_first) as rule:
            await stand.offer(5)
            await asyncio.wait_for(rule.met.wait(), 60)
            busy = await p95(ask, count=200)
            began = time.monotonic()
            await stand.offer(_SLOW_SENDS, at=SECOND)
            await stand.delivered(stand.second)
            others = time.monotonic() - began
    await stand.delivered()
    return Outcome(
        "n4",
        "one node gets answers at 1 byte in 5 ms",
        "the hub answers others as before (95th percentile at most double)",
        f"p95 {quiet:.1f} ms, during it {busy:.1f} ms; the other node delivered in {others:.1f} s",
        passed=busy <= 2 * max(quiet, _HELD_BYTES),
    )


async def n4_stalled_peer(stand: Stand) -> Outcome:
    """A page and a write get no answer at all; then a page and a write get drops for ever."""
    bounds, held = OutboundLimits(), True
    told: list[str] = []
    listings: list[str] = []
    for name, drop_seconds, seconds in (
        ("silent", None, bounds.read_seconds),
        ("drops", _DROP_SECONDS, bounds.total_seconds),
    ):
        page, write = Stalled(drop_seconds), Stalled(drop_seconds)
        others, passed = await _stall(stand, page, write=write, listings=listings)
        began = time.monotonic()
        await stand.delivered()
        for node in (stand.first, stand.second):
            await eventually("the copy is level", partial(_is_healthy, node), seconds=180)
        back = time.monotonic() - began
        told.append(
            f"{name}: page given up after {page.waited[0]:.1f} s, write after"
            f" {write.waited[0]:.1f} s; meanwhile the other node delivered in {others:.1f} s and"
            f" {passed} pages passed; level {back:.1f} s later"
        )
        held &= passed > 0 and others < write.waited[0]
        held &= abs(page.waited[0] - seconds - PULL_WAIT_SECONDS) < _LATE_SECONDS
        held &= abs(write.waited[0] - seconds) < _LATE_SECONDS
    found = await effects(stand, listings)
    return Outcome(
        "n4-stall",
        "a page and a write of a node without an answer; then with a byte of it in 4 s",
        f"given up at read_seconds ({bounds.read_seconds:g} s; a page may wait"
        f" {PULL_WAIT_SECONDS} s more) and total_seconds ({bounds.total_seconds:g} s); the other"
        " node goes on; then level, one effect each",
        f"{'; '.join(told)}; {sum(one == 1 for one in found.values())} of {len(found)} with exactly"
        " one effect",
        passed=held and set(found.values()) == {1},
    )


async def _stall(
    stand: Stand, page: Stalled, *, write: Stalled, listings: list[str]
) -> tuple[float, int]:
    """Stall one page and one write of the first node until both are given up.

    Returns:
        The seconds in which the other node delivered meanwhile, and the pages that passed.
    """
    passed = 0

    def of_first(exchange: Exchange) -> bool:
        return is_write(exchange) and f"/origins/{FIRST}/" in exchange.target

    def counted(exchange: Exchange) -> bool:
        nonlocal passed
        passed += is_page(exchange) and not page.given_up.is_set()
        return is_page(exchange)

    proxy = stand.drilled.proxy
    with (
        proxy.fault(page, only=is_page, times=1) as of_page,
        proxy.fault(write, only=of_first, times=1) as of_write,
        proxy.fault(passed_on, only=counted),
    ):
        listings += await stand.offer(1)
        async with asyncio.timeout(_STALL_SECONDS):
            await asyncio.gather(of_page.met.wait(), of_write.met.wait())
            began = time.monotonic()
            listings += await stand.offer(1, at=SECOND)
            await stand.delivered(stand.second)
            others = time.monotonic() - began
            await asyncio.gather(page.given_up.wait(), write.given_up.wait())
    return others, passed


async def n5_looping_peer(stand: Stand) -> Outcome:
    """The hub's place is taken by something that answers without end."""
    codes: dict[str, str] = {}
    before = _memory_mb(stand.first)

    async def redirect(exchange: Exchange) -> None:
        await exchange.body()
        where = f"location: {exchange.target}"
        await exchange.answer(an_answer(302, b"", "text/plain", where))

    for name, fault in (
        ("endless body", endless_body),
        ("the same page for ever", SamePage()),
        ("redirects to itself", redirect),
    ):
        with stand.drilled.proxy.fault(fault, only=is_page) as rule:
            await stand.offer(2)
            await asyncio.wait_for(rule.met.wait(), 120)
            codes[name] = f"{await _failure(stand.first)} after {rule.hits} requests"
        await eventually("the copy is level again", lambda: _is_healthy(stand.first), seconds=180)
    await stand.delivered()
    grown = _memory_mb(stand.first) - before
    return Outcome(
        "n5",
        "endless body; the same page for ever; redirects",
        "stops at a bound, says why, recovers; memory stays",
        "; ".join(f"{name}: {code}" for name, code in codes.items()) + f"; {grown:+d} MB",
        passed=grown < 64 and "None" not in str(codes),  # noqa: PLR2004  four answers of 16 MiB
    )


async def n7_wrong_answers(stand: Stand) -> Outcome:
    """200 with a page for people; 503 with Retry-After."""
    proxy = stand.drilled.proxy
    with proxy.fault(html_page, only=is_write) as pages:
        await stand.offer(3)
        await asyncio.wait_for(pages.met.wait(), 60)
        believed = (await stand.standing())["counts"].get("sent", 0)
    await stand.delivered()
    sent = (await stand.standing())["counts"]["sent"]
    arrivals: list[float] = []

    async def tried_three_times() -> bool:
        return len(arrivals) >= 3  # noqa: PLR2004  two pauses

    with proxy.fault(unavailable(3), only=partial(_noted, arrivals=arrivals)) as refused:
        await stand.offer(3)
        await eventually("three tries", tried_three_times, seconds=120)
    tries = list(arrivals)
    await stand.delivered()
    kept = min(after - before for before, after in pairwise(tries))
    return Outcome(
        "n7",
        f"{pages.hits} × 200 with HTML; {refused.hits} × 503 with Retry-After 3 s on everything",
        "HTML is no receipt; one try of one statement after each Retry-After; then delivered",
        f"{sent - believed} of 3 believed only afterwards; {len(tries)} tries,"
        f" shortest pause {kept:.1f} s",
        passed=sent - believed == 3 and kept >= 3,  # noqa: PLR2004
    )


async def t2_replays(stand: Stand) -> Outcome:
    """The same request twice, and recorded requests again, the old ones after the new ones."""
    proxy, recorder = stand.drilled.proxy, Recorder()
    with proxy.fault(twice, only=is_write) as doubled:
        listings = await stand.offer(10)
        await stand.delivered()
    with proxy.fault(recorder, only=is_write):
        listings += await stand.offer(10)
        await stand.delivered()
    with proxy.fault(Swapped(), only=is_write, times=2) as swapped:
        listings += await stand.offer(1)
        listings += await stand.offer(1, at=SECOND)
        await stand.delivered()
        await stand.delivered(stand.second)
    before = await _submissions(stand)
    answers = Counter([await replay(raw, port=proxy.port) for raw in reversed(recorder.recorded)])
    added = await _submissions(stand) - before
    found = await effects(stand, listings)
    once = sum(one == 1 for one in found.values())
    codes = ", ".join(f"{count} × {status} {code}" for (status, code), count in answers.items())
    return Outcome(
        "t2",
        f"{doubled.hits} requests doubled, {swapped.hits} swapped; {len(recorder.recorded)} sent"
        " again, the last first",
        "one effect each; replays refused by name",
        f"{once} of {len(listings)} with exactly one effect; {added} added by replays: {codes}",
        passed=once == len(listings) and not added and set(answers) == {(401, "nonce_replayed")},
    )


async def effects(stand: Stand, listings: list[str]) -> dict[str, int]:
    """How many statements the hub has of each listing."""
    async with database_of(stand.drilled.hub) as session:
        rows = await session.execute(
            text("SELECT listing, count(*) AS n FROM submission GROUP BY listing")
        )
        found = {str(row.listing): int(row.n) for row in rows}
    return {one: found.get(one, 0) for one in listings}


async def _submissions(stand: Stand) -> int:
    async with database_of(stand.drilled.hub) as session:
        return int(await session.scalar(text("SELECT count(*) FROM submission")) or 0)


async def _failure(node: Service) -> str:
    """Wait until the node says that following the log fails; how it calls that."""

    async def says() -> str | None:
        found = await node.told("GET", "/api/v1/mirror", by=OPERATOR)
        return (found["failure"] or {}).get("code")

    return await eventually("the node says what is wrong", says, seconds=120)


async def _is_healthy(node: Service) -> bool:
    found = await node.told("GET", "/api/v1/mirror", by=OPERATOR)
    return found["failure"] is None and found["lag_entries"] == 0


def _noted(exchange: Exchange, *, arrivals: list[float]) -> bool:
    """Matches everything; notes when a write came."""
    if is_write(exchange):
        arrivals.append(time.monotonic())
    return True


def _memory_mb(service: Service) -> int:
    """Resident memory of its process."""
    assert service.process is not None
    with open(f"/proc/{service.process.pid}/status", encoding="utf-8") as status:  # noqa: PTH123
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) // _MEGABYTE
