"""uvicorn's httptools protocol with the two bounds it lacks, and the request target as sent.

The parser hands on a head of any size and waits for it for ever; both must be stopped before there
is a request that an ASGI application could refuse.
"""

import asyncio
from typing import Final, cast

from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from shared_platform.transport.request_head import TARGET_EXTENSION

HEAD_BYTES: Final = (
    65_536  # above the guard's own bound, so that ordinary excess gets a problem body
)
HEAD_SECONDS: Final = 5.0


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection: a head must be complete in 5 s and 64 kB."""

    head_seconds: float = HEAD_SECONDS
    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _refused = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock for the first head: a silent connection is closed too."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._start_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_timer()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Feed the parser, and stop reading a head that grows past its bound."""
        if self._refused:
            return
        super().data_received(data)
        if self._head_timer is None:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")

    @override
    def on_message_begin(self) -> None:
        """A further request on a kept connection gets its own clock."""
        super().on_message_begin()
        if self._head_timer is None:
            self._start_head()

    @override
    def on_headers_complete(self) -> None:
        """Hand the target on as it was sent: the parser keeps only its path and query."""
        self._stop_timer()
        self.scope["extensions"] = {TARGET_EXTENSION: {"raw": self.url}}
        super().on_headers_complete()

    def _start_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(self.head_seconds, self._head_late)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        self._refuse(b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        self._stop_timer()
        self._refused = True
        if not self._answering():
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            if self.transport.can_write_eof():
                self.transport.write_eof()
        self.loop.call_later(1.0, self.transport.close)

    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete


def server_config(app: ASGIApp, *, host: str, port: int) -> Config:
    """How both services run uvicorn: strict parser, no trust in forwarded fields, no banner."""
    return Config(
        app,
        host=host,
        port=port,
        http=BoundedHttpProtocol,
        ws="none",
        proxy_headers=False,
        server_header=False,
        date_header=True,
        access_log=False,
        log_config=None,  # its lines go where all others go
        timeout_keep_alive=15,
        timeout_graceful_shutdown=20,
    )
