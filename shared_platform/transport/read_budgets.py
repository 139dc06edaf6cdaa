"""Which public reads are counted, each against one of three budgets: a row for every address.

What is not here is not counted: the log, proofs, objects and snapshots, which nodes and verifiers
need whole; signed requests, which have quotas of their own; what staff do with a token; the health
of the service; and static files.
"""

from enum import StrEnum
from typing import Final


class Budget(StrEnum):
    """What one address, or one key, may ask for in a minute, by what it costs us."""

    READ = "read"
    SEARCH = "search"
    EXPORT = "export"


_BULK_FILES: Final = "/api/v1/catalogue/bulk/"
_EXPORTS: Final = (_BULK_FILES, "/api/v1/catalogue/export.")
_SEARCHES: Final = (
    "/api/v1/catalogue/search",
    "/api/v1/catalogue/facets",
    "/api/v1/catalogue/cards",
    "/embed/catalogue",
    "/feeds/",
    "/boards/",
    "/facets/",
    "/statistics",
)
_READS: Final = (
    "/api/v1/catalogue/",
    "/listings/",
    "/holders",
    "/nodes",
    "/boards",
    "/issues",
    "/api/v1/issues",
    "/embed",
    "/oembed",
    "/oai",
    "/catalogue.jsonld",
    "/sitemap",
)
_FIRST_PAGE: Final = "/"  # where people search


def budget_of(path: str) -> Budget | None:
    """The budget that a read of this path is counted against; None: it is not counted."""
    if path.startswith(_SEARCHES) or path == _FIRST_PAGE:
        return Budget.SEARCH
    if not path.startswith(_READS):
        return None
    return Budget.EXPORT if path.startswith(_EXPORTS) else Budget.READ
