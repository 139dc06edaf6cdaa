"""A node's client towards its hub: every request signed, every receipt of a write verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

import httpx
import structlog

from shared_platform.observability.request_id import current_request_id
from shared_platform.transport.breaker import Breaker
from shared_platform.transport.outbound import (
    Outbound,
    OutboundAnswer,
    OutboundRequest,
    PeerAnsweredBadly,
    PeerTooLarge,
    PeerUnreachable,
)
from shared_platform.transport.peer_refusal import PeerRefusal, peer_refusal
from shared_schema.identities import IdSource
from shared_schema.instants import Clock, Instant, parse_instant
from shared_schema.message_signature import FieldLines, KeyOf, SignedAnswer, SignedMessage
from shared_schema.problem import ProblemType
from shared_schema.receipt import StoredReceipt
from shared_schema.refusal import DomainError
from shared_schema.request_signature import sign_request
from shared_schema.signing_key import SigningKey

POLL_MARGIN_SECONDS: Final = 15.0
_FIRST_ERROR: Final = 400
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Content:
    """A body as it will be sent: already compressed where `encoding` says so."""

    body: bytes
    content_type: str = "application/json"
    encoding: Literal["gzip", "zstd"] | None = None
    idempotency_key: str | None = None

    def headers(self) -> dict[str, str]:
        """The fields that the signature will cover."""
        headers = {"content-type": self.content_type} if self.body else {}
        if self.encoding:
            headers["content-encoding"] = self.encoding
        if self.idempotency_key:
            headers["idempotency-key"] = self.idempotency_key
        return headers


@dataclass(frozen=True, slots=True)
class Written:
    """What a write came to, with the proof to keep."""

    status: int
    body: bytes
    receipt: StoredReceipt
    replayed: bool


@dataclass(slots=True)
class SignedClient:
    """Talks to one peer. Nothing is retried here but a clock correction; the outbox does that.

    Attributes:
        base_url: the peer's public base URL, exactly as the peer's own settings have it.
        key: signs requests.
        receipt_key: finds the keys that the peer signs receipts with.
        breaker: refuses at once while the peer is given up; None: never.
        clock_offset: added to the clock since a `clock_skew` refusal told the peer's time.
    """

    base_url: str
    key: SigningKey
    receipt_key: KeyOf
    outbound: Outbound
    clock: Clock
    ids: IdSource
    breaker: Breaker | None = None
    clock_offset: timedelta = field(default=timedelta())

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        wait_seconds: float = 0,
    ) -> OutboundAnswer:
        """Read; with `wait_seconds` as a long poll that the peer may hold for so long.

        The answer has a status of 2xx, or 304 to a conditional request. It is not signed.

        Raises:
            PeerRefusal: the peer said no.
            PeerUnreachable: no answer.
            PeerAnsweredBadly: an answer outside the protocol.
            PeerTooLarge: the answer exceeds its bound.
            BreakerOpen: the peer is given up until the next probe.
        """
        request = OutboundRequest("GET", self._url(path, params), dict(headers or {}))
        _, answer = await self._corrected(request, wait_seconds=wait_seconds)
        return answer

    async def read_signed(self, path: str, *, params: Mapping[str, str | int]) -> Written:
        """Read what the peer signs although it is a read; its proof can be kept.

        Raises:
            PeerRefusal: the peer said no.
            PeerUnreachable: no answer.
            PeerAnsweredBadly: an answer outside the protocol, or without a valid signature.
            PeerTooLarge: the answer exceeds its bound.
            BreakerOpen: the peer is given up until the next probe.
        """
        return await self._write("GET", path, Content(b""), params=params)

    async def put(self, path: str, content: Content) -> Written:
        """Write to an address that makes the request idempotent by itself.

        Raises:
            PeerRefusal: the peer said no.
            PeerUnreachable: no answer; the write may have taken effect, so send it again.
            PeerAnsweredBadly: an answer outside the protocol, or without a valid receipt.
            PeerTooLarge: the answer exceeds its bound.
            BreakerOpen: the peer is given up until the next probe.
        """
        return await self._write("PUT", path, content)

    async def post(self, path: str, content: Content) -> Written:
        """Write under `content.idempotency_key`, which the same attempt must keep.

        Raises:
            PeerRefusal: the peer said no.
            PeerUnreachable: no answer; the write may have taken effect, so send it again.
            PeerAnsweredBadly: an answer outside the protocol, or without a valid receipt.
            PeerTooLarge: the answer exceeds its bound.
            BreakerOpen: the peer is given up until the next probe.
        """
        return await self._write("POST", path, content)

    def now(self) -> Instant:
        """The time this client signs with."""
        return self.clock.now() + self.clock_offset

    async def _write(
        self,
        method: str,
        path: str,
        content: Content,
        *,
        params: Mapping[str, str | int] | None = None,
    ) -> Written:
        # The receipt's digest is over the bytes as sent; a proxy must not compress them anew.
        headers = content.headers() | {"accept-encoding": "identity"}
        request = OutboundRequest(method, self._url(path, params), headers, content.body)
        signed, answer = await self._corrected(request)
        fields = FieldLines.of((name, value) for name, value in answer.headers.multi_items())
        receipt = StoredReceipt.of(SignedAnswer(answer.status, fields, signed), answer.sent)
        try:
            receipt.verify(self.receipt_key)
        except DomainError as invalid:
            raise PeerAnsweredBadly(f"no valid receipt: {invalid}", invalid.errors) from invalid
        replayed = answer.headers.get("idempotent-replayed") == "true"
        return Written(answer.status, answer.body, receipt, replayed)

    async def _corrected(
        self, request: OutboundRequest, *, wait_seconds: float = 0
    ) -> tuple[SignedMessage, OutboundAnswer]:
        """Exchange; after a `clock_skew` refusal, once more by the peer's time.

        Raises:
            PeerRefusal: the peer said no.
        """
        try:
            return await self._exchange(request, wait_seconds)
        except PeerRefusal as refusal:
            if refusal.row is not ProblemType.CLOCK_SKEW or not self._adopt_time(refusal):
                raise
        return await self._exchange(request, wait_seconds)

    async def _exchange(
        self, request: OutboundRequest, wait_seconds: float
    ) -> tuple[SignedMessage, OutboundAnswer]:
        message = SignedMessage.of(request.method, self._target(request.url), request.headers)
        added = self._signature(message, request.body)
        signed = replace(message, headers=message.headers.joined(added))
        headers = {**request.headers, **added}
        request_id = current_request_id()
        if request_id is not None:
            headers["x-request-id"] = request_id  # unsigned: it ties two logs and proves nothing
        return signed, await self._admitted(replace(request, headers=headers), wait_seconds)

    def signed(self, request: OutboundRequest) -> OutboundRequest:
        """The request with this client's signature, for whoever sends it by other means."""
        message = SignedMessage.of(request.method, self._target(request.url), request.headers)
        added = self._signature(message, request.body)
        return replace(request, headers={**request.headers, **added})

    def _signature(self, message: SignedMessage, body: bytes) -> Mapping[str, str]:
        return sign_request(
            message, body=body, key=self.key, now=self.now(), nonce=self.ids.new_token()
        )

    async def _admitted(self, request: OutboundRequest, wait_seconds: float) -> OutboundAnswer:
        """Send through the breaker: only an exchange that did not take place is a failure.

        Raises:
            PeerRefusal: the peer said no.
            PeerUnreachable: no answer.
            PeerAnsweredBadly: an answer outside the protocol.
            PeerTooLarge: the answer exceeds its bound.
        """
        if self.breaker is None:
            return await self._send(request, wait_seconds)
        self.breaker.admit()
        try:
            answer = await self._send(request, wait_seconds)
        except PeerRefusal:
            self.breaker.succeeded()
            raise
        except (PeerUnreachable, PeerAnsweredBadly, PeerTooLarge):
            self.breaker.failed()
            raise
        self.breaker.succeeded()
        return answer

    async def _send(self, request: OutboundRequest, wait_seconds: float) -> OutboundAnswer:
        limits = self.outbound.limits
        longest = wait_seconds + POLL_MARGIN_SECONDS
        limits = replace(
            limits,
            read_seconds=max(limits.read_seconds, longest),
            total_seconds=max(limits.total_seconds, longest),
        )
        answer = await self.outbound.send(request, limits=limits)
        if answer.status >= _FIRST_ERROR:
            raise peer_refusal(answer, now=self.clock.now())
        return answer

    def _adopt_time(self, refusal: PeerRefusal) -> bool:
        try:
            theirs = parse_instant(refusal.server_time or "")
        except ValueError:
            return False
        self.clock_offset = theirs - self.clock.now()
        _log.warning(
            "clock_corrected", peer=self.base_url, seconds=self.clock_offset.total_seconds()
        )
        return True

    def _url(self, path: str, params: Mapping[str, str | int] | None) -> str:
        return str(httpx.URL(self.base_url.rstrip("/") + path, params=dict(params or {}) or None))

    def _target(self, url: str) -> str:
        """The target URI: the base as configured, path and query as httpx sends them."""
        base = urlsplit(self.base_url)
        return f"{base.scheme}://{base.netloc}{httpx.URL(url).raw_path.decode()}"
