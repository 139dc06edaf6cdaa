"""The code that other sites copy: one template for each form, the same for pages and oEmbed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from shared_platform.embeds.component import current_release
from shared_platform.embeds.framing import template
from shared_platform.embeds.parameters import EmbedSearch, embed_pairs, look_pairs
from shared_platform.public_pages.reader import Pairs, Reader
from shared_platform.public_pages.search_address import search_pairs
from shared_platform.public_pages.words import page_words
from shared_schema.bilingual import Language

SnippetKind = Literal["component", "iframe", "badge", "link"]
LISTING_KINDS: Final[Sequence[SnippetKind]] = ("iframe", "link")
LIST_HEIGHT: Final = 640  # CSS pixels
LISTING_HEIGHT: Final = 640


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code to copy, and where this site shows the same (an address without its host)."""

    code: str
    preview: str


@dataclass(frozen=True, slots=True)
class Site:
    """Whose catalogue is embedded, and where it is."""

    base: str
    name: str


def list_snippet(kind: SnippetKind, asked: EmbedSearch, site: Site, *, lang: Language) -> Snippet:
    """A search embedded for readers of `lang`."""
    pairs, reader = embed_pairs(asked, lang=lang), Reader(lang)
    searched = search_pairs(asked)
    badge = Reader().link("/embed/badge.svg", [*searched, *reader.pairs()])
    facts = {
        "page": site.base + reader.link("/", searched),
        "badge": site.base + badge,
        "source": site.base + Reader().link("/embed/catalogue", pairs),
        "height": LIST_HEIGHT,
        "release": current_release(),
        "attributes": component_attributes(asked, lang=lang),
    }
    previews = {
        "component": Reader().link("/embed/component", pairs),
        "iframe": Reader().link("/embed/catalogue", pairs),
        "badge": badge,
        "link": reader.link("/", searched),
    }
    return Snippet(_code(kind, facts, site, lang=lang), previews[kind])


def listing_snippet(
    kind: SnippetKind, listing: UUID, heading: str, *, site: Site, look: EmbedSearch, lang: Language
) -> Snippet:
    """One listing embedded for readers of `lang`."""
    reader, path = Reader(lang), f"/embed/listings/{listing}"
    source = Reader().link(path, [*reader.pairs(), *look_pairs(look.theme)])
    page = reader.link(f"/listings/{listing}")
    facts = {
        "page": site.base + page,
        "source": site.base + source,
        "height": LISTING_HEIGHT,
        "heading": heading,
    }
    preview = source if kind == "iframe" else page
    return Snippet(_code(kind, facts, site, lang=lang), preview)


def frame_code(source: str, title: str, *, width: int, height: int) -> str:
    """A frame of fixed size, as oEmbed gives it."""
    facts = {"source": source, "title": title, "width": width, "height": height}
    return template("snippet_iframe.html").render(facts).strip()


def component_attributes(asked: EmbedSearch, *, lang: Language) -> Pairs:
    """The attributes of the component's element; those with their usual value stay out."""
    search = urlencode(search_pairs(asked))
    return [
        *([("search", search)] if search else []),
        ("lang", "zh-CN" if lang == "zh" else "en"),
        ("theme", asked.theme),
        ("limit", str(asked.limit)),
        *([("search-box", "off")] if asked.box == "off" else []),
    ]


def _code(kind: SnippetKind, facts: dict[str, Any], site: Site, *, lang: Language) -> str:
    words = page_words(lang)
    title = f"{facts.get('heading') or words['catalogue']} · {site.name}"
    known = {"base": site.base, "title": title, "width": "100%", "label": words["badge_label"]}
    return template(f"snippet_{kind}.html").render(known | facts).strip()
