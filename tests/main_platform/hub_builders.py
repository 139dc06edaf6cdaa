"""A hub with intake and review, its staff, and enrolled nodes that sign statements."""

import itertools
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text
from typing_extensions import override

from main_platform.application import PLACES, ROUTERS
from main_platform.catalogue.hub_key import create_hub_key
from main_platform.catalogue.publish import publish
from main_platform.context import read_log_key, start_hub
from main_platform.intake import routes as intake_routes
from main_platform.intake.turns import IntakeTurns
from main_platform.review import conflict_routes, listing_routes
from main_platform.review import routes as review_routes
from main_platform.review.intake_ports import INTAKE_PORTS
from main_platform.settings import HubSettings
from main_platform.staff.permissions import HUB_POLICY, ROLE_TITLES
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from shared_platform.embeds.framing import problem_or_frame
from shared_platform.public_pages.site import hub_site
from shared_platform.service import ServiceContext
from shared_platform.serving import ServiceDescription, build_app
from shared_platform.transport.request_head import BodyLimit
from shared_platform.transport.signed_client import Content, SignedClient, Written
from shared_platform.workspace.navigation import Workspace
from shared_platform.workspace.problem_pages import led_to_sign_in
from shared_schema.declaration import Declaration
from shared_schema.entry_parts import KeyUse, NodeScope
from shared_schema.identities import SeededIds
from shared_schema.patent_number import check_character
from shared_schema.signing_key import SigningKey
from shared_schema.statement import Reason, SignedStatement, Statement, Subject, sign_statement
from tests.main_platform.hub_places import BASE, ANode, OpenHub, SetClock
from tests.shared_schema.offers import a_declaration

NDJSON = "application/x-ndjson"
OURS = (
    intake_routes.router,
    review_routes.router,
    conflict_routes.router,
    listing_routes.router,
)
STAFF = {
    "reg.one": ("node_registrar",),
    "reg.two": ("node_registrar",),
    "li.hua": ("examiner", "second_examiner"),
    "chen.jing": ("examiner", "second_examiner"),
    "sun.lei": ("catalogue_manager",),
    "ma.lin": ("catalogue_manager",),
    "audit": ("auditor",),
}


def a_number(serial: int) -> str:
    """The `serial`-th valid invention number of 2020."""
    digits = f"20201{serial:07d}"
    return digits + check_character(digits)


def an_offer_of(number: str, **changes: Any) -> Declaration:
    """A declaration that the pilot's rules have nothing to say about."""
    patent = {"application_number": number, "kind": "invention", "title": f"测量装置 {number}"}
    return a_declaration(**{"profile": "pilot-gd-2022", "patent": patent} | changes)


def costing(yuan: int) -> dict[str, Any]:
    return {"fee": {"payment": {"mode": "lump_sum", "amount_fen": yuan * 100, "due_days": 30}}}


@dataclass
class Listing:
    """A listing as its node remembers it."""

    id: UUID
    number: str
    versions: list[SignedStatement] = field(default_factory=list)

    @property
    def last(self) -> SignedStatement:
        return self.versions[-1]


@dataclass
class SendingNode(ANode):
    """An enrolled node with its counters. Signing and sending are separate steps."""

    oseqs: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    ids: SeededIds = field(default_factory=lambda: SeededIds(31))
    nonces: SeededIds = field(default_factory=lambda: SeededIds(32))
    batches: int = 0

    @override
    def client(self, use: KeyUse = "statement", *, clock: SetClock | None = None) -> SignedClient:
        """A client whose nonces are never those of an earlier one."""
        client = super().client(use, clock=clock)
        client.ids = self.nonces
        return client

    def offer(self, number: str, **changes: Any) -> Listing:
        """Version 1 of a new listing, signed."""
        listing = Listing(self.ids.new_id(), number)
        self.next_offer(listing, **changes)
        return listing

    def next_offer(self, listing: Listing, **changes: Any) -> SignedStatement:
        """The next version of the listing's terms."""
        return self.say(listing, "offer", an_offer_of(listing.number, **changes))

    def change(self, listing: Listing, op: str, reason: str = "holder_request") -> SignedStatement:
        """Withdraw, suspend or resume."""
        return self.say(listing, op, reason=Reason(code=reason))

    def say(
        self,
        listing: Listing,
        op: str,
        declaration: Declaration | None = None,
        *,
        reason: Reason | None = None,
        key: SigningKey | None = None,
        **members: Any,
    ) -> SignedStatement:
        """Sign the listing's next statement and remember it."""
        signed = self.sign(
            {
                "listing": listing.id,
                "version": len(listing.versions) + 1,
                "prev": listing.last.payload_hash if listing.versions else None,
                "op": op,
                "subject": Subject(application_number=listing.number),
                "body": declaration and declaration.model_dump(mode="json", by_alias=True),
                "reason": reason,
            }
            | members,
            key=key,
        )
        listing.versions.append(signed)
        return signed

    def sign(self, members: dict[str, Any], *, key: SigningKey | None = None) -> SignedStatement:
        """Sign a statement of these members, with the node's next sequence number if none."""
        own = {"origin": self.id, "salt": self.ids.new_token(), "issued_at": self.hub.clock.now()}
        if "oseq" not in members:
            own["oseq"] = next(self.oseqs)
        return sign_statement(Statement(**own | members), key or self.key())

    async def put(self, signed: SignedStatement, *, oseq: int | None = None) -> Written:
        place = oseq or signed.statement.oseq
        path = f"/federation/v1/origins/{self.id}/statements/{place}"
        return await self.client().put(path, Content(signed.raw))

    async def post(self, lines: Sequence[bytes], *, key: str | None = None) -> Written:
        self.batches += 1
        body = b"\n".join(lines) + b"\n"
        content = Content(body, NDJSON, idempotency_key=key or f"batch-{self.id}-{self.batches}")
        return await self.client().post("/federation/v1/intake", content)

    async def send(self, *signed: SignedStatement) -> list[dict[str, Any]]:
        """Deliver a batch; its result lines."""
        return results_of(await self.post([one.raw for one in signed]))

    async def recommend(self, number: str, **changes: Any) -> Listing:
        """A new listing, delivered."""
        listing = self.offer(number, **changes)
        (result,) = await self.send(listing.last)
        assert result["status"] == 201, result
        return listing

    async def inbox(self) -> list[dict[str, Any]]:
        answer = await self.client().get("/federation/v1/inbox")
        messages: list[dict[str, Any]] = json.loads(answer.body)["messages"]
        return messages


@dataclass  # noqa: PLR0904 - what tests do to a hub, in one place
class ReviewingHub(OpenHub):
    """The hub with everything that this package's tests use."""

    nodes: dict[str, SendingNode] = field(default_factory=dict)

    async def admit(self, node: str, *, level: int | None = None, **scope: Any) -> SendingNode:
        """A node that two registrars let in."""
        place = len(self.nodes)
        sending = SendingNode(
            self, node, ids=SeededIds(1_000 + place), nonces=SeededIds(2_000 + place)
        )
        await sending.join("reg.one", "reg.two")
        self.nodes[node] = sending
        found = {"regions": ["44"], "kinds": ["licence"]} | scope
        if level is not None:
            found["verification_level"] = level
        async with self.database.sessions.begin() as session:
            set_scope = text("UPDATE node SET scope = CAST(:scope AS jsonb) WHERE id = :node")
            given = NodeScope.model_validate(found).model_dump_json()
            await session.execute(set_scope, {"scope": given, "node": node})
        return sending

    async def sequence(self) -> None:
        """Everything queued gets its serial and is signed."""
        await self.context.sequencer.drain()

    async def reviews(self, **params: Any) -> list[dict[str, Any]]:
        async with self.client("audit") as client:
            answer = await client.get("/api/v1/reviews", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def review_of(self, listing: Listing, version: int | None = None) -> dict[str, Any]:
        """The review of the listing's last version, or of the given one."""
        wanted = version or len(listing.versions)
        found = await self.reviews(listing=str(listing.id))
        return next(one for one in found if one["version"] == wanted)

    async def state_of(self, listing: Listing, version: int | None = None) -> str:
        return str((await self.review_of(listing, version))["state"])

    async def claim(self, listing: Listing, *, by: str = "li.hua") -> httpx.Response:
        review = await self.review_of(listing)
        return await self.ask("POST", f"/api/v1/reviews/{review['review']}/claim", by=by)

    async def decide(
        self,
        listing: Listing,
        verdict: str,
        *reasons: str,
        by: str = "li.hua",
        version: int | None = None,
        **members: Any,
    ) -> httpx.Response:
        """Decide on the review as seen now."""
        review = await self.review_of(listing, version)
        body = {
            "verdict": verdict,
            "statement_hash": review["statement_hash"],
            "reasons": [{"code": code} for code in reasons],
        }
        is_second = review["state"] == "second_review" and review["first_approver"] != by
        act = "confirmation" if is_second else "decision"
        path = f"/api/v1/reviews/{review['review']}/{act}"
        return await self.ask("PUT", path, body | members, by=by)

    async def approve(self, *listings: Listing, by: str = "li.hua") -> list[str]:
        """Claim and approve each; the states they are in then."""
        found = []
        for listing in listings:
            claimed = await self.claim(listing, by=by)
            assert claimed.status_code == 200, claimed.text
            decided = await self.decide(listing, "approve", by=by)
            assert decided.status_code == 200, decided.text
            found.append(str(decided.json()["state"]))
        return found

    async def publish(self, *listings: Listing) -> None:
        """Approve each, by two examiners where two are needed, and put them into the log."""
        for listing in listings:
            if await self.approve(listing) == ["second_review"]:
                decided = await self.decide(listing, "approve", by="chen.jing")
                assert decided.json()["state"] == "approved", decided.text
        await self.sequence()

    async def resolve(
        self, listing: Listing, choice: str, *, by: str = "sun.lei", **members: Any
    ) -> httpx.Response:
        review = await self.review_of(listing)
        body = {"choice": choice, "statement_hash": review["statement_hash"]} | members
        return await self.ask(
            "POST", f"/api/v1/conflicts/{review['review']}/resolution", body, by=by
        )

    async def timeline(self, listing: Listing) -> dict[str, Any]:
        path = f"/api/v1/listings/{listing.id}/timeline"
        answer = await self.ask("GET", path, by="audit")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def published(self, listing: Listing) -> dict[str, Any]:
        """The listing as the public sees it."""
        found: dict[str, Any] = (
            await self.ask("GET", f"/api/v1/catalogue/listings/{listing.id}")
        ).json()
        return found

    async def log_kinds(self) -> list[tuple[str, str | None]]:
        """Kind and listing of each entry of the log, without nodes and the opening."""
        async with self.database.sessions() as session:
            found = await session.execute(
                text(
                    "SELECT kind, listing::text FROM log_entry"
                    " WHERE kind LIKE 'listing_%' OR kind = 'conflict_decided' ORDER BY serial"
                )
            )
            return [(kind, listing) for kind, listing in found]

    async def scalar(self, sql: str, **values: Any) -> Any:
        async with self.database.sessions() as session:
            return await session.scalar(text(sql), values)


def results_of(written: Written) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.body.splitlines()]


@asynccontextmanager
async def a_reviewing_hub(
    database: Database, folder: Path, **settings_: Any
) -> AsyncIterator[ReviewingHub]:
    """A hub on a committed database with its staff; no node is enrolled yet."""
    settings = HubSettings(data_dir=folder, public_base_url=BASE, **settings_)
    create_hub_key(folder)
    clock = SetClock()
    service = ServiceContext(
        settings=settings, database=database, clock=clock, ids=SeededIds(5), signals=Signals()
    )
    context = await start_hub(settings, service, log_key=read_log_key(settings))
    bulk = BodyLimit(16 * 1024 * 1024, 60)
    state = {
        "site": hub_site(settings, context.log_key.anchor),
        "hub_key": context.log_key.key,
        "anchor": context.log_key.anchor,
        "publish": publish,
        "issues": context.issues,
        "intake_ports": INTAKE_PORTS,
        "intake_turns": IntakeTurns(
            at_once=settings.intake_at_once, waiting=settings.intake_waiting
        ),
        "workspace": Workspace(HUB_POLICY, PLACES, ROLE_TITLES),
        "problem_page": led_to_sign_in(problem_or_frame),
    }
    routers = (*ROUTERS, *(one for one in OURS if one not in ROUTERS))
    description = ServiceDescription(
        "hub", "hub", HUB_POLICY, routers, (("/federation/v1/", bulk),), state
    )
    hub = ReviewingHub(context, clock, build_app(service, description))
    for name, roles in STAFF.items():
        await hub.hire(name, *roles)
    yield hub
