"""The fixed pages (about, how to verify, the API) and the files that pages load."""

from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import FileResponse

from shared_platform.colours import on_dark
from shared_platform.look.look import shown_settings
from shared_platform.public_pages.frame import STATIC, has_route, show
from shared_platform.public_pages.reader import Reader, Reading
from shared_platform.public_pages.site import Site
from shared_platform.transport.problems import NoSuchPath

router = APIRouter(include_in_schema=False)
_FILES: Final = {
    "kaixu.css": "text/css",
    "workspace.css": "text/css",
    "copy.js": "text/javascript",
    "verify.js": "text/javascript",
    "seal.svg": "image/svg+xml",
    "htmx.min.js": "text/javascript",
    "htmx-LICENSE.txt": "text/plain",
}
_FOR_EVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
_FOR_MINUTES: Final = {"cache-control": "public, max-age=600"}
_RECIPES: Final = (
    "/api/v1/catalogue/search",
    "/api/v1/catalogue/cards",
    "/api/v1/catalogue/facets",
    "/api/v1/catalogue/facets/{facet}",
    "/api/v1/catalogue/listings",
    "/api/v1/catalogue/changes",
    "/api/v1/catalogue/bulk",
    "/api/v1/catalogue/export.csv",
    "/api/v1/catalogue/export.xlsx",
    "/feeds/catalogue.atom",
    "/feeds/catalogue.json",
    "/catalogue.jsonld",
    "/oai",
    "/api/v1/issues",
    "/federation/v1/log/checkpoint",
)


@router.get("/about")
async def about_page(request: Request, reader: Reading) -> Response:
    """What open licensing is, how it works here, and the accessibility statement."""
    return _prose(request, "about", reader)


@router.get("/verify")
async def verify_page(request: Request, reader: Reading) -> Response:
    """The anchor's fingerprint, and how to check the whole catalogue."""
    return _prose(request, "verify", reader)


@router.get("/api")
async def api_page(request: Request, reader: Reading) -> Response:
    """The addresses for programs, with examples to copy."""
    return _prose(request, "api", reader)


@router.get("/static/skin.css")
async def skin(request: Request) -> Response:
    """The service's colour, in a shade that can be read on light and on dark screens."""
    colour = shown_settings(request).accent_colour
    sheet = (
        f":root{{--accent:{colour}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not(.light){{--accent:{on_dark(colour)}}}}}\n"
        f":root.dark{{--accent:{on_dark(colour)}}}\n"
    )
    return Response(sheet, media_type="text/css", headers=_FOR_MINUTES)


@router.get("/static/logo")
async def logo(request: Request) -> Response:
    """The service's logo.

    Raises:
        NoSuchPath: it has none.
    """
    file = shown_settings(request).logo_file
    if file is None:
        raise NoSuchPath("没有设置标志 / no logo is set")
    return FileResponse(file, headers=_FOR_MINUTES)


@router.get("/static/{name}")
async def static_file(name: str) -> Response:
    """A file of the program; the policy of the pages lets nothing else in.

    Raises:
        NoSuchPath: there is none of that name.
    """
    if name not in _FILES:
        raise NoSuchPath("没有这个文件 / there is no such file")
    return FileResponse(STATIC / name, media_type=_FILES[name], headers=_FOR_EVER)


def _prose(request: Request, name: str, reader: Reader) -> Response:
    site: Site = request.app.state.site
    anchor, settings = site.anchor(), request.app.state.settings
    facts = {
        "anchor": anchor,
        "fingerprint": anchor.fingerprint() if anchor else "",
        "base_url": settings.base_url,
        "hub_url": site.hub_url or settings.base_url,
        "limits": (
            ("search", settings.search_limit),
            ("export", settings.export_limit),
            ("read", settings.read_limit),
        ),
        "has": {path for path in _RECIPES if has_route(request, path)},
    }
    return show(request, f"{name}.{reader.lang}.html", facts, reader=reader)
