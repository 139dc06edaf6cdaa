"""The one cookie: it names a session, is sent to this service alone, and no script reads it."""

from typing import Final, Literal
from urllib.parse import urlsplit

from fastapi import Request, Response

_HTTPS_NAME: Final = "__Host-kaixu"  # the prefix binds it to this very host (RFC 6265bis §4.1.3.2)
_LAX: Final[Literal["lax"]] = "lax"


def cookie_name(base_url: str) -> str:
    """The cookie's name at this address.

    Plain http, as on one's own machine, can have no `__Host-` cookie; there the port is part of the
    name, since cookies do not tell ports apart and a demonstration has three services on one host.
    """
    url = urlsplit(base_url)
    return _HTTPS_NAME if url.scheme == "https" else f"kaixu-{url.port or 80}"


def read_cookie(request: Request) -> str | None:
    """The session's secret that the browser sent; untrusted."""
    return request.cookies.get(cookie_name(request.app.state.settings.base_url)) or None


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """Give the browser the session; it forgets it when it is closed."""
    base_url = request.app.state.settings.base_url
    response.set_cookie(
        cookie_name(base_url),
        secret,
        path="/",
        secure=base_url.startswith("https:"),
        httponly=True,
        samesite=_LAX,
    )


def drop_cookie(request: Request, response: Response) -> None:
    """Take the cookie away, and what the browser has kept of pages."""
    base_url = request.app.state.settings.base_url
    response.delete_cookie(
        cookie_name(base_url),
        path="/",
        secure=base_url.startswith("https:"),
        httponly=True,
        samesite=_LAX,
    )
    response.headers["clear-site-data"] = '"cache"'
