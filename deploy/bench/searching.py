"""B9, and B12 to B14 with a full index: search with facets over HTTP against the bare index call.

The hub runs as a program of its own, on tables filled beforehand; the bare call is the same search
in this process. Each text is asked once only, so that no count is found ready in memory.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Final
from urllib.parse import quote

import orjson
import tantivy

from deploy.bench.bootstrap import follow
from deploy.bench.child_processes import BenchFailed
from deploy.bench.figures import Cost, Figure, Goal, Measured, cost_of, rate_at
from deploy.bench.http_load import Load, connected, load
from deploy.bench.hub_here import write_hub_tables
from deploy.bench.intake import hub_process
from deploy.bench.machine import processor_seconds, shared_out_kib
from deploy.bench.made_catalogue import (
    IN_20TH,
    IN_HALF,
    IN_QUARTER,
    RARE,
    SEVERAL,
    MadeListing,
    Shelf,
    fill,
)
from deploy.bench.world import World
from shared_platform.catalogue.log_position import CATALOGUE_CHANNEL
from shared_platform.database.signals import Signals
from shared_platform.search.documents import IndexedTerms, cut_texts, read_terms
from shared_platform.search.fields import LISTING, schema
from shared_platform.search.follow import IndexKeeper
from shared_platform.search.here import index_folder
from shared_platform.search.index import IndexReader
from shared_platform.search.search import Searching
from shared_platform.search.search_query import SearchQuery, ask_text, together
from shared_schema.instants import SystemClock, legal_day

GOAL_MORE_MS: Final = 2.0
GOAL_TAIL_TIMES, GOAL_TAIL_MS = 3.0, 10.0
GOAL_REBUILD: Final = 2.0
GOAL_START_SECONDS: Final = 2.0
GOAL_MIB: Final = 300.0
KINDS: Final = {
    "rare word": RARE,
    "word in 5 %": IN_20TH,
    "word in 27 %": IN_QUARTER,
    "word in 55 %": IN_HALF,
    "several words": SEVERAL,
    "everything": "",
}
_PATH: Final = "/api/v1/catalogue/search?limit=20&q="
_OTHERWISE: Final = "，。；、！？：（）【】《》"
"""Marks that no word holds: a text with some of them behind it asks for the same, and is new."""

_CUT: Final = 4_000  # listings cut to measure segmentation alone
_PIECES: Final = 400  # substrings of titles that must be found


@dataclass(slots=True)
class SearchTimes:
    """Milliseconds of one kind of search."""

    bare: list[float] = field(default_factory=list)
    http: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Searched:
    """What was found at one size."""

    size: int
    times: dict[str, SearchTimes] = field(
        default_factory=lambda: {kind: SearchTimes() for kind in KINDS}
    )
    build: list[Cost] = field(default_factory=list)
    cut: list[Cost] = field(default_factory=list)
    meanwhile: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    hub_processor: list[float] = field(default_factory=list)
    bare_processor: list[float] = field(default_factory=list)
    missed: int = 0
    index_bytes: int = 0

    @property
    def times_cutting(self) -> float:
        """What making the index took, as a multiple of cutting its texts."""
        cut = sum(one.seconds for one in self.cut) / len(self.cut) / _CUT
        return self.build[0].seconds / self.size / cut


async def measure_search(world: World) -> Measured:
    """Each size has its own database, index and hub."""
    found = [await search_at(world, size) for size in world.sizes.search]
    figures = tuple(each for one in found for each in _figures(one))
    return Measured(
        ", ".join(f"{one.size:,}" for one in found) + " listings",
        figures,
        tuple(each for one in found for each in _goals(one)),
        ("the bare call and the hub's are made in turns; every text is asked for once",),
    )


async def search_at(world: World, size: int) -> Searched:
    """Fill the tables, make the index, start the hub, and search it."""
    found, apart = Searched(size), replace(world)  # with a log of its own
    apart.log.grow(10)
    apart.log.prepare_pages()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(world.database("main_platform", "search"))
        await follow(apart, database)
        await write_hub_tables(apart, database)
        world.tell(f"search: {size:,} listings into the tables …")
        samples = await fill(database, Shelf(apart.log.now, apart.log.size), size)
        folder = index_folder(world.hub_settings())
        keeper = IndexKeeper(database.sessions, folder, Signals(), CATALOGUE_CHANNEL)
        searching = Searching(IndexReader(folder))
        world.tell(f"search: the index of {size:,} …")
        await _build(keeper, found, samples)
        found.index_bytes = folder.bytes()
        found.missed = await asyncio.to_thread(_missed, searching, samples)
        hub = await stack.enter_async_context(hub_process(world, database))
        found.ready.append(hub.ready_seconds)
        await load(world.port, [_PATH + quote(SEVERAL)] * 20, connections=1)
        for turn in range(world.sizes.repeats):
            used = processor_seconds(hub.pid)
            await _compare(world, searching, found, turn=turn)
            used = processor_seconds(hub.pid) - used
            found.hub_processor.append(used / world.sizes.searches / len(KINDS) * 1000)
        found.memory.append(await asyncio.to_thread(shared_out_kib, hub.pid) / 1024)
        found.meanwhile = await _search_while_made(world, keeper, found)
        found.memory.append(await asyncio.to_thread(shared_out_kib, hub.pid) / 1024)
    return found


async def _build(keeper: IndexKeeper, found: Searched, samples: Sequence[MadeListing]) -> None:
    """Segmentation before and after, so that both meet the same machine."""
    terms = [read_terms(one.envelope) for one in samples]
    terms = (terms * (_CUT // len(terms) + 1))[:_CUT]
    found.cut.append(await cost_of(lambda: _cut(terms)))
    found.build.append(await cost_of(keeper.rebuild))
    found.cut.append(await cost_of(lambda: _cut(terms)))


async def _cut(terms: Sequence[IndexedTerms]) -> None:
    for one in terms:
        cut_texts(one)


def _missed(searching: Searching, samples: Sequence[MadeListing]) -> int:
    """How many random pieces of titles do not find their listing."""
    chance, searcher = Random(7), searching.opened()  # noqa: S311 - not for secrets
    missed = 0
    for at in range(_PIECES):
        one = samples[at % len(samples)]
        first = chance.randrange(len(one.title) - 2)
        piece = one.title[first : first + chance.randint(2, 8)]
        itself = tantivy.Query.term_query(schema(), LISTING, str(one.columns[0]), "basic")
        asked = ask_text(searcher, piece)
        both = together(asked, [(tantivy.Occur.Must, itself)])
        missed += not searcher.search(both, 1).hits
    return missed


async def _compare(world: World, searching: Searching, found: Searched, *, turn: int) -> None:
    """The same texts in this process and over one connection."""
    count, today, used = world.sizes.searches, legal_day(SystemClock().now()), 0.0
    for kind, text in KINDS.items():
        texts = _texts(text, count, turn=turn)
        before = time.process_time()
        found.times[kind].bare += await asyncio.to_thread(_bare, searching, texts, today)
        used += time.process_time() - before
        paths = [_PATH + quote(one) for one in texts]
        answered = await load(world.port, paths, connections=1)
        found.times[kind].http += answered.milliseconds
    found.bare_processor.append(used / count / len(KINDS) * 1000)


def _texts(text: str, count: int, *, turn: int) -> list[str]:
    """So many ways to ask for the same, none of them twice in a run."""
    marks = len(_OTHERWISE)
    return [
        f"{text}{_OTHERWISE[turn % marks]}{_OTHERWISE[at % marks] * (at // marks + 1)}"
        for at in range(count)
    ]


def _bare(searching: Searching, texts: Sequence[str], today: date) -> list[float]:
    times = []
    for text in texts:
        began = time.perf_counter()
        query = SearchQuery(text)
        searching.find(query, cursor=None, limit=20, today=today)
        searching.facets(query, today=today)
        times.append((time.perf_counter() - began) * 1000)
    return times


async def _search_while_made(world: World, keeper: IndexKeeper, found: Searched) -> list[float]:
    """Searches and look-ups, one after another, for as long as the index is made again.

    Raises:
        BenchFailed: one was not answered.
    """
    world.tell("search: searching while the index is made again …")
    times: list[float] = []
    making = asyncio.create_task(cost_of(keeper.rebuild))
    connection = await connected(world.port)
    try:
        at = 0
        while not making.done():
            text = _texts(IN_20TH, 1, turn=at)[0] + "…" * (at % 150)
            began = time.perf_counter()
            wire = await connection.get(_PATH + quote(text))
            times.append((time.perf_counter() - began) * 1000)
            if wire.status != 200 or not orjson.loads(wire.body)["total"]:  # noqa: PLR2004
                raise BenchFailed(f"a search while the index was made: {wire.status}")
            at += 1
            await asyncio.sleep(0.05)
    finally:
        connection.close()
        found.build.append(await making)
    return times


def _quantile(times: Sequence[float], part: float) -> float:
    return Load(len(times), 1.0, tuple(times)).quantile(part)


def _figures(found: Searched) -> list[Figure]:
    size = f"{found.size:,}"
    figures: list[Figure] = []
    for kind, times in found.times.items():
        for where, each in (("bare", times.bare), ("HTTP", times.http)):
            for label, part in (("p50", 0.5), ("p99", 0.99)):
                name = f"{size}: {kind}, {where}, {label}"
                figures.append(Figure(name, "ms", (_quantile(each, part),)))
    cut = Figure("", "ms", tuple(one.processor / _CUT * 1e6 for one in found.cut))
    build = Figure("", "ms", tuple(one.processor / found.size * 1e6 for one in found.build))
    return [
        *figures,
        Figure(f"{size}: the hub's processor time, a search", "ms", tuple(found.hub_processor)),
        Figure(f"{size}: the bare call's", "ms", tuple(found.bare_processor)),
        rate_at(f"{size}: listings indexed, alone and beside searches", found.size, found.build),
        rate_at(f"{size}: segmentation alone, listings", _CUT, found.cut),
        replace(build, name=f"{size}: indexed, processor time for 1,000, all threads"),
        replace(cut, name=f"{size}: segmentation alone, processor time for 1,000"),
        Figure(f"{size}: index on disk", "MB", (found.index_bytes / 1e6,)),
        Figure(f"{size}: search while it is made, p50", "ms", (_quantile(found.meanwhile, 0.5),)),
        Figure(f"{size}: search while it is made, p99", "ms", (_quantile(found.meanwhile, 0.99),)),
        Figure(f"{size}: hub start to ready (B13)", "s", tuple(found.ready)),
        Figure(
            f"{size}: hub's memory after searches, after a rebuild beside it (B14)",
            "MiB",
            tuple(found.memory),
        ),
    ]


def _goals(found: Searched) -> list[Goal]:
    size = f"{found.size:,}"
    more, tail = [], []
    for times in found.times.values():
        bare = _quantile(times.bare, 0.5)
        more.append(_quantile(times.http, 0.5) - bare)
        tail.append(_quantile(times.http, 0.99) - GOAL_TAIL_TIMES * bare)
    return [
        Goal(
            f"B9, {size}: p50 above the bare call, worst kind", max(more), "≤", GOAL_MORE_MS, "ms"
        ),
        Goal(
            f"B9, {size}: p99 above three bare calls, worst kind",
            max(tail),
            "≤",
            GOAL_TAIL_MS,
            "ms",
        ),
        Goal(f"B9, {size}: pieces of titles not found", found.missed, "≤", 0),
        Goal(
            f"B12, {size}: index made, times segmentation alone",
            found.times_cutting,
            "≤",
            GOAL_REBUILD,
        ),
        Goal(f"B13, {size}: start to ready", max(found.ready), "≤", GOAL_START_SECONDS, "s"),
        Goal(f"B14, {size}: hub's memory", max(found.memory), "≤", GOAL_MIB, "MiB"),
    ]
