"""Telling callers in time that a route or a version goes away: `Deprecation` and `Sunset`.

RFC 9745 (a structured date, `@` and seconds) and RFC 8594 (an HTTP date). What is declared here is
sent with every answer of the route, refusals included; nothing stops working because of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_schema.instants import Instant

LEAST_NOTICE_DAYS: Final = 365
"""Removal is announced at least this long before."""


@dataclass(frozen=True, slots=True)
class Deprecated:
    """All addresses under `path` are deprecated since `since` and go away at `sunset`.

    `link` is where to read what to use instead.
    """

    path: str
    since: Instant
    sunset: Instant
    link: str

    def __post_init__(self) -> None:
        """A removal without notice is a mistake in the table."""
        assert (self.sunset - self.since).days >= LEAST_NOTICE_DAYS, self.path

    def covers(self, path: str) -> bool:
        """Whether the address lies under this one; `/a/b` does not cover `/a/bc`."""
        return path == self.path or path.startswith(self.path.rstrip("/") + "/")

    def fields(self) -> Iterable[tuple[str, str]]:
        """The response's fields."""
        yield "deprecation", f"@{int(self.since.timestamp())}"
        yield "sunset", format_datetime(self.sunset, usegmt=True)
        yield "link", f'<{self.link}>; rel="deprecation"; type="text/html"'


class TellDeprecations:
    """The application with these fields on every answer under a declared address."""

    def __init__(self, app: ASGIApp, table: Sequence[Deprecated]) -> None:
        self._app = app
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        path = scope.get("path", "")
        found = next((one for one in self._table if one.covers(path)), None)
        if scope["type"] != "http" or found is None:
            await self._app(scope, receive, send)
            return
        fields = tuple(found.fields())

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in fields:
                    headers.append(name, value)
            await send(message)

        await self._app(scope, receive, tell)
