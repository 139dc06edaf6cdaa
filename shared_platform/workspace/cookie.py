"""The two cookies: of a session, and of a visit to the provider; sent to this service alone.

Plain http, as on one's own machine, can have no `__Host-` cookie; there the port is part of the
name, since cookies do not tell ports apart and a demonstration has three services on one host.
"""

from typing import Final, Literal
from urllib.parse import urlsplit

from fastapi import Request, Response

_PREFIX: Final = "__Host-"  # binds a cookie to this very host (RFC 6265bis §4.1.3.2)
_LAX: Final[Literal["lax"]] = "lax"
_VISIT: Final = "-visit"


def cookie_name(base_url: str, kind: str = "") -> str:
    """The cookie's name at this address."""
    url = urlsplit(base_url)
    if url.scheme == "https":
        return f"{_PREFIX}kaixu{kind}"
    return f"kaixu{kind}-{url.port or 80}"


def read_cookie(request: Request) -> str | None:
    """The session's secret that the browser sent; untrusted."""
    return request.cookies.get(cookie_name(_base_url(request))) or None


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """Give the browser the session; it forgets it when it is closed."""
    _set(request, response, "", secret=secret)


def drop_cookie(request: Request, response: Response) -> None:
    """Take the session's cookie away, and what the browser has kept of pages."""
    _drop(request, response, "")
    response.headers["clear-site-data"] = '"cache"'


def read_visit_cookie(request: Request) -> str | None:
    """The secret of the visit to the provider; untrusted."""
    return request.cookies.get(cookie_name(_base_url(request), _VISIT)) or None


def set_visit_cookie(request: Request, response: Response, secret: str) -> None:
    """Bind the way back from the provider to this browser."""
    _set(request, response, _VISIT, secret=secret)


def drop_visit_cookie(request: Request, response: Response) -> None:
    """The visit has ended."""
    _drop(request, response, _VISIT)


def _set(request: Request, response: Response, kind: str, *, secret: str) -> None:
    base_url = _base_url(request)
    response.set_cookie(
        cookie_name(base_url, kind),
        secret,
        path="/",
        secure=base_url.startswith("https:"),
        httponly=True,
        samesite=_LAX,
    )


def _drop(request: Request, response: Response, kind: str) -> None:
    base_url = _base_url(request)
    response.delete_cookie(
        cookie_name(base_url, kind),
        path="/",
        secure=base_url.startswith("https:"),
        httponly=True,
        samesite=_LAX,
    )


def _base_url(request: Request) -> str:
    return str(request.app.state.settings.base_url)
