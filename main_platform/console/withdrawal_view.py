"""What the pages about withdrawals show of a change, and of a listing that may be changed."""

from dataclasses import dataclass
from uuid import UUID

from main_platform.console.row_view import Looking
from main_platform.console.withdrawal_words import WITHDRAWAL_WORDS
from main_platform.review.standing import ListingStanding
from main_platform.review.tables import ListingChangeRow
from shared_platform.catalogue.state_words import STATE_WORDS
from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.reason_words import reason_words
from shared_schema.bilingual import Words
from shared_schema.patent_number import print_patent_number


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change as a row."""

    id: int
    listing: UUID
    number: str
    what: str
    by: str
    reason: str
    text: str
    at: str
    logged: str


@dataclass(frozen=True, slots=True)
class StandingView:
    """One listing with what may be done to it."""

    listing: UUID
    number: str
    title: str
    holders: str
    origin: str
    state: str
    allowed: tuple[str, ...]


def change_view(row: ListingChangeRow, looking: Looking) -> ChangeView:
    """The change for this reader."""
    reader = looking.reader
    node = looking.nodes.get(row.origin, Words(row.origin, row.origin))
    is_hub = row.by == "hub"
    by = WITHDRAWAL_WORDS["by_office" if is_hub else "by_node"]
    return ChangeView(
        id=row.id,
        listing=row.listing,
        number=print_patent_number(row.application_number),
        what=reader.says(WITHDRAWAL_WORDS[row.kind]),
        by=reader.says(by).format(row.actor if is_hub else reader.says(node)),
        reason=reader.says(reason_words(row.reason_code)) if row.reason_code else "",
        text=row.text or "",
        at=local_time(row.at),
        logged=_logged(row, reader),
    )


def standing_view(standing: ListingStanding, reader: Reader) -> StandingView:
    """The listing for this reader."""
    row = standing.row
    if row.withdrawn_at is not None:
        state = WITHDRAWAL_WORDS["withdrawn_already"]
    elif standing.by_office:
        state = WITHDRAWAL_WORDS["suspended"]
    elif standing.state is None:
        state = WITHDRAWAL_WORDS["not_published"]
    else:
        state = STATE_WORDS[standing.state]
    return StandingView(
        listing=row.listing,
        number=print_patent_number(row.application_number),
        title=standing.title or reader.says(WITHDRAWAL_WORDS["untitled"]),
        holders=reader.says(Words("、", ", ")).join(standing.holder_names),
        origin=row.origin,
        state=reader.says(state),
        allowed=standing.allowed,
    )


def _logged(row: ListingChangeRow, reader: Reader) -> str:
    if row.serial is not None:
        return f"#{row.serial}"
    if row.needs_entry:
        return reader.says(WITHDRAWAL_WORDS["on_its_way"])
    said = "waits_for_office" if row.kind == "resume" else "not_public"
    return reader.says(WITHDRAWAL_WORDS[said])
