"""What a reader asks of the catalogue, read from the parameters of a request."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import parse_application_number
from shared_schema.text import fold

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 20


class ShownState(StrEnum):
    """The state a reader sees; `expired` is derived from the day, never stored."""

    PUBLISHED = "published"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """A page of listings, newest first; filters not given do not filter."""

    number: str | None = None
    holder: str | None = None
    origin: str | None = None
    state: ShownState = ShownState.PUBLISHED
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT

    @property
    def identity(self) -> str:
        """What makes it the same query on every page: all but the place and the page's length."""
        return "\x1f".join((self.number or "", self.holder or "", self.origin or "", self.state))


def typed_query(query: ListingQuery) -> ListingQuery:
    """The query with what people typed brought into stored form: number, and holder's name.

    Raises:
        IdentifierRefused: the number is not one; points at the parameter.
    """
    number = _number(query.number) if query.number is not None else None
    holder = fold(query.holder) if query.holder is not None else None
    return replace(query, number=number, holder=holder)


def _number(typed: str) -> str:
    try:
        return parse_application_number(typed)
    except IdentifierRefused as refused:
        for index, error in enumerate(refused.errors):
            refused.errors[index] = replace(error, pointer="query:number")
        raise
