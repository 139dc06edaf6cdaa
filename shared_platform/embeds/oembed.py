"""oEmbed 1.0: from the address of one of our pages to the frame that shows the same elsewhere."""

from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode
from uuid import UUID

from lxml import etree
from pydantic import ValidationError

from shared_platform.embeds.snippets import LIST_HEIGHT, LISTING_HEIGHT, Site, frame_code
from shared_platform.public_pages.boards import Board, read_search
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.search_address import search_pairs
from shared_platform.search.parameters import SearchParameters
from shared_schema.bilingual import Language
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

_WIDTH: Final = 640  # CSS pixels, where the consumer sets no other bound
_CACHE_SECONDS: Final = 3600  # of this description; the frame itself is always current
_ONLY: Final = (
    "这个地址不能嵌入：须是本站的检索、专栏或许可页面"
    " / this address cannot be embedded: a search, a board or a listing of this site is needed"
)
_PAGING: Final = frozenset({"cursor", "limit", "facets", "size"})


class NotEmbeddable(DomainError):
    """The address is none of this site's pages that can be embedded."""

    problem = ProblemType.NOT_FOUND


class FormatNotOffered(DomainError):
    """oEmbed is given as JSON and as XML only (oEmbed 1.0 §2.3.5, status 501)."""

    problem = ProblemType.NOT_IMPLEMENTED


@dataclass(frozen=True, slots=True)
class Target:
    """What an address of ours shows, for whom. A listing, or a search with a title if a board."""

    lang: Language
    listing: UUID | None = None
    search: SearchParameters | None = None
    board: Board | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the consumer has room for, in CSS pixels; None: no bound."""

    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class OEmbed:
    """A rich response (oEmbed 1.0 §2.3.4.4)."""

    title: str
    provider_name: str
    provider_url: str
    html: str
    width: int
    height: int
    version: str = "1.0"
    type: str = "rich"
    cache_age: int = _CACHE_SECONDS


def read_target(url: str, *, base: str, boards: tuple[Board, ...]) -> Target:
    """What the address shows.

    Raises:
        NotEmbeddable: another site's, or a page that cannot be embedded.
    """
    place, _, query = url.partition("#")[0].partition("?")
    if not f"{place}/".startswith(f"{base}/"):
        raise NotEmbeddable(_ONLY)
    path = place.removeprefix(base)
    lang: Language = "en" if parse_qs(query).get("lang") == ["en"] else "zh"
    folder, _, name = path.strip("/").partition("/")
    if folder == "listings":
        return Target(lang, listing=_uuid(name))
    if folder == "boards":
        for board in boards:
            if board.id == name:
                return Target(lang, search=board.search, board=board)
    if folder:
        raise NotEmbeddable(_ONLY)
    return Target(lang, search=_search(query))


def describe(target: Target, title: str, *, site: Site, bounds: Bounds) -> OEmbed:
    """The description: a frame that keeps within the bounds."""
    reader = Reader(target.lang)
    if target.listing is not None:
        path, height = reader.link(f"/embed/listings/{target.listing}"), LISTING_HEIGHT
    else:
        assert target.search is not None
        pairs = [*search_pairs(target.search), *reader.pairs()]
        path, height = Reader().link("/embed/catalogue", pairs), LIST_HEIGHT
    width = min(_WIDTH, bounds.width or _WIDTH)
    height = min(height, bounds.height or height)
    html = frame_code(site.base + path, title, width=width, height=height)
    return OEmbed(title, site.name, f"{site.base}/", html, width, height)


def as_json(found: OEmbed) -> dict[str, Any]:
    """The members of the JSON form."""
    return asdict(found)


def as_xml(found: OEmbed) -> bytes:
    """The XML form (oEmbed 1.0 §2.3.3); the HTML is text in it."""
    root = etree.Element("oembed")
    for name, value in asdict(found).items():
        etree.SubElement(root, name).text = str(value)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", standalone=True)


def _search(query: str) -> SearchParameters:
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name not in _PAGING and name != "lang"
    ]
    try:
        return read_search(urlencode(kept))
    except ValidationError as wrong:
        raise NotEmbeddable(_ONLY) from wrong


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise NotEmbeddable(_ONLY) from wrong
