"""No other site makes a browser change anything here: `Sec-Fetch-Site`, else `Origin` (CSRF).

Every browser of the last years states one of the two with an unsafe request, and no page can forge
them (Fetch Metadata §2.4, RFC 6454 §7). So forms carry no tokens. Programs send neither, and no
cookie either: their tokens and signatures are attached by nobody else.
"""

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110 §9.2.1
_OWN: Final = frozenset({"same-origin", "none"})
_FOR_PROGRAMS: Final = ("/api/", "/federation/", "/oai")


class CrossSiteRefused(DomainError):
    """A browser sends it for another site, or does not say for which."""

    problem = ProblemType.CROSS_SITE_REFUSED


async def refuse_cross_site(request: Request) -> None:
    """Let safe requests, this site's own pages and programs pass; a dependency of every route.

    The own origin is that of `settings.base_url`: `Host` is never trusted.

    Raises:
        CrossSiteRefused: it is none of them.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        allowed = site in _OWN
    elif origin is not None:
        allowed = origin == own_origin(request.app.state.settings.base_url)
    else:
        allowed = request.url.path.startswith(_FOR_PROGRAMS) and "cookie" not in request.headers
    if not allowed:
        raise CrossSiteRefused(
            "浏览器没有说明请求来自本站 / the browser does not say that this site sent it"
        )


def own_origin(base_url: str) -> str:
    """The origin of an address as browsers write it (RFC 6454 §6.2)."""
    url = urlsplit(base_url.lower())
    port = {"https": 443, "http": 80}[url.scheme]
    return f"{url.scheme}://{url.netloc.removesuffix(f':{port}')}"
