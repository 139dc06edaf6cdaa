"""What an embedded list shows and how it looks, as the parameters of its address."""

from typing import Annotated, Final, Literal

from pydantic import Field

from shared_platform.public_pages.reader import Pairs
from shared_platform.public_pages.search_address import PageSearch, search_pairs
from shared_schema.bilingual import Language

Theme = Literal["light", "dark", "auto"]
SearchBox = Literal["on", "off"]
MOST_OFFERS: Final = 50
FEW_OFFERS: Final = 10
_Limit = Annotated[int, Field(ge=1, le=MOST_OFFERS, description="每页条数 / offers a page")]


class CardSearch(PageSearch):
    """A search whose listings are shown as cards."""

    limit: _Limit = FEW_OFFERS


class EmbedSearch(CardSearch):
    """A search as an embedded list shows it."""

    theme: Theme = "light"
    box: SearchBox = "on"


def embed_pairs(asked: EmbedSearch, *, lang: Language) -> Pairs:
    """The embedded list without its page, for a reader of this language; defaults stay out."""
    found = list(search_pairs(asked))
    found += [("lang", lang)] if lang != "zh" else []
    found += look_pairs(asked.theme)
    found += [("limit", str(asked.limit))] if asked.limit != FEW_OFFERS else []
    return found + ([("box", asked.box)] if asked.box != "on" else [])


def look_pairs(theme: Theme) -> Pairs:
    """The theme where it is not the usual one."""
    return [("theme", theme)] if theme != "light" else []
