"""What anybody may read, any page may read: public GET answers allow every origin (CORS).

Neither cookies nor other credentials open any of these answers, so nothing is given to a page that
its reader could not fetch without it. A node's page needs it to check the hub's log.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN_PATHS: Final = (
    "/.well-known/kaixu",
    "/api/v1/catalogue/",
    "/embed/",
    "/federation/v1/log/",
    "/federation/v1/objects/",
    "/federation/v1/proofs/",
    "/oembed",
)
_FIELD: Final = b"access-control-allow-origin"
_READS: Final = frozenset({"GET", "HEAD"})


class OpenReads:
    """The ASGI application around the one that answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Mark answers to reads of public addresses; hand everything else on as it is."""
        is_open = (
            scope["type"] == "http"
            and scope["method"] in _READS
            and scope["path"].startswith(OPEN_PATHS)
        )

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                fields = [*message.get("headers", ()), (_FIELD, b"*")]
                message = {**message, "headers": fields}
            await send(message)

        await self.app(scope, receive, marked if is_open else send)
