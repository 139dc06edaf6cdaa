"""An erasure as a page shows it; nothing of what was said stands in it."""

from dataclasses import dataclass
from uuid import UUID

from main_platform.console.second_look_words import ERASURE_STATES, EXTENT_WORDS, SECOND_WORDS
from main_platform.erasure.tables import ErasureRow
from main_platform.review.reason_codes import reason_codes
from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_schema.bilingual import Words


@dataclass(frozen=True, slots=True)
class ErasureView:
    """One erasure: what, why, by whom, how far."""

    erasure: UUID
    listing: UUID
    origin: str
    state: str
    state_word: str
    reason: str
    extent: str
    versions: str
    proposed_by: str
    when: str


def erasure_view(row: ErasureRow, reader: Reader) -> ErasureView:
    """The erasure for this reader."""
    reason = reason_codes()[row.reason]
    asked = reader.says(SECOND_WORDS["asked_by_node"]).format(row.origin)
    when = row.decided_at or row.proposed_at or row.asked_at
    return ErasureView(
        erasure=row.id,
        listing=row.listing,
        origin=row.origin,
        state=row.state,
        state_word=reader.says(ERASURE_STATES[row.state]),
        reason=reader.says(Words(reason.zh, reason.en)),
        extent=reader.says(EXTENT_WORDS[row.extent]) if row.extent else "—",
        versions=", ".join(str(one["version"]) for one in row.statements) or "—",
        proposed_by=row.proposed_by or asked,
        when=local_time(when) if when else "—",
    )
