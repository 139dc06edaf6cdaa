"""Which requests of the public are counted, each against a budget: a row for every address.

Three budgets are for reads, by the minute. The fourth is for asking to join, by the hour: anybody
may, and people must look at each. What is not here is not counted: the log, proofs, objects and
snapshots, which nodes and verifiers need whole; other signed requests, which have quotas of their
own; what staff do with a token; the health of the service; and static files.
"""

from enum import StrEnum
from typing import Final


class Budget(StrEnum):
    """What one address, or one key, may ask for in its window, by what it costs us."""

    READ = "read"
    SEARCH = "search"
    EXPORT = "export"
    ENROLMENT = "enrolment"

    @property
    def window_seconds(self) -> int:
        """The window in which it is counted."""
        return 3_600 if self is Budget.ENROLMENT else 60


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
_ENROLMENTS: Final = "/federation/v1/enrolments"
_BY_FORM: Final = "/oai"  # the one read that may come by POST (OAI-PMH 2.0 §3.1.1)
_METHODS_OF_READS: Final = frozenset({"GET", "HEAD"})
_FIRST_PAGE: Final = "/"  # where people search


def budget_for(method: str, path: str) -> Budget | None:
    """The budget that a request is counted against; None: it is not counted."""
    if method == "POST" and path == _ENROLMENTS:
        return Budget.ENROLMENT
    return budget_of(path) if method in _METHODS_OF_READS or path == _BY_FORM else None


def budget_of(path: str) -> Budget | None:
    """The budget that a read of this path is counted against; None: it is not counted."""
    if path.startswith(_SEARCHES) or path == _FIRST_PAGE:
        return Budget.SEARCH
    if not path.startswith(_READS):
        return None
    return Budget.EXPORT if path.startswith(_EXPORTS) else Budget.READ
