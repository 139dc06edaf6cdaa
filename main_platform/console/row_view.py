"""One review as a row of a list, and what the desks share: ages, findings, who has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from main_platform.console.desk_words import DESK_WORDS, SEVERITY_WORDS, STATE_WORDS
from main_platform.review.backlog import Promise
from main_platform.review.queue import CLAIM_KEPT
from main_platform.review.states import OPEN
from main_platform.review.tables import ReviewRow
from shared_platform.public_pages.listing_view import KIND_WORDS
from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_schema.bilingual import Words
from shared_schema.instants import Instant
from shared_schema.patent_number import kind_of, print_patent_number

_ORDER: Final = ("conflict", "error", "warning")
_DAY_SECONDS: Final = 86_400
_HOUR_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True)
class Weight:
    """A finding in short: its rule, and how much it weighs."""

    code: str
    severity: str
    word: str


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks, and when: what a row's words depend on."""

    reader: Reader
    by: str
    promise: Promise
    now: Instant
    nodes: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class RowView:
    """One review in a list."""

    review: UUID
    listing: UUID
    statement_hash: str
    number: str
    kind: str
    title: str
    holders: str
    node: str
    origin: str
    version: int
    state: str
    state_word: str
    weights: tuple[Weight, ...]
    high_risk: bool
    claimed_by: str
    is_mine: bool
    can_release: bool
    first_approver: str
    opened_at: str
    age: str
    lateness: str


def row_view(row: ReviewRow, looking: Looking) -> RowView:
    """The row for this reader, now."""
    reader = looking.reader
    is_mine = row.claimed_by == looking.by
    is_old = row.claimed_at is not None and looking.now - row.claimed_at > CLAIM_KEPT
    return RowView(
        review=row.id,
        listing=row.listing,
        statement_hash=row.statement_hash,
        number=print_patent_number(row.application_number),
        kind=reader.says(KIND_WORDS[kind_of(row.application_number)]),
        title=row.title or reader.says(DESK_WORDS["untitled"]),
        holders=reader.says(Words("、", ", ")).join(row.holder_names),
        node=reader.says(looking.nodes.get(row.origin, Words(row.origin, row.origin))),
        origin=row.origin,
        version=row.version,
        state=row.state,
        state_word=reader.says(STATE_WORDS[row.state]),
        weights=_weights(row, reader),
        high_risk=row.high_risk,
        claimed_by=row.claimed_by or "",
        is_mine=is_mine,
        can_release=row.state == "claimed" and (is_mine or is_old),
        first_approver=row.first_approver or "",
        opened_at=local_time(row.opened_at),
        age=age_text(row.opened_at, reader, now=looking.now),
        lateness=lateness(row.opened_at, looking) if row.state in OPEN else "",
    )


def row_views(rows: Sequence[ReviewRow], looking: Looking) -> list[RowView]:
    """The rows in their order."""
    return [row_view(row, looking) for row in rows]


def age_text(since: Instant, reader: Reader, *, now: Instant) -> str:
    """How long ago, in days, or in hours on the first day."""
    seconds = max((now - since).total_seconds(), 0)
    if seconds >= _DAY_SECONDS:
        days = int(seconds // _DAY_SECONDS)
        return reader.says(Words(f"{days} 天", "1 day" if days == 1 else f"{days} days"))
    hours = int(seconds // _HOUR_SECONDS)
    return reader.says(Words(f"{hours} 小时", "1 hour" if hours == 1 else f"{hours} hours"))


def lateness(since: Instant, looking: Looking) -> str:
    """`late`, `due` or nothing, by the office's promise."""
    if since < looking.promise.late_before(looking.now):
        return "late"
    return "due" if since < looking.promise.due_before(looking.now) else ""


def _weights(row: ReviewRow, reader: Reader) -> tuple[Weight, ...]:
    found = {(str(one["code"]), str(one["severity"])) for one in row.findings}
    ranked = sorted(found, key=lambda one: (_ORDER.index(one[1]), one[0]))
    return tuple(
        Weight(code, severity, reader.says(SEVERITY_WORDS[severity])) for code, severity in ranked
    )
