"""The whole hub in one process: its application over a test database, its staff, its nodes."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from main_platform.application import build_hub_app
from main_platform.catalogue.hub_key import create_hub_key
from main_platform.context import CHANNELS, HubContext, read_log_key, start_hub
from main_platform.settings import HubSettings
from main_platform.staff.permissions import HUB_POLICY
from shared_platform.database.engine import Database
from shared_platform.database.signals import listening
from shared_platform.service import ServiceContext
from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_platform.sign_in.tokens import NewToken, issue_token
from shared_platform.transport.outbound import Outbound
from shared_platform.transport.signed_client import Content, SignedClient, Written
from shared_schema.enrolment import EnrolmentRequest
from shared_schema.entry_parts import KeyUse, Names, NodeKey, NodeScope
from shared_schema.identities import IdSource, SeededIds
from shared_schema.instants import Instant
from shared_schema.signing_key import PublicKey, SigningKey

BASE = "https://hub.test"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ROLES = tuple(HUB_POLICY.grants)


@dataclass
class SetClock:
    """A clock that tests set."""

    instant: Instant = NOW

    def now(self) -> Instant:
        return self.instant


@dataclass
class OpenHub:
    """A hub that is open in this process."""

    context: HubContext
    clock: SetClock
    app: ASGIApp
    ids: IdSource = field(default_factory=lambda: SeededIds(11))
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.context.service.database

    async def hire(self, name: str, *roles: str) -> str:
        """A member of staff with a token; the token."""
        async with self.database.sessions.begin() as session:
            region = "440100" if HUB_POLICY.regional.intersection(roles) else None
            wanted = NewAccount(name, name, roles, region=region)
            now = self.clock.now()
            await create_account(session, wanted, policy=HUB_POLICY, ids=self.ids, now=now)
            token = await issue_token(session, name, NewToken("test"), ids=self.ids, now=now)
        self.tokens[name] = token
        return token

    def client(self, name: str | None = None) -> httpx.AsyncClient:
        """An HTTP client, of a member of staff if named."""
        headers = {"authorization": f"Bearer {self.tokens[name]}"} if name else {}
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One request by a member of staff, or by nobody."""
        async with self.client(by) as client:
            return await client.request(method, path, json=body, headers=headers)

    def receipt_key(self, key_id: str) -> PublicKey | None:
        own = self.context.log_key.key
        return own.public if key_id == own.key_id else None


@dataclass
class ANode:
    """A node's side: its keys, and its client to the hub."""

    hub: OpenHub
    id: str = "gz-centre"
    seed: str = "n"

    def key(self, use: KeyUse = "statement") -> SigningKey:
        return SigningKey.from_seed(f"{self.seed}{self.id}{use}".ljust(32, ".").encode()[:32])

    def wish(self, **changes: Any) -> EnrolmentRequest:
        uses: tuple[KeyUse, ...] = ("statement", "cosigner", "recovery")
        not_after = NOW.replace(microsecond=0) + timedelta(days=365)
        members: dict[str, Any] = {
            "node": self.id,
            "names": Names(zh="广州中心", en="Guangzhou centre"),
            "keys": tuple(
                NodeKey.of(self.key(use).public, use=use, not_after=not_after) for use in uses
            ),
            "scope": NodeScope(regions=("44",), kinds=("licence",)),
        }
        return EnrolmentRequest(**members | changes)

    def client(self, use: KeyUse = "statement", *, clock: SetClock | None = None) -> SignedClient:
        return SignedClient(
            BASE,
            self.key(use),
            self.hub.receipt_key,
            Outbound(transport=httpx.ASGITransport(self.hub.app)),
            clock or self.hub.clock,
            self.hub.ids,
        )

    async def enrol(self, **changes: Any) -> dict[str, Any]:
        """Ask to join; the hub's answer."""
        body = self.wish(**changes).model_dump_json().encode()
        return answer_of(await self.client().post("/federation/v1/enrolments", Content(body)))

    async def join(self, *registrars: str) -> None:
        """Ask to join and be confirmed by these members of staff."""
        asked = await self.enrol()
        for name in registrars:
            confirmed = await self.hub.ask(
                "POST",
                f"/api/v1/enrolments/{asked['enrolment']}/confirmations",
                {"fingerprint": self.wish().fingerprint()},
                by=name,
            )
            assert confirmed.status_code == 200, confirmed.text


def answer_of(written: Written) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written.body)
    return found


@asynccontextmanager
async def an_open_hub(
    database: Database, folder: Path, *, base: str = BASE, **changes: int
) -> AsyncIterator[OpenHub]:
    """The hub on `database`, listening for its signals; keys are kept in `folder`."""
    kept = {"data_dir": folder, "public_base_url": base, "enrolment_limit": 0}
    given: dict[str, Any] = kept | changes
    settings = HubSettings(**given)
    create_hub_key(folder)
    clock = SetClock()
    async with listening(database.url, CHANNELS) as signals:
        service = ServiceContext(
            settings=settings, database=database, clock=clock, ids=SeededIds(5), signals=signals
        )
        context = await start_hub(settings, service, log_key=read_log_key(settings))
        yield OpenHub(context, clock, build_hub_app(context))


async def entry_kinds(hub: OpenHub) -> list[str]:
    """The kinds of the log's entries, after everything queued was sequenced."""
    await hub.context.sequencer.drain()
    page = (await hub.ask("GET", "/federation/v1/log/entries")).json()
    leaves = [base64.b64decode(one["entry"]) for one in page["entries"]]
    return [json.loads(leaf)["kind"] for leaf in leaves]


async def until(holds: Callable[[], bool], *, seconds: float = 5) -> None:
    """Let the loop run until something in this process holds."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0)
