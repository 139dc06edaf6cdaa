"""Whose intake is at work: few at once, one of a node, the nodes in turn.

A node that sends as fast as it can waits for itself alone: its next batch begins when its last one
has committed, and a node that sends little finds a place at once or after one batch. Who waits
holds neither a database connection nor a thread. One table for each process.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

RETRY_SECONDS: Final = 5


class TooManyAtOnce(DomainError):
    """As many requests of this node wait for their turn as may."""

    problem = ProblemType.RATE_LIMITED


class IntakeTurns:
    """Turns of the nodes that proved themselves; call `turn` around the work of one request.

    Args:
        at_once: requests at work in this process, each of another node.
        waiting: requests of one node that may wait; further ones are refused.
    """

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._free = at_once
        self._most_waiting = waiting
        self._at_work: set[str] = set()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._order: deque[str] = deque()  # nodes with somebody waiting, the next one first

    @asynccontextmanager
    async def turn(self, node: str) -> AsyncIterator[None]:
        """Wait for the node's turn, and hold it until the block ends.

        Raises:
            TooManyAtOnce: the node has too many requests waiting.
        """
        await self._begin(node)
        try:
            yield
        finally:
            self._end(node)

    async def _begin(self, node: str) -> None:
        queue = self._waiting.get(node)
        if queue is None and node not in self._at_work and self._free:
            self._admit(node)
            return
        queue = self._waiting.setdefault(node, deque())
        if len(queue) >= self._most_waiting:
            raise TooManyAtOnce(
                f"本节点已有 {len(queue)} 个请求在排队 / {len(queue)} requests of this node wait",
                retry_after_s=RETRY_SECONDS,
            )
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(admitted)
        if node not in self._order:
            self._order.append(node)
        try:
            await admitted
        except asyncio.CancelledError:
            self._give_up(node, admitted)
            raise

    def _give_up(self, node: str, admitted: "asyncio.Future[None]") -> None:
        """Leave the queue; a turn that was given in the same moment goes to the next."""
        if admitted.done() and not admitted.cancelled():
            self._end(node)
            return
        self._forget(node, admitted)

    def _forget(self, node: str, admitted: "asyncio.Future[None]") -> None:
        queue = self._waiting.get(node, deque())
        if admitted in queue:
            queue.remove(admitted)
            if not queue:
                del self._waiting[node]
                self._order.remove(node)

    def _admit(self, node: str) -> None:
        self._free -= 1
        self._at_work.add(node)

    def _end(self, node: str) -> None:
        """Free the place for the first waiting node of the round that is not at work."""
        self._at_work.discard(node)
        self._free += 1
        while self._free and (admitted := self._next()) is not None:
            if not admitted.done():  # else it has just given up
                admitted.set_result(None)
                return

    def _next(self) -> "asyncio.Future[None] | None":
        """Take the request whose turn it is out of the queue and make it at work."""
        node = next((one for one in self._order if one not in self._at_work), None)
        if node is None:
            return None
        admitted = self._waiting[node][0]
        self._forget(node, admitted)
        if node in self._waiting:  # the rest of it begins behind the others
            self._order.remove(node)
            self._order.append(node)
        if not admitted.done():
            self._admit(node)
        return admitted
