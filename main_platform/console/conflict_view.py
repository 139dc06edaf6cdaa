"""What the conflict pages show: who stands against whom, and what differs item by item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from main_platform.console.conflict_words import CONFLICT_WORDS
from main_platform.console.declaration_view import ComparedItem, compared, items_of, read_body
from main_platform.console.row_view import Looking, RowView, row_view
from main_platform.review.conflicts import HeldOffer
from main_platform.review.detail import ReviewDetail, Side
from shared_schema.bilingual import Words
from shared_schema.instants import legal_day


@dataclass(frozen=True, slots=True)
class SideView:
    """Another offer of the patent. `review`: it is not public yet."""

    node: str
    listing: UUID
    version: int
    review: str | None
    terms_differ: bool
    holders_differ: bool
    is_erased: bool


@dataclass(frozen=True, slots=True)
class HeldView:
    """A conflict as a row of the list."""

    row: RowView
    sides: tuple[SideView, ...]
    awaits_second: bool


@dataclass(frozen=True, slots=True)
class ConflictView:
    """One conflict: the held offer, the others, and the items beside each other."""

    row: RowView
    sides: tuple[SideView, ...]
    heads: tuple[str, ...]
    items: tuple[ComparedItem, ...]


def held_views(held: Sequence[HeldOffer], looking: Looking) -> list[HeldView]:
    """The conflicts as rows."""
    return [
        HeldView(
            row_view(one.row, looking),
            tuple(
                _side(side.conflict, looking, has_body=side.body is not None) for side in one.sides
            ),
            one.row.resolution is not None,
        )
        for one in held
    ]


def conflict_view(detail: ReviewDetail, looking: Looking) -> ConflictView:
    """The conflict for this reader; offers whose terms were erased are named without them."""
    reader, today = looking.reader, legal_day(looking.now)
    row = row_view(detail.row, looking)
    sides = _sides(detail.sides, looking)
    heads, declared = [], []
    held = CONFLICT_WORDS["held_offer"]
    other = CONFLICT_WORDS["other_offer"]
    named = [(held, row.node, detail.body)]
    named += [(other, view.node, side.body) for view, side in zip(sides, detail.sides, strict=True)]
    for title, node, body in named:
        declaration = read_body(body)
        if declaration is not None:
            heads.append(reader.says(title).format(node))
            declared.append(items_of(declaration, reader, today=today, now=looking.now))
    return ConflictView(row, sides, tuple(heads), tuple(compared(declared)))


def _sides(sides: Sequence[Side], looking: Looking) -> tuple[SideView, ...]:
    return tuple(_side(one.conflict, looking, has_body=one.body is not None) for one in sides)


def _side(conflict: Mapping[str, Any], looking: Looking, *, has_body: bool) -> SideView:
    origin = str(conflict["origin"])
    return SideView(
        node=looking.reader.says(looking.nodes.get(origin, Words(origin, origin))),
        listing=UUID(conflict["listing"]),
        version=int(conflict["version"]),
        review=conflict["review"],
        terms_differ=not conflict["terms_equal"],
        holders_differ=not conflict["holders_equal"],
        is_erased=not has_body,
    )
