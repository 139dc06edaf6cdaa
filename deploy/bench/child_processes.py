"""Programs of their own: started, waited for, stopped by their own id; what they took."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from deploy.bench.world import HOST

READY_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 10.0  # pycsw's first answer takes a second or more
STOP_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.01
_OK: Final = 200


class BenchFailed(Exception):
    """A measurement cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended well: how long it took, its output, and its largest memory (KiB)."""

    seconds: float
    output: str
    peak_kib: int


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers: its process and the seconds from its start to its first answer."""

    pid: int
    ready_seconds: float


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Ours without settings of the product, and these."""
    inherited = os.environ.items()  # noqa: TID251  passed on to our own programs
    kept = {name: value for name, value in inherited if not name.startswith("KAIXU_")}
    return kept | dict(settings)


async def run_module(arguments: Sequence[str], settings: Mapping[str, str]) -> Finished:
    """Run `python -m …` to its end.

    Raises:
        BenchFailed: it ended with an error.
    """
    return await asyncio.to_thread(_run, arguments, settings)


def _run(arguments: Sequence[str], settings: Mapping[str, str]) -> Finished:
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-m", *arguments],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise BenchFailed(f"{' '.join(arguments[:2])}: {process.returncode}\n{output[-2000:]}")
    return Finished(time.perf_counter() - began, output, usage.ru_maxrss)


@asynccontextmanager
async def serving(
    arguments: Sequence[str],
    settings: Mapping[str, str],
    *,
    port: int,
    log: Path,
    python: str | None = sys.executable,
    asked: str = "/readyz",
) -> AsyncIterator[Serving]:
    """Run a server until the block ends; the block begins when `asked` is answered by 200.

    Without a `python` the arguments are the whole command.

    Raises:
        BenchFailed: it ended, or did not get ready in time.
    """
    began = time.perf_counter()
    async with at_work(arguments, settings, log=log, python=python) as process:
        await _ready(process, f"http://{HOST}:{port}{asked}", log)
        yield Serving(process.pid, time.perf_counter() - began)


@asynccontextmanager
async def at_work(
    arguments: Sequence[str],
    settings: Mapping[str, str],
    *,
    log: Path,
    python: str | None = sys.executable,
) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """Run a program until the block ends; nobody asks whether it is ready."""
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: ASYNC220, S603  our own program; returns at once
            [*arguments] if python is None else [python, "-m", *arguments],
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        await asyncio.to_thread(_stop, process)


async def _ready(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    """Wait until it answers.

    Raises:
        BenchFailed: it ended, or did not get ready in time.
    """
    deadline = time.perf_counter() + READY_SECONDS
    async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as client:
        while not await _is_ready(client, address):
            if time.perf_counter() > deadline or process.poll() is not None:
                raise BenchFailed(f"nothing answers at {address}: {last_lines(log)}")
            await asyncio.sleep(_LOOK_SECONDS)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def _is_ready(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).status_code == _OK
    except httpx.HTTPError:
        return False


def last_lines(log: Path) -> str:
    """What a program said last: the reason, when it failed."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
