"""Where a page says how other sites embed it: oEmbed discovery, and the page for snippets."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import Request

from shared_platform.public_pages.frame import OtherForm
from shared_platform.public_pages.reader import Pairs, Reader

_FORMATS: Final = (("json", "application/json+oembed"), ("xml", "text/xml+oembed"))


@dataclass(frozen=True, slots=True)
class Embedding:
    """The two oEmbed addresses of a page (oEmbed 1.0 §4), and where its code is made."""

    oembed: tuple[OtherForm, ...]
    builder_url: str


def embedding(request: Request, reader: Reader, page: str, *, chosen: Pairs) -> Embedding:
    """How this `page`, an address of this site without its host, is embedded.

    `chosen` is what the page for snippets begins with.
    """
    base = request.app.state.settings.base_url
    described = tuple(
        OtherForm(
            "oEmbed", f"{base}/oembed?{urlencode({'url': base + page, 'format': name})}", kind
        )
        for name, kind in _FORMATS
    )
    return Embedding(described, reader.link("/embed", chosen))
