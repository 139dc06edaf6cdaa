"""The peers' own environment: what pip installs for them stays in one folder of the run."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from deploy.bench.child_processes import BenchFailed, environment, last_lines
from deploy.bench.world import World

ENVIRONMENT: Final = "peers"
"""The folder's name; it stays between runs, since pip takes half a minute and the registry."""

REQUIREMENTS: Final = Path(__file__).with_name("peers-requirements.txt")
_QUIET: Final = ("--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir")
_PINNED: Final = ("--require-hashes", "--only-binary", ":all:", "--requirement", str(REQUIREMENTS))


async def install_peers(world: World) -> Path:
    """The environment's folder, made anew if the pinned versions are not those it has.

    Raises:
        BenchFailed: pip cannot install them, as without a network.
    """
    folder = world.folder / ENVIRONMENT
    wanted = sha256(await asyncio.to_thread(REQUIREMENTS.read_bytes)).hexdigest()
    mark = folder / "installed"
    if mark.exists() and mark.read_text(encoding="ascii") == wanted:
        return folder
    world.tell("peers: installing pycsw by pip, half a minute …")
    log = world.folder / "peers-install.log"
    await run_apart([sys.executable, "-m", "venv", "--clear", str(folder)], {}, log=log)
    pip = [program(folder, "python"), "-m", "pip", "install", *_QUIET, *_PINNED]
    try:
        await run_apart(pip, {}, log=log)
    except BenchFailed as failed:
        raise BenchFailed(
            "pip 无法安装 pycsw；请检查网络或软件包源，或不带 PEERS 运行"
            " / pip cannot install pycsw: check the network and the package index,"
            f" or run without PEERS\n{failed}"
        ) from failed
    mark.write_text(wanted, encoding="ascii")
    return folder


def program(folder: Path, name: str) -> str:
    """A program of the environment."""
    return str(folder / ("Scripts" if sys.platform == "win32" else "bin") / name)


async def run_apart(command: Sequence[str], settings: dict[str, str], *, log: Path) -> None:
    """Run a program that is not ours to its end.

    Raises:
        BenchFailed: it ended with an error; the text is what it said last.
    """
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        try:
            status = await process.wait()
        finally:
            if process.returncode is None:  # the run was interrupted
                process.terminate()
                await process.wait()
    if status:
        raise BenchFailed(last_lines(log))
