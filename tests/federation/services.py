"""One service of a federation as a process of its own: started, asked, stopped, killed by its id.

Settings go by the environment, requests over real sockets, commands through the real program.
"""

import asyncio
import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx

from deploy.demo.processes import Place

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
COMMAND_SECONDS: Final = 240.0
_POLL_SECONDS: Final = 0.1
Found = TypeVar("Found")


class CommandFailed(AssertionError):
    """A command ended with another exit status than the test expects."""


class NeverHappened(AssertionError):
    """A condition did not come about in the time a test allows."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed: its JSON answer, and its progress lines."""

    status: int
    answer: dict[str, Any]
    progress: list[str]


@dataclass(slots=True)
class Service:
    """A hub or a node at its place, with or without a running process."""

    place: Place
    tokens: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start `serve` in a session of its own; its log goes into its folder."""
        assert not self.is_running, f"{self.place.name} runs already"
        with (self.place.folder / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.place.program, "serve"],
                env=self.place.environment(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    async def ready(self) -> None:
        """Wait until it says that it can serve."""

        async def says_so() -> bool:
            if not self.is_running:
                raise NeverHappened(f"{self.place.name} ended\n{self.log_tail()}")
            try:
                return (await self.ask("GET", "/readyz")).status_code == 200
            except httpx.HTTPError:
                return False

        await eventually(f"{self.place.name} is ready", says_so, seconds=START_SECONDS)

    async def stop(self) -> None:
        """Ask it to stop, as an operator does, and wait for its end."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it without a word, as a power cut does."""
        await self._end(signal.SIGKILL)

    async def _end(self, number: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
            raise NeverHappened(f"{self.place.name} did not stop\n{self.log_tail()}") from None

    async def run(self, *arguments: str, status: int = 0) -> Ran:
        """Run one command of its program with `--json`; other exit statuses fail the test."""
        return await asyncio.to_thread(self._run, arguments, status)

    def _run(self, arguments: tuple[str, ...], status: int) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", self.place.program, *arguments, "--json"],
            env=self.place.environment(),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode != status:
            command = " ".join((self.place.program, *arguments))
            raise CommandFailed(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        answer = json.loads(done.stdout) if done.stdout.strip() else {}
        return Ran(done.returncode, answer, done.stderr.splitlines())

    async def ask(
        self, method: str, path: str, body: object = None, *, by: str | None = None
    ) -> httpx.Response:
        """One HTTP request, of somebody with a token if named."""
        headers = {} if by is None else {"authorization": f"Bearer {self.tokens[by]}"}
        async with self.client() as client:
            return await client.request(method, path, json=body, headers=headers)

    async def told(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: str | None = None,
        status: int | None = None,
    ) -> Any:
        """As `ask`: the JSON answer of a request that must succeed, or end with `status`."""
        answer = await self.ask(method, path, body, by=by)
        wanted = {status} if status is not None else {200, 201, 202, 204}
        assert answer.status_code in wanted, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def client(self) -> httpx.AsyncClient:
        """Somebody with a socket."""
        return httpx.AsyncClient(base_url=self.place.url, timeout=60, trust_env=False)

    def log_tail(self, lines: int = 25) -> str:
        """The end of its log."""
        file = self.place.folder / "service.log"
        text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def failures(self) -> list[str]:
        """Log lines of errors it had: none are expected in any test."""
        text = (self.place.folder / "service.log").read_text(encoding="utf-8", errors="replace")
        marks = ('"level":"error"', '"level": "error"', "Traceback")
        return [line for line in text.splitlines() if any(mark in line for mark in marks)]


async def eventually(
    what: str, probe: Callable[[], Awaitable[Found | None]], *, seconds: float = 30.0
) -> Found:
    """Ask again and again until the answer is neither None, False nor empty.

    Raises:
        NeverHappened: it still is after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = await probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise NeverHappened(f"not within {seconds:g} s: {what}; last seen: {found!r}")
        await asyncio.sleep(_POLL_SECONDS)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, below those the system gives to outgoing connections.

    A service that was killed finds its port free again, whatever other programs connect meanwhile.
    """
    ports: list[int] = []
    candidates = random.Random()
    while len(ports) < count:
        port = candidates.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            if port not in ports:
                ports.append(port)
    return ports
