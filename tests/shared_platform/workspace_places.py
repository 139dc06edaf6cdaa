"""A service where people sign in, for tests: two roles, a page of its own, browsers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import APIRouter, Depends, FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.tables import audit_record
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.problem_pages import problem_page
from shared_platform.public_pages.site import Site
from shared_platform.routers import ACCOUNT_PAGES
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_platform.sign_in.browser_sessions import Device, Opening, Stage, start_session
from shared_platform.sign_in.password_hashing import PasswordHashing
from shared_platform.sign_in.passwords import read_credentials, set_password
from shared_platform.sign_in.throttle import AddressLimit
from shared_platform.transport.client_address import ClientAddresses
from shared_platform.transport.cross_site import refuse_cross_site
from shared_platform.transport.problems import install_problems
from shared_platform.workspace.cookie import cookie_name
from shared_platform.workspace.forms import Filled, form_of, fresh
from shared_platform.workspace.navigation import Place, Workspace
from shared_platform.workspace.problem_pages import led_to_sign_in
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource, RandomIds
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from tests.shared_platform.page_places import Page, PageSettings

BASE = "https://pages.example"
START = datetime(2026, 11, 22, 4, tzinfo=UTC)
SIGNED_IN_AS = "li.na"
PASSWORD = "seven copper kettles"


class May(StrEnum):
    WRITE = "write"
    COUNT = "count"


POLICY = AccessPolicy({"writer": frozenset({May.WRITE}), "counter": frozenset({May.COUNT})})
PLACES = (
    Place("/notes", Words("便条", "Notes"), Words("写便条。", "Write notes."), May.WRITE),
    Place("/counts", Words("计数", "Counts"), Words("看计数。", "See counts."), May.COUNT),
)


class NoteRefused(DomainError):
    problem = ProblemType.STATE_CONFLICT


class NoteForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=3, max_length=20)]
    pages: Annotated[int, Field(ge=1)] = 1
    tags: tuple[str, ...] = ()


Writer = Annotated[Visit, Depends(page_caller_with(May.WRITE), scope="function")]
SentNote = Annotated[Filled[NoteForm], Depends(form_of(NoteForm))]


def notes_router(written: list[str]) -> APIRouter:
    """A page with a form, as a feature would write it."""
    router = APIRouter()

    @router.get("/notes")
    async def notes_page(visit: Writer, ids: Ids) -> Response:
        form = fresh(visit.reader, key=ids.new_token())
        return show_page(visit, "tests.shared_platform:note.html", {"form": form})

    @router.post("/notes")
    async def write_note(visit: Writer, sent: SentNote, session: Transaction, now: Now) -> Response:
        async def write() -> Done:
            assert sent.model is not None
            if sent.model.text == "refuse":
                raise NoteRefused("已满 / it is full")
            written.append(sent.model.text)
            return Done(
                "/notes", Words(f"写了第 {len(written)} 条", f"Note {len(written)} written")
            )

        try:
            if sent.model is not None:
                return await submit_once(visit, sent, write, session=session, now=now)
        except NoteRefused as refusal:
            sent = sent.refused(refusal)
        facts = {"form": sent.view(visit.reader)}
        return show_page(visit, "tests.shared_platform:note.html", facts, status=422)

    return router


@dataclass
class SetClock:
    instant: Instant = START

    def now(self) -> Instant:
        return self.instant

    def forward(self, **much: float) -> None:
        self.instant += timedelta(**much)


@dataclass
class Desk:
    """The service and what it did."""

    app: FastAPI
    sessions: async_sessionmaker[AsyncSession]
    clock: SetClock
    ids: IdSource
    base_url: str = BASE
    written: list[str] = field(default_factory=list)

    def browser(self, **headers: str) -> "Browser":
        return Browser(self, headers)

    async def hire(
        self,
        name: str = SIGNED_IN_AS,
        *roles: str,
        password: str | None = None,
        password_hash: str | None = None,
    ) -> UUID:
        if password is not None:
            password_hash = await self.app.state.passwords.hash(password)
        async with self.sessions.begin() as session:
            wanted = NewAccount(name, name.title(), roles or ("writer",))
            made = await create_account(
                session, wanted, policy=POLICY, ids=self.ids, now=self.clock.now()
            )
            if password_hash is not None:
                now = self.clock.now()
                await set_password(session, made.id, password_hash=password_hash, now=now)
        return made.id

    async def a_visitor(self, name: str = SIGNED_IN_AS, *roles: str) -> "Browser":
        """A browser with a session, made without the time that a password takes."""
        return await self.again(await self.hire(name, *roles))

    async def again(self, account: UUID, stage: Stage = Stage.WHOLE) -> "Browser":
        """Another browser of the same person."""
        browser = self.browser()
        browser.plant(await self.a_session(account, stage))
        return browser

    async def a_session(self, account: UUID, stage: Stage = Stage.WHOLE) -> str:
        """The value of a new session's cookie."""
        opening = Opening(stage, Device("Firefox", "192.0.2.7"), timedelta(hours=10))
        async with self.sessions.begin() as session:
            return await start_session(
                session, account, opening, ids=self.ids, now=self.clock.now()
            )

    async def account_of(self, name: str = SIGNED_IN_AS) -> UUID:
        async with self.sessions() as session:
            found = await read_credentials(session, name)
        assert found is not None
        return found.account_id

    def require_second_factor(self) -> None:
        state = self.app.state
        state.settings = state.settings.model_copy(update={"second_factor": "required"})

    async def acts(self) -> list[str]:
        async with self.sessions() as session:
            found = await session.execute(audit_record.select().order_by(audit_record.c.id))
            return [row.act for row in found]


class Browser:
    """What a browser does: keeps cookies, says where a request comes from, follows nothing."""

    def __init__(self, desk: Desk, headers: dict[str, str]) -> None:
        kept = {"accept": "text/html,application/xhtml+xml", "sec-fetch-site": "same-origin"}
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(desk.app, raise_app_exceptions=False),
            base_url=BASE,
            headers=kept | headers,
        )

    @property
    def cookie(self) -> str | None:
        return self.client.cookies.get(cookie_name(BASE))

    def plant(self, secret: str) -> None:
        self.client.cookies.set(cookie_name(BASE), secret, domain="pages.example", path="/")

    async def get(self, path: str, **headers: str) -> Page:
        return Page(await self.client.get(path, headers=headers))

    async def post(
        self, path: str, fields: dict[str, object] | None = None, **headers: str
    ) -> Page:
        data: dict[str, Any] = dict(fields or {})
        return Page(await self.client.post(path, data=data, headers=headers))

    async def sign_in(
        self, name: str = SIGNED_IN_AS, password: str = PASSWORD, *, query: str = ""
    ) -> Page:
        return await self.post(f"/sign-in{query}", {"name": name, "password": password})


def a_desk(sessions: async_sessionmaker[AsyncSession], *, base_url: str = BASE) -> Desk:
    app = FastAPI(dependencies=[Depends(refuse_cross_site)])
    desk = Desk(app, sessions, SetClock(), RandomIds(), base_url)
    state = app.state
    state.sessions, state.clock, state.ids = sessions, desk.clock, desk.ids
    state.settings = PageSettings(public_base_url=base_url)
    state.passwords = PasswordHashing()
    state.sign_in_limit = AddressLimit(per_minute=1_000)
    state.client_addresses = ClientAddresses()
    state.provider = None
    state.access_policy = POLICY
    state.workspace = Workspace(POLICY, PLACES, {"writer": Words("撰稿人", "Writer")})
    state.site = Site("hub", lambda: None, tuple)
    state.problem_page = led_to_sign_in(problem_page)
    for router in (*ACCOUNT_PAGES, notes_router(desk.written)):
        app.include_router(router)
    install_problems(app, clock=desk.clock)
    return desk
