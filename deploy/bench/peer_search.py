"""Search beside peers: the same listings and words in pycsw and Kinto, over HTTP on this machine.

pycsw answers `AnyText like` by CSW GetRecords with twenty records and the number of all, Kinto
`like_text` by a page of twenty and the number by HEAD; neither has facets, ours counts twelve.
"""

import time
from typing import Any, Final
from urllib.parse import quote

import httpx
import orjson
from lxml import etree

from deploy.bench.child_processes import BenchFailed
from deploy.bench.figures import Figure, Goal, Measured, ratio
from deploy.bench.kinto_peer import KintoPeer, a_kinto
from deploy.bench.made_catalogue import IN_20TH, IN_HALF, RARE, MadeListing, Shelf
from deploy.bench.pycsw_peer import CSW, Peer, Row, a_pycsw, dublin_core_row
from deploy.bench.searching import KINDS, search_at
from deploy.bench.world import World
from shared_platform.search.documents import read_terms
from shared_schema.instants import format_instant

GOAL_TIMES: Final = 100.0
_WORDS: Final = {kind: word for kind, word in KINDS.items() if word in {RARE, IN_20TH, IN_HALF}}
_ASKED: Final = 4  # the first is not counted
_PAGE: Final = 20
_SECONDS: Final = 600.0  # for one answer


async def measure_peer_search(world: World) -> Measured:
    """All hold the same listings; the peers are asked after our own run has ended."""
    size = world.sizes.peer_search
    ours = await search_at(world, size)
    async with a_pycsw(world) as peer:
        world.tell(f"peers: {size:,} listings into pycsw")
        at = format_instant(world.log.now)
        await peer.load_rows(_row(one, at) for one in Shelf(world.log.now, 0).listings(size))
        theirs = {kind: await _times(peer, word) for kind, word in _WORDS.items()}
    async with a_kinto(world) as kinto:
        world.tell(f"peers: {size:,} listings into Kinto")
        await kinto.load(_record(one) for one in Shelf(world.log.now, 0).listings(size))
        others = {kind: await _kinto_times(kinto, word) for kind, word in _WORDS.items()}
    figures: list[Figure] = []
    goals: list[Goal] = []
    for kind, times in theirs.items():
        here = Figure(f"{kind}, ours with facets", "ms", tuple(ours.times[kind].http))
        there = Figure(f"{kind}, pycsw", "ms", times)
        beside = Figure(f"{kind}, Kinto", "ms", others[kind])
        figures += [here, there, beside]
        goals.append(Goal(f"{kind}, pycsw to ours", ratio(there, here), "≥", GOAL_TIMES))
        goals.append(Goal(f"{kind}, Kinto to ours", ratio(beside, here), "≥", GOAL_TIMES))
    return Measured(f"{size:,} listings", tuple(figures), tuple(goals))


def _row(made: MadeListing, at: str) -> Row:
    shown = orjson.loads(made.facts) | {"items": orjson.loads(made.items)}
    return dublin_core_row(shown, at, abstract=read_terms(made.envelope).abstract)


def _record(made: MadeListing) -> dict[str, Any]:
    """What people see of the listing, and the text that is looked through."""
    items: dict[str, Any] = orjson.loads(made.items)
    abstract = read_terms(made.envelope).abstract
    text = " ".join([made.number, made.title, *items["holders"], abstract])
    return items | {"id": str(made.columns[0]), "text": text}


async def _kinto_times(peer: KintoPeer, word: str) -> tuple[float, ...]:
    """Milliseconds of each answer after the first.

    Raises:
        BenchFailed: it finds nothing.
    """
    times = []
    async with httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as client:
        for _ in range(_ASKED):
            began = time.perf_counter()
            total = await peer.search(client, word, limit=_PAGE)
            times.append((time.perf_counter() - began) * 1000)
            if not total:
                raise BenchFailed(f"Kinto finds no {word}")
    return tuple(times[1:])


async def _times(peer: Peer, word: str) -> tuple[float, ...]:
    """Milliseconds of each answer after the first.

    Raises:
        BenchFailed: it finds nothing.
    """
    asked = (
        "?service=CSW&version=2.0.2&request=GetRecords&typenames=csw:Record&resulttype=results"
        "&elementsetname=summary&maxrecords=20&constraintlanguage=CQL_TEXT&constraint="
    )
    address = peer.address + asked + quote(f"csw:AnyText like '%{word}%'")
    times = []
    async with httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as client:
        for _ in range(_ASKED):
            began = time.perf_counter()
            answer = await client.get(address)
            times.append((time.perf_counter() - began) * 1000)
            results = etree.fromstring(answer.content).find(f"{{{CSW}}}SearchResults")
            if results is None or results.get("numberOfRecordsMatched") in {None, "0"}:
                raise BenchFailed(f"pycsw finds no {word}: {answer.text[:500]}")
    return tuple(times[1:])
