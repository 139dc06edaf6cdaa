"""Another organisation's site: its own origin, a strict policy, and our snippets on its page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI, Response

from shared_platform.embeds.component import current_release
from tests.browser.browsing import bound, url_of

_PAGE = """<!doctype html>
<html lang="{lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>University portal</title><link rel="stylesheet" href="/own.css"></head>
<body><header><p>University portal</p></header><main><h1>Technology transfer</h1>
<h2>Licences</h2>
{snippets}
</main></body></html>"""
_STYLE = "body{margin:0;padding:1rem;font-family:sans-serif}iframe{max-width:100%}"


@dataclass
class ForeignSite:
    """Pages by path; each is HTML that somebody pasted our code into."""

    url: str
    policy: str
    pages: dict[str, str] = field(default_factory=dict)

    def paste(self, path: str, *snippets: str, lang: str = "zh-CN") -> str:
        """Publish the snippets on a page; its address."""
        self.pages[path] = _PAGE.format(lang=lang, snippets="\n".join(snippets))
        return f"{self.url}/{path}"


def strict_policy(catalogue: str) -> str:
    """What the manual tells a strict site to allow, and nothing else."""
    return (
        f"default-src 'none'; script-src 'self' {catalogue}; connect-src {catalogue};"
        f" frame-src {catalogue}; img-src {catalogue}; style-src 'self'; base-uri 'none';"
        " form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@asynccontextmanager
async def foreign_site(catalogue: str) -> AsyncIterator[ForeignSite]:
    """The site, listening at an origin of its own."""
    with bound() as at:
        site = ForeignSite(url_of(at), strict_policy(catalogue))
        server = uvicorn.Server(uvicorn.Config(_app(site), log_level="warning", lifespan="off"))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(server.serve(sockets=[at]))
        try:
            yield site
        finally:
            server.should_exit = True
            await task


def _app(site: ForeignSite) -> FastAPI:
    app = FastAPI()

    @app.get("/own.css")
    async def style() -> Response:
        return Response(_STYLE, media_type="text/css")

    @app.get("/favicon.ico")
    async def icon() -> Response:
        return Response(status_code=204)

    @app.get("/copy/kaixu-catalogue-1.js")
    async def own_copy() -> Response:
        return Response(current_release().file.read_bytes(), media_type="text/javascript")

    @app.get("/{path}")
    async def page(path: str) -> Response:
        headers = {"content-security-policy": site.policy}
        return Response(site.pages[path], media_type="text/html", headers=headers)

    return app
