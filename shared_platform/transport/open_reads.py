"""What anybody may read, any page may read; and HEAD asks for the fields of any GET alone.

Public GET answers allow every origin (CORS): no cookie opens any of them, so nothing is given to a
page that its reader could not fetch without it. A node's page needs it to check the hub's log.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN_PATHS: Final = (
    "/.well-known/kaixu",
    "/api/v1/catalogue/",
    "/api/v1/issues",
    "/embed/",
    "/feeds/",
    "/federation/v1/log/",
    "/federation/v1/objects/",
    "/federation/v1/proofs/",
    "/federation/v1/snapshots/",
    "/oai",
    "/oembed",
    "/openapi.json",
)
_ONCE: Final = "/sign-in/provider"  # reading it is a step of signing in
_LINKED_DATA: Final = ".jsonld"
_EXPOSED: Final = (
    b"etag, retry-after, ratelimit, ratelimit-policy, content-range, accept-ranges,"
    b" content-disposition, x-request-id"
)
_OPEN: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", _EXPOSED),
)
_PREFLIGHT: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"authorization, if-none-match, if-range, range"),
    (b"access-control-max-age", b"86400"),
)
_READS: Final = frozenset({"GET", "HEAD"})
_SET_BY_ROUTING: Final = ("route", "fastapi", "endpoint")


class OpenReads:
    """The ASGI application around the one that answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Mark answers to reads of public addresses; hand everything else on as it is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] in _READS:
            await self._read(scope, receive, send)
        elif is_open(scope["path"]) and _is_preflight(scope):
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body"})
        else:
            await self.app(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *_OPEN]}
            await send(message)

        answered = marked if is_open(scope["path"]) else send
        if scope["method"] == "GET" or scope["path"].startswith(_ONCE):
            await self.app(scope, receive, answered)
            return
        # The routes know GET only. The server sends no body, since it goes by its own scope.
        asked = {**scope, "method": "GET"}
        await self.app(asked, receive, answered)
        scope.update({name: asked[name] for name in _SET_BY_ROUTING if name in asked})


def is_open(path: str) -> bool:
    """Whether pages of other origins may read this address."""
    return path.startswith(OPEN_PATHS) or path.endswith(_LINKED_DATA)


def _is_preflight(scope: Scope) -> bool:
    """Whether a browser asks before a read with fields of its own (Fetch §3.3.2)."""
    if scope["method"] != "OPTIONS":
        return False
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])
