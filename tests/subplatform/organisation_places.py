"""Organisations with people in them, for tests of what each of them reaches."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.types import ASGIApp

from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_platform.sign_in.browser_sessions import Device, Opening, Stage, start_session
from shared_platform.sign_in.tokens import NewToken, issue_token
from shared_platform.workspace.cookie import cookie_name
from shared_schema.credit_code import parse_credit_code
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from subplatform.accounts.organisations import NewOrganisation, apply_for
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.accounts.tables import MemberRow


def a_credit_code(place: int) -> str:
    """The `place`-th code, with its check character."""
    try:
        return parse_credit_code(f"12440000{place:09d}0")
    except IdentifierRefused as refused:
        return refused.suggestions[0]


@dataclass(frozen=True)
class Somebody:
    """An account with a place in an organisation, as a program and as a browser."""

    app: ASGIApp
    base_url: str
    account: UUID
    name: str
    organisation: UUID
    token: str
    cookie: str

    def api(self) -> httpx.AsyncClient:
        """A program of theirs."""
        headers = {"authorization": f"Bearer {self.token}"}
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url=self.base_url, headers=headers)

    def browser(self) -> httpx.AsyncClient:
        """A browser of theirs; it follows nothing by itself."""
        headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=self.base_url,
            headers=headers,
            cookies={cookie_name(self.base_url): self.cookie},
        )


@dataclass
class Town:
    """Where they live: a node's application and its database."""

    app: ASGIApp
    sessions: async_sessionmaker[AsyncSession]
    base_url: str
    ids: IdSource
    now: Instant
    founded: int = 0

    async def found(self, name: str, *roles: str, kind: str = "university") -> Somebody:
        """The owner of a new organisation that may act."""
        self.founded += 1
        code = None if kind == "individual" else a_credit_code(self.founded)
        async with self.sessions.begin() as session:
            wanted = NewAccount(name, name.title(), roles or ("holder",), f"{name}@x.example")
            made = await create_account(
                session, wanted, policy=NODE_POLICY, ids=self.ids, now=self.now
            )
            applied = await apply_for(
                session,
                NewOrganisation(f"{name}大学", kind, roles or ("holder",), code, "440700"),
                made,
                at_once=True,
                ids=self.ids,
                now=self.now,
            )
            organisation = applied.organisation.id
        return await self.let_in(made.id, name, organisation)

    async def hire(self, name: str, role: str, organisation: UUID) -> Somebody:
        """Another member of an organisation of holders."""
        async with self.sessions.begin() as session:
            wanted = NewAccount(name, name.title(), ("holder",))
            made = await create_account(
                session, wanted, policy=NODE_POLICY, ids=self.ids, now=self.now
            )
            session.add(
                MemberRow(
                    account_id=made.id, organisation_id=organisation, role=role, since=self.now
                )
            )
        return await self.let_in(made.id, name, organisation)

    async def let_in(self, account: UUID, name: str, organisation: UUID) -> Somebody:
        """A token and a session of the account."""
        opening = Opening(Stage.WHOLE, Device("Firefox", ""), timedelta(hours=8))
        async with self.sessions.begin() as session:
            token = await issue_token(session, name, NewToken("test"), ids=self.ids, now=self.now)
            cookie = await start_session(session, account, opening, ids=self.ids, now=self.now)
        return Somebody(self.app, self.base_url, account, name, organisation, token, cookie)
