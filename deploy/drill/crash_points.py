"""Every named crash point reached and killed, one after the other, while the work goes on.

Points of the code are armed by a setting at the start of a process; points of the line (nothing
but the other end can see half a request) are made by the proxy, which then kills the one end.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

from deploy.drill.fault_proxy import Exchange
from deploy.drill.federation import ADMINISTRATORS, REGISTRARS, Drilled
from deploy.drill.line_faults import is_write
from deploy.drill.services import (
    STARTS,
    NeverHappened,
    Service,
    eventually,
    has_said,
    start_until_ready,
)
from shared_platform.failpoint import POINTS, Action
from subplatform.hub_client.node_keys import read_keys

REACH_SECONDS: Final = 300.0
_SEQUENCER: Final = frozenset(
    {"approve.sequencing", "approve.sequenced", "approve.signed", "approve.unannounced"}
)
_NODE_NOTICES: Final = frozenset({"approve.notice_read", "approve.notice_stored"})
LINE_POINTS: Final[Mapping[str, str]] = {
    "line.connected": "node connected, the hub has nothing; node killed",
    "line.headers_sent": "the hub has the head of a request; node killed",
    "line.half_body": "the hub has half a body; node killed",
    "line.body_sent": "the hub has all of it, no answer; node killed",
    "line.half_answer": "the node has half an answer; hub killed",
}
_BODILESS: Final = frozenset({"line.connected", "line.headers_sent"})
_PART: Final = 64
_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "snapshot": ("snapshot",),
    "search.made": ("search", "rebuild"),
    "keys": ("keys", "rotate", "--use", "statement"),
    "revoke": ("node-key", "confirm"),
    "log_key": ("log-key", "confirm"),
}
_KEY_POINTS: Final = [point for point in POINTS if point.startswith("keys.")]
Wanted = tuple[str, str]
"""A point and what is done there."""


@dataclass(slots=True)
class Reached:
    """How often each point was reached and killed, by action, and how long a restart took."""

    told: Callable[[str, str], None]
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    restarts: list[float] = field(default_factory=list)
    started_again: int = 0

    def note(self, point: str, action: str) -> None:
        """Count one, and tell it."""
        self.counts[point, action] = self.counts.get((point, action), 0) + 1
        self.told(point, action)

    def missing(self, wanted: Iterable[Wanted]) -> list[str]:
        """What was wanted and never reached."""
        return [
            f"{point} ({action})" for point, action in wanted if (point, action) not in self.counts
        ]


def runs_at(point: str) -> str:
    """Which process reaches a point: `hub`, `sequencer` or `node`."""
    if point in _SEQUENCER:
        return "sequencer"
    if point.startswith("push.hub_") or (
        point.startswith("approve.") and point not in _NODE_NOTICES
    ):
        return "hub"
    return "node"


def command_of(point: str) -> tuple[str, ...] | None:
    """The command that reaches a point, or all of a flow; None for those of running services."""
    return _COMMANDS.get(point, _COMMANDS.get(point.partition(".")[0]))


def every_point(
    points: Sequence[str], line_points: Sequence[str], *, actions: Sequence[Action]
) -> list[Wanted]:
    """All that must be reached, with what is done there."""
    armed = [
        (point, action.value)
        for action in actions
        for point in points
        if action is Action.KILL or command_of(point) is None
    ]
    return [*armed, *((point, Action.KILL.value) for point in line_points)]


async def kill_at_points(drilled: Drilled, reached: Reached, wanted: Sequence[Wanted]) -> None:
    """Reach and kill all of them; the processes run again at the end."""
    turn = cycle(drilled.nodes.values())
    queues: dict[int, tuple[Service, list[Wanted]]] = {
        id(one): (one, []) for one in drilled.services
    }
    for point, action in wanted:
        if point in POINTS and command_of(point) is None:
            where = {"hub": drilled.hub, "sequencer": drilled.sequencer}.get(runs_at(point))
            queues[id(where or next(turn))][1].append((point, action))
    hub = {id(drilled.hub), id(drilled.sequencer)}
    for group in (queues.keys() - hub, hub):  # a hub that is away makes nodes wait
        at_once = [queues[one] for one in group if queues[one][1]]
        await asyncio.gather(*(_kill_in_turn(one, todo, reached) for one, todo in at_once))
    for point, _ in wanted:
        if point in LINE_POINTS:
            await _kill_on_the_line(drilled, point, reached)
        elif command_of(point) is not None:
            kill = _KILLS.get(point, _kill_command)
            await kill(drilled, point, reached)


async def _kill_in_turn(service: Service, todo: Sequence[Wanted], reached: Reached) -> None:
    for point, action in todo:
        if service.is_running:
            await service.kill()
        began = time.monotonic()
        armed = f"{point}:1:{action}"
        service.start(failpoint=armed)
        reached.started_again += await _reach(service, point, armed=armed)
        await (_ended(service, point) if action == Action.KILL else service.ready())
        reached.note(point, action)
        reached.restarts.append(time.monotonic() - began)
    if service.is_running:
        await service.kill()
    reached.started_again += await start_until_ready(service)


async def _reach(service: Service, point: str, *, armed: str) -> int:
    """Wait until the armed point acts; how often the program ended before, at a start.

    Raises:
        NeverHappened: it was not reached in time.
    """
    again = 0

    async def acted() -> bool:
        nonlocal again
        said = has_said(service, "failpoint_reached", also=f'"{point}"')
        if not said and not service.is_running:
            if (again := again + 1) >= STARTS:
                raise NeverHappened(f"{service.place.name} ended\n{service.log_tail()}")
            service.start(failpoint=armed)
        return said

    await eventually(f"{point} is reached", acted, seconds=REACH_SECONDS)
    return again


async def _ended(service: Service, point: str) -> None:
    process = service.process
    assert process is not None
    status = await asyncio.to_thread(process.wait, REACH_SECONDS)
    if status != -signal.SIGKILL:
        raise NeverHappened(f"{service.place.name} ended by {status} at {point}")


async def _kill_command(drilled: Drilled, point: str, reached: Reached) -> None:
    """Let a command be killed at the point; run again, it does the whole."""
    command = command_of(point)
    assert command is not None
    nodes = list(drilled.nodes.values())  # two keys of one use at most: each node rotates once
    place = drilled.hub
    if point in _KEY_POINTS:
        place = nodes[_KEY_POINTS.index(point) % len(nodes)]
    await place.run(*command, status=-signal.SIGKILL, failpoint=f"{point}:1:kill")
    reached.note(point, Action.KILL.value)
    await place.run(*command)


async def _kill_revocation(drilled: Drilled, point: str, reached: Reached) -> None:
    """Let the second registrar's confirmation be killed; a replaced cosigner key is revoked."""
    hub, nodes = drilled.hub, list(drilled.nodes.values())
    node = nodes[len(_KEY_POINTS) % len(nodes)]
    old = read_keys(node.place.folder / "keys").cosigner.key_id
    await node.run("keys", "rotate", "--use", "cosigner")
    first, second = (("--as", name) for name in REGISTRARS)
    asked = await hub.run("node-key", "revoke", old, "--reason", "key_compromise", *first)
    confirm = ("node-key", "confirm", asked.answer["revocation"], *second)
    await hub.run(*confirm, status=-signal.SIGKILL, failpoint=f"{point}:1:kill")
    reached.note(point, Action.KILL.value)
    await hub.run(*confirm)


async def _kill_key_change(drilled: Drilled, point: str, reached: Reached) -> None:
    """Let the sequencer be killed when the log names its next key and nothing is signed by it."""
    hub, sequencer = drilled.hub, drilled.sequencer
    armed = f"{point}:1:{Action.KILL.value}"
    await sequencer.kill()
    sequencer.start(failpoint=armed)
    first, second = (("--as", name) for name in ADMINISTRATORS)
    asked = await hub.run("log-key", "rotate", *first)
    await hub.run("log-key", "confirm", asked.answer["proposal"], *second)
    began = time.monotonic()
    reached.started_again += await _reach(sequencer, point, armed=armed)
    await _ended(sequencer, point)
    reached.note(point, Action.KILL.value)
    reached.started_again += await start_until_ready(sequencer)
    reached.restarts.append(time.monotonic() - began)


_KILLS: Final = {"revoke.recorded": _kill_revocation, "log_key.announced": _kill_key_change}


async def _kill_on_the_line(drilled: Drilled, point: str, reached: Reached) -> None:
    """Let the proxy hold one exchange at the point, kill the end, and start it again.

    Raises:
        NeverHappened: no statement was sent in time.
    """
    fault = _Held(point, asyncio.get_running_loop().create_future(), asyncio.Event())
    with drilled.proxy.fault(fault, only=is_write, times=1):
        try:
            async with asyncio.timeout(REACH_SECONDS):
                exchange = await fault.held
        except TimeoutError:
            raise NeverHappened(f"{point} is not reached") from None
        sender = next(node for node in drilled.nodes.values() if _is_from(exchange, node))
        victim = drilled.hub if point == "line.half_answer" else sender
        await victim.kill()
        fault.let_go.set()
    reached.note(point, "kill")
    began = time.monotonic()
    reached.started_again += await start_until_ready(victim)
    reached.restarts.append(time.monotonic() - began)


def _is_from(exchange: Exchange, node: Service) -> bool:
    """Whether the request names the node's key."""
    key_id = read_keys(node.place.folder / "keys").statement.key_id
    return key_id in (exchange.arrived.field("signature-input") or "")


@dataclass(slots=True)
class _Held:
    """Brings one exchange to a point, says so, and waits until an end was killed."""

    point: str
    held: "asyncio.Future[Exchange]"
    let_go: asyncio.Event

    async def __call__(self, exchange: Exchange) -> None:
        """Go as far as the point, no further."""
        body = b"" if self.point in _BODILESS else await exchange.body()
        if self.point == "line.connected":
            await self._stop_here(exchange)
            return
        async with exchange.upstream() as (reader, writer):
            sent = len(body) // 2 if self.point == "line.half_body" else len(body)
            writer.write(exchange.arrived.raw + body[:sent])
            await writer.drain()
            if self.point == "line.half_answer":
                await exchange.answer(await reader.readexactly(_PART))
            await self._stop_here(exchange)

    async def _stop_here(self, exchange: Exchange) -> None:
        self.held.set_result(exchange)
        await self.let_go.wait()
        exchange.reset()
