"""How a listing stands beside equal ones of its patent (protocol §10): pure, never arrival time.

The automatic choice of the primary listing: the node's verification level, then the earliest
official declaration date, then the lowest serial.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from shared_schema.entry_parts import ListingReference

AUTOMATIC_RULE: Final = "protocol-10.automatic"
STAFF_RULE: Final = "protocol-10.staff"
_NO_SERIAL: Final = 2**63


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listing that could be the primary one.

    Attributes:
        level: its node's verification level, a member of the node's scope; 0 where none is stated.
        declared: legal day of the first version's `issued_at`.
        serial: its first entry in the log; None: not there yet.
        is_primary: it is the primary one now.
    """

    origin: str
    listing: UUID
    level: int
    declared: date
    serial: int | None
    is_primary: bool = False

    @property
    def rank(self) -> tuple[int, date, int, str, str]:
        """Smaller goes first. Origin and id only make the order total."""
        serial = _NO_SERIAL if self.serial is None else self.serial
        return (-self.level, self.declared, serial, self.origin, str(self.listing))

    @property
    def reference(self) -> ListingReference:
        """How log entries name it."""
        return ListingReference(origin=self.origin, listing=self.listing)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an approved offer goes.

    Attributes:
        primary: the listing it is also offered through; None: it is the primary one itself.
        promoted: a listing that becomes the primary one by an entry after the offer.
    """

    primary: Candidate | None = None
    promoted: Candidate | None = None


def place(own: Candidate, others: Sequence[Candidate]) -> Placement:
    """The standing of `own` beside `others`, which are public and offer the same.

    At every entry of the log at most one listing of a patent is the primary one: a newcomer that
    ranks first is published beside the present one and then takes its place.
    """
    if not others:
        return Placement()
    first = choose_primary([own, *others])
    present = next((other for other in others if other.is_primary), None)
    if first is own:
        if present is not None:
            return Placement(present, promoted=own)
        return Placement(promoted=None if own.is_primary else own)
    if present is not None:
        return Placement(present)
    return Placement(first, promoted=first)


def choose_primary(candidates: Sequence[Candidate]) -> Candidate:
    """The one that the automatic rule makes the primary listing."""
    return min(candidates, key=lambda candidate: candidate.rank)
