"""A node's pages over a test database: people with sessions, and browsers without a browser."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
from lxml import html

from shared_platform.database.engine import Database
from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_platform.sign_in.browser_sessions import Device, Opening, Stage, start_session
from shared_platform.workspace.cookie import cookie_name
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.declarations.drafts import NewDraft, create_draft
from subplatform.declarations.procedure import submit_draft
from tests.shared_platform.page_places import Page
from tests.subplatform.node_builders import BY, NOW, a_declaration, a_number
from tests.subplatform.open_nodes import OpenNode, an_open_node


@dataclass
class NodeBrowser:
    """Somebody's browser: it keeps the session and says where its requests come from."""

    client: httpx.AsyncClient

    async def get(self, path: str) -> Page:
        return Page(await self.client.get(path))

    async def post(self, path: str, fields: Mapping[str, object] | None = None) -> Page:
        return Page(await self.client.post(path, data=cast(Any, dict(fields or {}))))

    async def fill(self, path: str, fields: Mapping[str, object], *, action: str = "") -> Page:
        """Open the page, take its form's key along, and send the fields to `action` or there."""
        page = await self.get(path)
        key = cast(html.HtmlElement, page.all("//input[@name='once']")[0]).get("value")
        return await self.post(action or path, {"once": key, **fields})


@dataclass
class NodeDesk:
    """A node with people."""

    node: OpenNode

    @property
    def sessions(self) -> Any:
        return self.node.context.service.database.sessions

    @property
    def url(self) -> str:
        """Where the node's pages are."""
        return self.node.context.settings.base_url

    async def a_session(self, name: str, *roles: str) -> str:
        """The value of the session's cookie of a new account."""
        ids = self.node.context.service.ids
        async with self.sessions.begin() as session:
            wanted = NewAccount(name, name.title(), roles)
            made = await create_account(session, wanted, policy=NODE_POLICY, ids=ids, now=NOW)
            opening = Opening(Stage.WHOLE, Device("Firefox", ""), timedelta(hours=8))
            return await start_session(session, made.id, opening, ids=ids, now=NOW)

    async def a_visitor(self, name: str, *roles: str) -> NodeBrowser:
        """A browser with a session of a new account."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.node.app),
            base_url=self.url,
            headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
            cookies={cookie_name(self.url): await self.a_session(name, *roles)},
        )
        return NodeBrowser(client)

    async def handed_in(self, place: int = 1, **changes: object) -> UUID:
        """A declaration that its holder handed in; no rule objects, the register is not known."""
        async with self.sessions.begin() as session:
            draft = NewDraft(a_declaration(a_number(place), **changes))
            ids = self.node.context.service.ids
            row = await create_draft(session, draft, by=BY, now=NOW, ids=ids)
            await session.flush()
            await submit_draft(session, row.listing, by=BY, now=NOW)
            return row.listing


@asynccontextmanager
async def a_node_desk(database: Database, folder: Path, **changes: Any) -> AsyncIterator[NodeDesk]:
    """The node's whole application on `database`; `changes` are settings."""
    async with an_open_node(database, folder, **changes) as node:
        yield NodeDesk(node)
