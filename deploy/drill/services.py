"""One service of a federation as a process of its own: started, asked, stopped, killed by its id.

Tests and drills share it. Settings go by the environment, requests over real sockets, commands
through the real program.
"""

import asyncio
import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx

from deploy.demo.processes import Place

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
STARTS: Final = 5  # of a program whose database is killed while it starts
COMMAND_SECONDS: Final = 240.0
_POLL_SECONDS: Final = 0.1
_OK: Final = 200
Found = TypeVar("Found")


class CommandFailed(AssertionError):
    """A command ended with another exit status than was expected."""


class NeverHappened(AssertionError):
    """A condition did not come about in the time allowed for it."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed: its JSON answer, and its progress lines."""

    status: int
    answer: dict[str, Any]
    progress: list[str]


@dataclass(slots=True)
class Service:
    """A hub or a node at its place, with or without a running process.

    `command` is what runs: `serve`, or `worker` for a hub's sequencer apart.
    """

    place: Place
    tokens: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    command: str = "serve"
    log_begin: int = 0

    @property
    def log_file(self) -> Path:
        """Where its process writes what it has to say."""
        own = "service" if self.command == "serve" else self.command
        return self.place.folder / f"{own}.log"

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self, **settings: str) -> None:
        """Start it in a session of its own, with more settings; its log goes into its folder."""
        assert not self.is_running, f"{self.place.name} runs already"
        more = {self.place.prefix + name.upper(): value for name, value in settings.items()}
        with self.log_file.open("ab") as log:
            self.log_begin = log.tell()
            self.process = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-m", self.place.program, self.command],
                env=self.place.environment() | more,
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
            if self.command != "serve":
                return has_said(self, "working")
            try:
                return (await self.ask("GET", "/readyz")).status_code == _OK
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

    async def run(self, *arguments: str, status: int = 0, **settings: str) -> Ran:
        """Run one command of its program with `--json`; other exit statuses are failures.

        Raises:
            CommandFailed: it ended with another status.
        """
        more = {self.place.prefix + name.upper(): value for name, value in settings.items()}
        return await asyncio.to_thread(self._run, arguments, status, more)

    def _run(self, arguments: tuple[str, ...], status: int, more: Mapping[str, str]) -> Ran:
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-m", self.place.program, *arguments, "--json"],
            env=self.place.environment() | dict(more),
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
    ) -> Any:  # noqa: ANN401  JSON of any shape
        """As `ask`: the JSON answer of a request that must succeed, or end with `status`."""
        answer = await self.ask(method, path, body, by=by)
        wanted = {status} if status is not None else {200, 201, 202, 204}
        assert answer.status_code in wanted, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def client(self) -> httpx.AsyncClient:
        """Somebody with a socket; behind a proxy, by the public name."""
        public = urlsplit(self.place.settings.get("PUBLIC_BASE_URL", self.place.url))
        headers = {"host": public.netloc}
        return httpx.AsyncClient(
            base_url=self.place.url, headers=headers, timeout=60, trust_env=False
        )

    def log_tail(self, lines: int = 25) -> str:
        """The end of its log."""
        text = ""
        if self.log_file.exists():
            text = self.log_file.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def failures(self) -> list[str]:
        """Log lines of errors it had: none are expected in any test."""
        text = self.log_file.read_text(encoding="utf-8", errors="replace")
        marks = ('"level":"error"', '"level": "error"', "Traceback")
        return [line for line in text.splitlines() if any(mark in line for mark in marks)]


def has_said(service: Service, event: str, *, also: str = "") -> bool:
    """Whether the process that runs, or ran last, has logged this event."""
    return count_said(service, event, also=also) > 0


def count_said(service: Service, event: str, *, also: str = "") -> int:
    """How often the process that runs, or ran last, has logged this event."""
    with service.log_file.open("rb") as log:
        log.seek(service.log_begin)
        lines = log.read().decode(errors="replace").splitlines()
    return sum(f'"event":"{event}"' in line and also in line for line in lines)


async def start_until_ready(service: Service, **settings: str) -> int:
    """Start it, and again if it ends at once, as a supervisor does; how often it had to be.

    Raises:
        NeverHappened: it does not get ready however often it is started.
    """
    again = 0
    while True:
        if not service.is_running:
            service.start(**settings)
        try:
            await service.ready()
        except NeverHappened:
            again += 1
            if again == STARTS or service.is_running:
                raise
        else:
            return again


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
    candidates = random.Random()  # noqa: S311  ports are no secret
    while len(ports) < count:
        port = candidates.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            if port not in ports:
                ports.append(port)
    return ports
