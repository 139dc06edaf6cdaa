"""What the workspace of a service offers: places by permission, in the order of the menu."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.sign_in.access_policy import AccessPolicy, Caller
from shared_schema.bilingual import Words


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the menu.

    Attributes:
        path: where it leads; everything below it belongs to it.
        title: what it is called.
        about: one sentence for the first page after signing in.
        permission: who sees it; None for everybody who signed in.
        is_regional: roles bound to a region see it too, as far as they reach.
    """

    path: str
    title: Words
    about: Words
    permission: StrEnum | None = None
    is_regional: bool = False


Counting = Callable[[AsyncSession, Caller], Awaitable[Mapping[str, int]]]
"""How many things wait behind a place, by its path; asked with every page, so it must be cheap."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One per service, in `app.state.workspace`."""

    policy: AccessPolicy
    places: Sequence[Place]
    role_titles: dict[str, Words]
    count: Counting | None = None

    def open_to(self, caller: Caller) -> list[Place]:
        """The places that this caller may enter."""
        return [place for place in self.places if self._is_open(place, caller)]

    def _is_open(self, place: Place, caller: Caller) -> bool:
        if place.permission is None:
            return True
        opens = self.policy.reaches if place.is_regional else self.policy.allows
        return opens(caller, place.permission)

    def role_title(self, role: str) -> Words:
        """What a role is called; its own name where nobody named it."""
        return self.role_titles.get(role, Words(role, role))
