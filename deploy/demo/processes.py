"""The demonstration's processes: started, waited for, stopped by their own id, never by name."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

READY_SECONDS = 120.0
STOP_SECONDS = 30.0


class DemoFailed(Exception):
    """The demonstration cannot go on; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """One service of the demonstration: its program, address, folder and settings."""

    name: str
    title: str
    program: str
    port: int
    folder: Path
    settings: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def prefix(self) -> str:
        """The prefix of its settings."""
        return "KAIXU_HUB_" if self.program == "main_platform" else "KAIXU_NODE_"

    def environment(self) -> dict[str, str]:
        """The environment of its processes: ours without foreign settings, and its own."""
        inherited = os.environ.items()  # noqa: TID251  passed on to the services
        kept = {name: value for name, value in inherited if not name.startswith("KAIXU_")}
        own = {
            "DATA_DIR": str(self.folder),
            "LISTEN_PORT": str(self.port),
            "PUBLIC_BASE_URL": self.url,
            **self.settings,
        }
        return kept | {self.prefix + name: value for name, value in own.items()}


@dataclass(slots=True)
class Processes:
    """What the demonstration started."""

    running: list[tuple[Place, "subprocess.Popen[bytes]"]] = field(default_factory=list)

    def start(self, place: Place) -> None:
        """Start the service in a session of its own; its log goes into its folder.

        Raises:
            DemoFailed: the port is taken.
        """
        refuse_taken_port(place.port)
        log = (place.folder / "service.log").open("ab")
        process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-m", place.program, "serve"],
            env=place.environment(),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        log.close()
        self.running.append((place, process))

    def wait_ready(self) -> None:
        """Wait until every service says that it can serve.

        Raises:
            DemoFailed: one ended, or did not get ready in time.
        """
        deadline = time.monotonic() + READY_SECONDS
        for place, process in self.running:
            while not _is_ready(place):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise DemoFailed(f"{place.title} 没有起来 / did not start\n{_tail(place)}")
                time.sleep(0.1)

    def stop(self) -> None:
        """Ask every process to stop, the nodes first, and wait; kill what does not."""
        for _, process in reversed(self.running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for _, process in reversed(self.running):
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def ended(self) -> Place | None:
        """A service that ended by itself, if any did."""
        return next((place for place, one in self.running if one.poll() is not None), None)


def run_program(place: Place, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run one command of the service's program to its end; its progress is shown.

    Raises:
        DemoFailed: it ended with an error.
    """
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", place.program, *arguments],
        env=place.environment(),
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    if done.returncode:
        command = " ".join((place.program, *arguments))
        raise DemoFailed(f"{command}\n{done.stdout}")
    return done


def refuse_taken_port(port: int) -> None:
    """Find out before starting anything whether the port is free.

    Raises:
        DemoFailed: something listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise DemoFailed(
                f"端口 {port} 已被占用；先停掉占用它的程序，或用 ARGS=--port 9000 换一组端口"
                f" / port {port} is taken: stop what uses it, or choose others by ARGS=--port 9000"
            ) from taken


def _is_ready(place: Place) -> bool:
    try:
        return httpx.get(f"{place.url}/readyz", timeout=2, trust_env=False).status_code == 200  # noqa: PLR2004
    except httpx.HTTPError:
        return False


def _tail(place: Place) -> str:
    log = place.folder / "service.log"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-15:])
