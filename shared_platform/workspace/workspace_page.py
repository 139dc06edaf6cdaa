"""Show a page of the workspace: the frame, the menu by permission, what the last form did."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import HTMLResponse

from shared_platform.public_pages.frame import rendered
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.navigation import Workspace
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_words import WORKSPACE_WORDS
from shared_schema.bilingual import Words

_PRIVATE: Final = {"cache-control": "no-store"}
_NO_WORDS: Final[Mapping[str, Words]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry of the menu as it is shown."""

    address: str
    title: str
    about: str
    is_current: bool
    count: int = 0


def show_page(
    visit: Visit,
    template: str,
    facts: Mapping[str, Any] = MappingProxyType({}),
    *,
    words: Mapping[str, Words] = _NO_WORDS,
    status: int = 200,
) -> Response:
    """A page for somebody who signed in; never kept by browser or cache.

    The template extends `shared_platform.workspace:workspace.html` and is named `package:file`.
    """
    reader = visit.reader
    shown = {
        "visit": visit,
        "menu": menu_of(visit),
        "notices": [reader.says(one) for one in visit.notices],
        **facts,
    }
    html = rendered(
        visit.request, template, shown, reader=reader, words={**WORKSPACE_WORDS, **words}
    )
    return HTMLResponse(html, status, headers=_PRIVATE)


def show_plain(
    request: Request,
    template: str,
    facts: Mapping[str, Any],
    *,
    reader: Reader,
    status: int = 200,
) -> Response:
    """A page before signing in: the same frame without a menu; never kept."""
    html = rendered(request, template, facts, reader=reader, words=WORKSPACE_WORDS)
    return HTMLResponse(html, status, headers=_PRIVATE)


def menu_of(visit: Visit) -> list[MenuEntry]:
    """The places that the visitor may enter."""
    workspace: Workspace = visit.request.app.state.workspace
    reader, here = visit.reader, visit.request.url.path
    places = workspace.open_to(visit.caller)
    around = [one.path for one in places if here == one.path or here.startswith(f"{one.path}/")]
    nearest = max(around, key=len, default=None)
    return [
        MenuEntry(
            reader.link(place.path),
            reader.says(place.title),
            reader.says(place.about),
            place.path == nearest,
            visit.counts.get(place.path, 0),
        )
        for place in places
    ]
