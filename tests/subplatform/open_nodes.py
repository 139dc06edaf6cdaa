"""A whole node in this process, over a test database: its application, and somebody signed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from shared_platform.database.engine import Database
from shared_platform.database.signals import listening
from shared_platform.service import ServiceContext
from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_platform.sign_in.tokens import NewToken, issue_token
from shared_platform.transport.address_rules import AddressRules
from shared_platform.transport.outbound import Outbound
from shared_schema.identities import SeededIds
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.application import build_node_app
from subplatform.context import CHANNELS, NodeContext, keys_folder, register_of
from subplatform.hub_client.node_keys import KeyRing, make_keys
from subplatform.settings import NodeSettings
from tests.subplatform.node_builders import NOW, StoppedClock

BASE = "https://node.test"


@dataclass
class OpenNode:
    """A node that is open, not yet enrolled, with an account that may do everything."""

    context: NodeContext
    app: ASGIApp
    token: str

    def client(self, *, signed_in: bool = False) -> httpx.AsyncClient:
        """An HTTP client, of nobody or of that account."""
        headers = {"authorization": f"Bearer {self.token}"} if signed_in else {}
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)


@asynccontextmanager
async def an_open_node(database: Database, folder: Path, **changes: Any) -> AsyncIterator[OpenNode]:
    """The node on `database`; keys and files are kept in `folder`; reads are not counted.

    `changes` are settings.
    """
    given: dict[str, Any] = {
        "public_base_url": BASE,
        "read_limit": 0,
        "search_limit": 0,
        "export_limit": 0,
    }
    settings = NodeSettings(**({"data_dir": folder} | given | changes))
    make_keys(keys_folder(settings))
    clock, ids = StoppedClock(), SeededIds(5)
    async with listening(database.url, CHANNELS) as signals:
        service = ServiceContext(
            settings=settings, database=database, clock=clock, ids=ids, signals=signals
        )
        ring, outbound = KeyRing(keys_folder(settings)), Outbound(AddressRules.of(()))
        context = NodeContext(settings, service, ring, outbound, register_of(settings), hub=None)
        async with database.sessions.begin() as session:
            roles = tuple(NODE_POLICY.grants)
            account = NewAccount("everybody", "everybody", roles)
            await create_account(session, account, policy=NODE_POLICY, ids=ids, now=NOW)
            token = await issue_token(session, "everybody", NewToken("test"), ids=ids, now=NOW)
        yield OpenNode(context, build_node_app(context), token)
        await outbound.aclose()
