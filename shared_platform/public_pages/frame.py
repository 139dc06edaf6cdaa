"""The frame of every page: templates, the service's look, links in head and foot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import iter_route_contexts
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    PackageLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
)
from starlette.responses import HTMLResponse
from typing_extensions import override

from shared_platform.catalogue.routes import CACHING
from shared_platform.look.look import shown_settings
from shared_platform.public_pages.markup import local_time, mark_language
from shared_platform.public_pages.reader import Pairs, Reader
from shared_platform.public_pages.words import page_words
from shared_platform.settings import PlatformSettings
from shared_schema.bilingual import Words

STATIC: Final = Path(__file__).parent / "static"


class PackagedTemplates(BaseLoader):
    """Templates of any feature, named `package:file`, as in `main_platform.console:queue.html`."""

    def __init__(self) -> None:
        self._loaders: dict[str, PackageLoader] = {}

    @override
    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The template in the folder `templates` of its package.

        Raises:
            TemplateNotFound: it has none of that name.
        """
        package, separator, name = template.partition(":")
        if not separator:
            raise TemplateNotFound(template)
        if package not in self._loaders:
            self._loaders[package] = PackageLoader(package)
        return self._loaders[package].get_source(environment, name)


templates: Final = Environment(
    loader=ChoiceLoader([PackageLoader("shared_platform.public_pages"), PackagedTemplates()]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.filters["data"] = mark_language
templates.filters["local_time"] = local_time
LANGUAGE_TAGS: Final = {"zh": "zh-CN", "en": "en"}
SIGN_IN_PATH: Final = "/sign-in"
_WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Offered where this service answers them; each feature brings its own address.
_FORMS: Final = (
    ("/api/v1/catalogue/search", "JSON", "application/json"),
    ("/api/v1/catalogue/export.csv", "CSV", "text/csv"),
    ("/api/v1/catalogue/export.xlsx", "Excel", _WORKBOOK),
    ("/feeds/catalogue.atom", "Atom", "application/atom+xml"),
    ("/feeds/catalogue.json", "JSON Feed", "application/feed+json"),
)


@dataclass(frozen=True, slots=True)
class OtherForm:
    """The same content for a program."""

    title: str
    url: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Skin:
    """What the operator gave the pages: its name, its day, its foot.

    `version` changes with colour and logo, so that nobody sees the old ones after a change.
    """

    name: str
    has_logo: bool
    rehearsal_day: date | None
    icp_record: str
    police_record: str
    contact: str
    version: str

    @classmethod
    def of(cls, settings: PlatformSettings, *, name: str) -> "Skin":
        """The part of the settings that pages show."""
        return cls(
            name,
            settings.logo_file is not None,
            settings.today,
            settings.icp_record,
            settings.police_record,
            settings.public_contact,
            sha256(f"{settings.accent_colour} {settings.logo_file}".encode()).hexdigest()[:12],
        )


def show(
    request: Request,
    template: str | Template,
    facts: Mapping[str, Any],
    *,
    reader: Reader,
    status: int = 200,
) -> Response:
    """The page; whoever holds it is told so by `transport.coded_reads`.

    `template` is a name, or a template of a feature above with its own folder.
    """
    html = rendered(request, template, facts, reader=reader)
    fields = {"content-language": LANGUAGE_TAGS[reader.lang]}
    if "lang" not in request.query_params:
        fields["vary"] = "accept-language"
    caching = CACHING if status == 200 else "no-store"  # noqa: PLR2004 - RFC 9110 §15.3.1
    return HTMLResponse(html, status, headers=fields | {"cache-control": caching})


def other_forms(request: Request, pairs: Pairs) -> list[OtherForm]:
    """The search in the other forms that this service has."""
    return [
        OtherForm(title, Reader().link(path, pairs), media_type)
        for path, title, media_type in _FORMS
        if has_route(request, path)
    ]


def has_route(request: Request, path: str) -> bool:
    """Whether the service has this route; each feature brings its own."""
    return any(context.path == path for context in iter_route_contexts(request.app.routes))


@cache
def style_version() -> str:
    """Changes with the style sheet and the scripts, so that they can be kept for ever."""
    parts = [path.read_bytes() for path in sorted(STATIC.iterdir())]
    return sha256(b"".join(parts)).hexdigest()[:12]


def rendered(
    request: Request,
    template: str | Template,
    facts: Mapping[str, Any],
    *,
    reader: Reader,
    words: Mapping[str, Words] = MappingProxyType({}),
) -> str:
    """The page as text; `words` are those that its feature adds to the frame's."""
    settings = shown_settings(request)
    return templates.get_template(template).render(
        facts,
        reader=reader,
        here=reader.link,
        says=reader.says,
        lang=reader.lang,
        words=SimpleNamespace(  # no mapping: a word may be called `keys` or `copy`
            **{
                **page_words(reader.lang),
                **{name: reader.says(one) for name, one in words.items()},
            }
        ),
        has_sign_in=has_route(request, SIGN_IN_PATH),
        skin=Skin.of(settings, name=reader.says(Words(settings.name_zh, settings.name_en))),
        version=style_version(),
        other_language_url=_again(request, reader.in_the_other_language),
        other_print_url=_again(request, reader.with_other_print),
        alternates=_alternates(request, settings.base_url),
        path=request.url.path,
        issues_url=_issues_url(request, reader),
    )


def _issues_url(request: Request, reader: Reader) -> str | None:
    """The monthly issues: here, or at the hub whose catalogue this node shows; None: not known."""
    if has_route(request, "/issues"):
        return reader.link("/issues")
    site = getattr(request.app.state, "site", None)
    return reader.link(f"{site.hub_url}/issues") if site is not None and site.hub_url else None


def _again(request: Request, reader: Reader) -> str:
    """This very page for another reader."""
    return reader.link(request.url.path, _of_the_page(request))


def _alternates(request: Request, base: str) -> list[tuple[str, str]]:
    """This page in each language, and the address that follows the reader's browser."""
    path, pairs = request.url.path, _of_the_page(request)
    spoken: list[tuple[str, Pairs]] = [
        (tag, [*pairs, ("lang", lang)]) for lang, tag in LANGUAGE_TAGS.items()
    ]
    spoken.append(("x-default", pairs))
    return [(tag, base + Reader().link(path, wanted)) for tag, wanted in spoken]


def _of_the_page(request: Request) -> Pairs:
    own = {"lang", "size"}
    return [pair for pair in request.query_params.multi_items() if pair[0] not in own]
