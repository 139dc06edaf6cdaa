"""`python -m deploy.bench`: measure, show, and write `.bench/results.json`."""

import asyncio
import shutil
import sys
import time
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from deploy.bench.child_processes import BenchFailed
from deploy.bench.machine import load_average, machine_facts, server_facts
from deploy.bench.measurements import MEASUREMENTS, PEERS, Measurement
from deploy.bench.peer_environment import KINTO, PYCSW, install_peer
from deploy.bench.report import Line, as_json, show
from deploy.bench.sizes import FULL, NORMAL, QUICK, Sizes
from deploy.bench.world import World, a_world
from shared_platform.observability.logs import configure_logging
from shared_platform.service import spare_collections
from shared_schema.instants import SystemClock, format_instant

FOLDER: Final = Path(".bench")
RESULTS: Final = "results.json"
KEPT: Final = (RESULTS, PYCSW.folder, KINTO.folder)
WIDTH: Final = 120  # of the table in a file or pipe
_IDS: Final = ", ".join(one.id for one in MEASUREMENTS)

Only = Annotated[
    str | None, typer.Option("--only", metavar="B1,B3", help=f"只测这些 / only these of {_IDS}")
]
Quick = Annotated[bool, typer.Option("--quick", help="小规模，三分钟内 / small, within 3 minutes")]
Full = Annotated[bool, typer.Option("--full", help="目标规模 / the sizes of the goals")]
Peers = Annotated[
    bool,
    typer.Option(
        "--peers", help="也测 pycsw 和 Kinto（用 pip 安装） / pycsw and Kinto as well, by pip"
    ),
]


def main(
    only: Only = None, *, quick: Quick = False, full: Full = False, peers: Peers = False
) -> None:
    """测速：每项与同一次运行中的极限相比。 / Speed, each against its limit in the same run.

    例 example: make bench ARGS="--quick --only B4,B5"

    Raises:
        typer.Exit: a measurement cannot be made; what was measured before it is shown.
    """
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    configure_logging(level="error", form="console")
    chosen = chosen_measurements(only, peers=peers)
    sizes = QUICK if quick else FULL if full else NORMAL
    lines: list[Line] = []
    facts: dict[str, object] = {}
    _empty(FOLDER)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(chosen, sizes, console, found=(lines, facts)))
    except BenchFailed as failed:
        console.print(f"[red]中断 / stopped:[/red] {escape(str(failed))}")
        raise typer.Exit(1) from failed
    finally:  # what was measured before something failed is shown all the same
        _empty(FOLDER)
        show(lines, to=console)
        results = FOLDER / RESULTS
        results.write_bytes(orjson.dumps(as_json(lines, facts), option=orjson.OPT_INDENT_2))
        console.print(f"全部数据 / all figures: {results}")


def chosen_measurements(only: str | None, *, peers: bool) -> list[Measurement]:
    """The measurements named, or all; the peers only if asked for.

    Raises:
        typer.BadParameter: there is no such one.
    """
    if only is None:
        return [one for one in MEASUREMENTS if peers or one not in PEERS]
    wanted = {name.strip().upper() for name in only.split(",")}
    beside = {one.id.upper() for one in PEERS}
    if peers and not wanted & beside:
        wanted |= beside
    unknown = wanted - {one.id.upper() for one in MEASUREMENTS}
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}; there are {_IDS}")
    return [one for one in MEASUREMENTS if one.id.upper() in wanted]


async def _run(
    chosen: list[Measurement],
    sizes: Sizes,
    console: Console,
    *,
    found: tuple[list[Line], dict[str, object]],
) -> None:
    spare_collections()  # as in the services
    lines, facts = found
    facts |= {"began": format_instant(SystemClock().now()), **machine_facts()}
    async with a_world(FOLDER.resolve(), sizes, tell=console.print) as world:
        facts["postgresql"] = await server_facts(world.server.url("postgres", role="postgres"))
        if set(PEERS) & set(chosen):
            for peer in (PYCSW, KINTO):  # first: it may fail, and the rest takes long
                await install_peer(world, peer)
        for each in chosen:
            lines.append(await _one(each, world))


async def _one(measurement: Measurement, world: World) -> Line:
    world.tell(f"{measurement.id}: {measurement.title} …")
    before, began = load_average(), time.perf_counter()
    measured = await measurement.measure(world)
    seconds = time.perf_counter() - began
    return Line(measurement.id, measurement.title, measured, seconds, (before, load_average()))


def _empty(folder: Path) -> None:
    """Remove what an earlier run left, but its results and the environment of the peers."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name in KEPT:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


if __name__ == "__main__":
    typer.run(main)
