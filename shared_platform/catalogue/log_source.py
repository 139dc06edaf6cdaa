"""Where a reader gets the log from: four questions, whose answers are untrusted bytes."""

from collections.abc import Callable
from typing import Final, Protocol

from shared_platform.transport.breaker import Breaker
from shared_platform.transport.outbound import (
    Outbound,
    OutboundAnswer,
    OutboundLimits,
    OutboundRequest,
    PeerAnsweredBadly,
    PeerUnreachable,
)
from shared_platform.transport.peer_refusal import retry_after_seconds
from shared_schema.log_handover import MAX_HANDOVERS_BYTES
from shared_schema.refusal import DomainError

MAX_WAIT_SECONDS: Final = 25
_MAX_TEXT_BYTES: Final = 512 * 1024
_OK: Final = 200
Sign = Callable[[OutboundRequest], OutboundRequest]
"""Signs a request as a node, so that it has a place to wait at its hub."""
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 507})


class LogSource(Protocol):
    """A copy of the log that can be asked: the hub, a mirror, or a peer in the same process.

    Whoever asks must verify: a source may be wrong, old or hostile. All of them may raise
    `PeerUnreachable` and its kin when no answer comes.
    """

    async def checkpoint(self) -> bytes:
        """The latest signed checkpoint the source has (c2sp.org/tlog-checkpoint)."""
        ...

    async def entries(self, first: int, *, limit: int, wait_seconds: int = 0) -> bytes:
        """The page that begins at serial `first`, with at most `limit` entries and their objects.

        At the end of the log the source may hold the answer back for `wait_seconds` (long poll).
        """
        ...

    async def consistency(self, first: int, second: int) -> bytes:
        """The proof that the log of size `second` begins with the log of size `first`."""
        ...

    async def handovers(self, first: int) -> bytes:
        """The handovers of the log's key about entries from serial `first` on, oldest first."""
        ...


class HttpLogSource:
    """The log of a hub or mirror over HTTP: public, so only who waits may sign.

    Args:
        outbound: the process's client.
        base_url: the federation interface, as in `https://hub.example/federation/v1`.
        max_page_bytes: bound of a page, as sent and decompressed.
        breaker: of this destination, shared with whoever else calls it; None: never given up.
        sign: of a node, for its long polls; None: they are those of anybody.
    """

    def __init__(
        self,
        outbound: Outbound,
        base_url: str,
        *,
        max_page_bytes: int = 16 * 1024 * 1024,
        breaker: Breaker | None = None,
        sign: Sign | None = None,
    ) -> None:
        self._outbound = outbound
        self._sign = sign
        self._base = base_url.rstrip("/")
        self._max_page_bytes = max_page_bytes
        self._breaker = breaker

    async def checkpoint(self) -> bytes:
        """GET `/log/checkpoint`.

        Raises:
            DomainError: no usable answer.
        """
        return await self._get("/log/checkpoint", OutboundLimits(max_bytes=_MAX_TEXT_BYTES))

    async def entries(self, first: int, *, limit: int, wait_seconds: int = 0) -> bytes:
        """GET `/log/entries` with bodies.

        Raises:
            DomainError: no usable answer.
        """
        wait = min(wait_seconds, MAX_WAIT_SECONDS)
        limits = OutboundLimits(
            read_seconds=30.0 + wait, total_seconds=60.0 + wait, max_bytes=self._max_page_bytes
        )
        path = f"/log/entries?from={first}&limit={limit}&bodies=1&wait={wait}"
        return await self._get(path, limits, is_waiting=wait > 0)

    async def consistency(self, first: int, second: int) -> bytes:
        """GET `/proofs/consistency`.

        Raises:
            DomainError: no usable answer.
        """
        path = f"/proofs/consistency?from={first}&to={second}"
        return await self._get(path, OutboundLimits(max_bytes=_MAX_TEXT_BYTES))

    async def handovers(self, first: int) -> bytes:
        """GET `/log/handovers`.

        Raises:
            DomainError: no usable answer.
        """
        path = f"/log/handovers?from={first}"
        return await self._get(path, OutboundLimits(max_bytes=MAX_HANDOVERS_BYTES))

    async def _get(self, path: str, limits: OutboundLimits, *, is_waiting: bool = False) -> bytes:
        request = OutboundRequest("GET", self._base + path)
        if is_waiting and self._sign is not None:
            request = self._sign(request)
        answer = await self._admitted(request, limits)
        if answer.status != _OK:
            raise _unusable(answer, path)
        return answer.body

    async def _admitted(self, request: OutboundRequest, limits: OutboundLimits) -> OutboundAnswer:
        """Send through the breaker: only silence is a failure, whatever else is answered.

        Raises:
            BreakerOpen: the source is given up until the next probe.
            PeerUnreachable: no answer.
            DomainError: an answer that is not HTTP, or too large.
        """
        if self._breaker is None:
            return await self._outbound.send(request, limits=limits)
        self._breaker.admit()
        try:
            answer = await self._outbound.send(request, limits=limits)
        except PeerUnreachable:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer


def _unusable(answer: OutboundAnswer, path: str) -> DomainError:
    """The refusal for a status: worth another try when the source is only busy."""
    detail = f"{path.partition('?')[0]}: {answer.status}"
    if answer.status not in _BUSY:
        return PeerAnsweredBadly(detail)
    return PeerUnreachable(detail, retry_after_s=retry_after_seconds(answer.headers))
