"""What people do while everything breaks: operators at nodes, examiners at the hub.

Whoever gets no answer looks what came of it and goes on, as people do; every act is in the ledger
before it begins. An act that turns out half done is a violation.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import httpx

from deploy.drill.federation import OPERATOR
from deploy.drill.ledger import Act, Ledger
from deploy.drill.services import Service

RETURNED_OF: Final = 25  # one listing of so many is returned for correction once
LARGEST_LOT: Final = 60
_LOTS: Final = 8  # at least, of what is ready at the beginning
_LOOK_SECONDS: Final = 0.2
_LOOKS: Final = 0.3  # how often somebody looks what became of earlier lots
_PAGE: Final = 200
_FIRST_SERVER_ERROR: Final = 500
_TOO_MANY: Final = 429
_OK: Final = 200
_NOTHING_SENT: Final = frozenset({"draft", "submitted", "verifying", "verified"})
_WISH: Final = {"code": "holder_wish", "text": "专利权人要求"}
Json = dict[str, Any]


def is_returned_once(listing: str) -> bool:
    """Whether the examiners return the first version of this listing."""
    return UUID(listing).int % RETURNED_OF == 0


async def answered(  # noqa: PLR0917  as `Service.ask`
    service: Service, method: str, path: str, body: object = None, *, by: str
) -> httpx.Response | None:
    """The answer; None when nobody can know what came of the request."""
    try:
        answer = await service.ask(method, path, body, by=by)
    except httpx.HTTPError:
        return None
    is_lost = answer.status_code >= _FIRST_SERVER_ERROR or answer.status_code == _TOO_MANY
    return None if is_lost else answer


async def read(service: Service, path: str, *, by: str) -> Any:  # noqa: ANN401  JSON of any shape
    """Ask until there is an answer."""
    while True:
        answer = await answered(service, "GET", path, by=by)
        if answer is not None and answer.status_code == _OK:
            return answer.json()
        await asyncio.sleep(_LOOK_SECONDS)


@dataclass(slots=True)
class Operator:
    """The operator of one node, with listings that are ready to be sent.

    `may_go_on` keeps the work spread over the drill: it returns when the next act is due, false for
    a small one that only keeps things moving.
    """

    node: Service
    ready: list[str]
    ledger: Ledger
    chance: random.Random
    may_go_on: Callable[[], Awaitable[bool]]
    offered: list[str] = field(default_factory=list)
    suspended: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    corrected: set[str] = field(default_factory=set)
    statements: int = 0

    @property
    def name(self) -> str:
        """The node's."""
        return self.node.place.name

    @property
    def planned(self) -> int:
        """Statements this operator means to send in the whole."""
        everything = [*self.ready, *self.offered]
        return sum(
            1 + is_returned_once(one) + self._suspends(one) + self._withdraws(one)
            for one in everything
        )

    async def work(self) -> None:
        """Send everything, correct what comes back, suspend and withdraw some; to the end."""
        largest = min(LARGEST_LOT, max(1, len(self.ready) // _LOTS))
        while self.ready:
            size = self.chance.randint(1, largest) if await self.may_go_on() else 1
            lot, self.ready = self.ready[:size], self.ready[size:]
            await self.recommend(lot)
            self.offered += lot
            if self.chance.random() < _LOOKS:
                await self._follow_up()
        while await self._follow_up() or self._unfinished():  # noqa: ASYNC110  asks over HTTP
            await asyncio.sleep(_LOOK_SECONDS)

    async def _follow_up(self) -> int:
        """Do what is due about listings the hub has answered; how many acts that were."""
        done = 0
        for listing in await self._in_state("correction"):
            await self._correct(listing)
            done += 1
        for listing in await self._in_state("published"):
            done += await self._change(listing)
        for listing in await self._in_state("suspended"):
            done += await self._change(listing)
        return done

    async def _change(self, listing: str) -> int:
        """Suspend or withdraw a published listing if that is planned for it."""
        if self._suspends(listing) and listing not in self.suspended:
            await self.may_go_on()
            await self._post(listing, "suspension", _WISH, done_in={"suspended"})
            self.suspended.add(listing)
            return 1
        if self._withdraws(listing) and listing not in self.withdrawn:
            await self.may_go_on()
            wish = _WISH | {"all_owners_consent": True}
            done_in = {"withdrawal_requested", "withdrawn"}
            await self._post(listing, "withdrawal", wish, done_in=done_in)
            self.withdrawn.add(listing)
            return 1
        return 0

    async def recommend(self, lot: Sequence[str]) -> None:
        """Recommend these listings in one act, until it is done."""
        act = self.ledger.intend(self.name, "recommend", *lot)
        body = {"listings": list(lot), "accept_unchecked": True}
        while True:
            answer = await answered(self.node, "POST", "/api/v1/recommendations", body, by=OPERATOR)
            if answer is not None and answer.status_code == _OK:
                made = answer.json()
                if made["refused"]:
                    self.ledger.violation(f"{self.name}: refused {made['refused']}")
                self.ledger.acknowledge(act, made["recommended"])
                break
            if await self._is_done(act):
                self.ledger.acknowledge(act, found=True)
                break
        self.statements += len(lot)

    async def _is_done(self, act: Act) -> bool:
        """Whether a request without an answer took effect: wholly, or not at all."""
        states = [await self._state(listing) for listing in act.subjects]
        sent = [state not in _NOTHING_SENT for state in states]
        if any(sent) and not all(sent):
            self.ledger.violation(f"{self.name}: act {act.number} is half done: {states}")
        return any(sent)

    async def _correct(self, listing: str) -> None:
        """Change what was returned, check it, send it again."""
        path = f"/api/v1/declarations/{listing}"
        await self.may_go_on()
        while (state := await self._state(listing)) in {"correction", "draft"}:
            found = await read(self.node, path, by=OPERATOR)
            changed = found["declaration"] | {"period": {"end": "2027-12-31"}}
            body = {"row_version": found["row_version"], "declaration": changed}
            if await answered(self.node, "PUT", path, body, by=OPERATOR) is not None:
                named = {"listings": [listing]}
                await answered(self.node, "POST", "/api/v1/checks", named, by=OPERATOR)
        if state == "verified":
            await self.recommend([listing])
        self.corrected.add(listing)

    async def _post(self, listing: str, what: str, body: Json, *, done_in: set[str]) -> None:
        act = self.ledger.intend(self.name, what, listing)
        path = f"/api/v1/listings/{listing}/{what}"
        while True:
            answer = await answered(self.node, "POST", path, body, by=OPERATOR)
            if answer is not None and answer.status_code == _OK:
                self.ledger.acknowledge(act, answer.json())
                break
            if await self._state(listing) in done_in:
                self.ledger.acknowledge(act, found=True)
                break
            if answer is not None:
                self.ledger.violation(f"{self.name}: act {act.number}: {answer.text}")
                break
        self.statements += 1

    async def _state(self, listing: str) -> str:
        found = await read(self.node, f"/api/v1/declarations/{listing}", by=OPERATOR)
        return str(found["state"])

    async def _in_state(self, state: str) -> list[str]:
        path = f"/api/v1/declarations?state={state}&limit={_PAGE}"
        page = await read(self.node, path, by=OPERATOR)
        listings = [one["listing"] for one in page["items"]]
        while page["next"]:
            page = await read(self.node, f"{path}&before={page['next']}", by=OPERATOR)
            listings += [one["listing"] for one in page["items"]]
        return listings

    def _unfinished(self) -> bool:
        wanted = {one for one in self.offered if self._withdraws(one)}
        suspends = {one for one in self.offered if self._suspends(one)}
        returned = {one for one in self.offered if is_returned_once(one)}
        return not (
            wanted <= self.withdrawn and suspends <= self.suspended and returned <= self.corrected
        )

    def _suspends(self, listing: str) -> bool:
        return UUID(listing).int % 4 == 0

    def _withdraws(self, listing: str) -> bool:
        return UUID(listing).int % 9 < 4  # noqa: PLR2004  four of nine
