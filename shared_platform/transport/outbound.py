"""The one module that opens HTTP clients.

No redirect is followed, no proxy or credential is taken from the environment, everything has a
bound: the time to connect, the time between bytes, the whole exchange, the answer's bytes before
and after decompression.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from shared_platform.transport.address_rules import AddressRules
from shared_platform.transport.guarded_transport import GuardedTransport
from shared_schema.bounded_decompress import DecompressionLimits, decompress
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

ACCEPT_ENCODING: Final = "zstd, gzip"
_NOT_MODIFIED: Final = 304
_REDIRECTS: Final = range(300, 400)


class PeerUnreachable(DomainError):
    """No answer: the name, the connection, TLS or the time failed. Sending again is right."""

    problem = ProblemType.HUB_UNREACHABLE


# A peer that ends while it answers is away, not wrong; httpx has one class for both.
_CUT_OFF: Final = ("Server disconnected", "peer closed connection")


class PeerAnsweredBadly(DomainError):
    """An answer that is not the protocol's: a redirect, broken framing, another content type."""

    problem = ProblemType.HUB_UNREACHABLE


class PeerTooLarge(DomainError):
    """The answer exceeds its bound, as sent or decompressed; reading stopped there."""

    problem = ProblemType.HUB_UNREACHABLE


@dataclass(frozen=True, slots=True)
class OutboundLimits:
    """Bounds of one exchange: seconds and bytes."""

    connect_seconds: float = 5.0
    read_seconds: float = 30.0  # between two pieces of the answer; a long poll waits 25 s
    total_seconds: float = 60.0
    max_bytes: int = 16 * 1024 * 1024
    max_ratio: int = 16


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """What to send. `headers` are sent as they are; the body is sent as it is."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    """What came back: untrusted.

    `sent` is the body as it travelled, which digests cover; `body` is decompressed.
    """

    status: int
    headers: httpx.Headers
    sent: bytes
    body: bytes


class Outbound:
    """A client for many destinations; one per process, closed at shutdown.

    Args:
        rules: which addresses beyond public ones may be called.
        limits: the bounds when an exchange gives none.
        transport: takes the place of sockets, as `httpx.ASGITransport` does for a hub and nodes
            in one process; the address rules then have nothing to check.
    """

    def __init__(
        self,
        rules: AddressRules | None = None,
        *,
        limits: OutboundLimits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.limits = limits or OutboundLimits()
        self._client = httpx.AsyncClient(
            transport=transport or GuardedTransport(rules or AddressRules()),
            follow_redirects=False,
            trust_env=False,
            headers={"accept-encoding": ACCEPT_ENCODING, "user-agent": "kaixu"},
        )

    async def send(
        self, request: OutboundRequest, *, limits: OutboundLimits | None = None
    ) -> OutboundAnswer:
        """Exchange one request for one answer of any status but a redirect.

        Raises:
            PeerUnreachable: no complete answer came in time.
            PeerAnsweredBadly: a redirect, or an answer that is not HTTP.
            PeerTooLarge: the answer exceeds its bound.
            AddressForbidden: the destination may not be called.
        """
        bounds = limits or self.limits
        try:
            async with asyncio.timeout(bounds.total_seconds):
                return await self._exchange(request, bounds)
        except TimeoutError as late:
            raise PeerUnreachable(f"no answer in {bounds.total_seconds:g} s") from late
        except (httpx.RemoteProtocolError, httpx.DecodingError) as broken:
            if str(broken).startswith(_CUT_OFF):
                raise PeerUnreachable(f"broke off: {broken}") from broken
            raise PeerAnsweredBadly(f"not HTTP: {type(broken).__name__}") from broken
        except httpx.TransportError as failed:
            raise PeerUnreachable(f"{type(failed).__name__}: {failed}") from failed
        except httpx.InvalidURL as wrong:
            raise PeerAnsweredBadly("the address is not a URL") from wrong

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _exchange(self, request: OutboundRequest, bounds: OutboundLimits) -> OutboundAnswer:
        timeout = httpx.Timeout(bounds.read_seconds, connect=bounds.connect_seconds)
        async with self._client.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body or None,
            timeout=timeout,
        ) as response:
            if response.status_code in _REDIRECTS and response.status_code != _NOT_MODIFIED:
                raise PeerAnsweredBadly(f"a redirect ({response.status_code}) is not followed")
            sent = await _read(response, bounds.max_bytes)
        body = _decompressed(sent, response.headers, bounds)
        return OutboundAnswer(response.status_code, response.headers, sent, body)


async def _read(response: httpx.Response, max_bytes: int) -> bytes:
    parts = bytearray()
    async for part in response.aiter_raw():
        parts += part
        if len(parts) > max_bytes:
            raise PeerTooLarge(f"more than {max_bytes} bytes")
    return bytes(parts)


def _decompressed(sent: bytes, headers: httpx.Headers, bounds: OutboundLimits) -> bytes:
    coding = headers.get("content-encoding")
    if not sent or not coding:
        return sent
    limits = DecompressionLimits(max_bytes=bounds.max_bytes, max_ratio=bounds.max_ratio)
    try:
        return decompress(sent, coding, limits)
    except DomainError as refusal:
        if refusal.problem in {ProblemType.TOO_COMPRESSED, ProblemType.PAYLOAD_TOO_LARGE}:
            raise PeerTooLarge(refusal.detail) from refusal
        raise PeerAnsweredBadly(refusal.detail) from refusal
