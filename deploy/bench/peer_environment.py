"""The peers' own environments: what pip installs for each stays in a folder of the run."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from deploy.bench.child_processes import BenchFailed, environment, last_lines
from deploy.bench.world import World

_QUIET: Final = ("--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir")
_PINNED: Final = ("--require-hashes", "--only-binary", ":all:", "--requirement")


@dataclass(frozen=True, slots=True)
class PeerSoftware:
    """What pip installs for one peer; the folder stays between runs, since pip takes a while."""

    name: str
    folder: str
    requirements: Path


_HERE: Final = Path(__file__).parent
PYCSW: Final = PeerSoftware("pycsw", "peers", _HERE / "peers-requirements.txt")
KINTO: Final = PeerSoftware("Kinto", "peers-kinto", _HERE / "kinto-requirements.txt")


async def install_peer(world: World, peer: PeerSoftware) -> Path:
    """The environment's folder, made anew if the pinned versions are not those it has.

    Raises:
        BenchFailed: pip cannot install them, as without a network.
    """
    folder = world.folder / peer.folder
    wanted = sha256(await asyncio.to_thread(peer.requirements.read_bytes)).hexdigest()
    mark = folder / "installed"
    if mark.exists() and mark.read_text(encoding="ascii") == wanted:
        return folder
    world.tell(f"peers: installing {peer.name} by pip, half a minute …")
    log = world.folder / f"{peer.folder}-install.log"
    await run_apart([sys.executable, "-m", "venv", "--clear", str(folder)], {}, log=log)
    pip = [program(folder, "python"), "-m", "pip", "install", *_QUIET, *_PINNED]
    try:
        await run_apart([*pip, str(peer.requirements)], {}, log=log)
    except BenchFailed as failed:
        raise BenchFailed(
            f"pip 无法安装 {peer.name}；请检查网络或软件包源，或不带 PEERS 运行"
            f" / pip cannot install {peer.name}: check the network and the package index,"
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
