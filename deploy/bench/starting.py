"""B13: from the start of a program to its first answer, against PostgreSQL's own start."""

import shutil
import sys
from pathlib import Path
from typing import Final

from deploy.bench.child_processes import run_module, serving
from deploy.bench.figures import Figure, Goal, Measured, seconds_of
from deploy.bench.world import World, free_port
from shared_platform.database.embedded import EmbeddedServer

GOAL_SECONDS: Final = 2.0
_PROGRAMS: Final = (
    ("hub", "main_platform", "KAIXU_HUB_"),
    ("node", "subplatform", "KAIXU_NODE_"),
)


async def measure_start(world: World) -> Measured:
    """With the embedded database, in a new folder and in one that was set up before."""
    figures: list[Figure] = []
    goals: list[Goal] = []
    new, warm = await _postgres(world)
    figures += [Figure("PostgreSQL, new folder", "s", new), Figure("PostgreSQL", "s", warm)]
    for name, program, prefix in _PROGRAMS:
        first, ready = await _program(world, program, prefix)
        figures.append(Figure(f"{name} init, new folder", "s", first))
        figures.append(Figure(f"{name} start to ready", "s", ready))
        more = Figure("", "", ready).median - Figure("", "", warm).median
        goals.append(Goal(f"{name} above PostgreSQL", more, "≤", GOAL_SECONDS, "s"))
    return Measured("empty", tuple(figures), tuple(goals))


async def measure_help(_world: World) -> Measured:
    """What `--help` takes, against Python doing nothing."""
    figures = []
    for name, arguments in {
        "kaixu-hub --help": ["main_platform", "--help"],
        "kaixu-node --help": ["subplatform", "--help"],
        "kaixu-node import --help": ["subplatform", "import", "--help"],
        "Python doing nothing": ["this"],
    }.items():
        runs = [(await run_module(arguments, {})).seconds for _ in range(5)]
        figures.append(Figure(name, "s", tuple(runs)))
    return Measured(Path(sys.executable).name, tuple(figures))


async def _postgres(world: World) -> tuple[tuple[float, ...], tuple[float, ...]]:
    new: list[float] = []
    warm: list[float] = []
    for run in range(world.sizes.repeats):
        server = EmbeddedServer(world.folder / f"start-{run}")
        for times in (new, warm):
            times.append(await seconds_of(server.join))
            await server.leave()
        shutil.rmtree(server.folder, ignore_errors=True)
    return tuple(new), tuple(warm)


async def _program(
    world: World, program: str, prefix: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    firsts: list[float] = []
    readies: list[float] = []
    for run in range(world.sizes.repeats):
        port = free_port()
        folder = world.folder / f"start-{program}-{run}"
        settings = {
            f"{prefix}DATA_DIR": str(folder),
            f"{prefix}LISTEN_PORT": str(port),
            f"{prefix}LOG_LEVEL": "error",
        }
        firsts.append((await run_module([program, "init", "--json"], settings)).seconds)
        log = world.folder / f"{program}.log"
        async with serving([program, "serve"], settings, port=port, log=log) as served:
            readies.append(served.ready_seconds)
    return tuple(firsts), tuple(readies)
