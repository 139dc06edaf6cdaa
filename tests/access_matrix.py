"""Every route × every role: what a service answers, compared with what its policy grants."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.types import ASGIApp

from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_platform.sign_in.browser_sessions import Device, Opening, Stage, start_session
from shared_platform.sign_in.tokens import NewToken, issue_token
from shared_platform.workspace.cookie import cookie_name
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from tests.main_platform.hub_interface import Operation

NOBODY = "nobody"
WRITES = ("POST", "PUT", "PATCH")
FORBIDDEN = 403
Ask = Callable[[Operation, str], Awaitable[httpx.Response]]


@dataclass
class People:
    """One account of each role, each with a token and a browser's session."""

    app: ASGIApp
    base_url: str
    tokens: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, operation: Operation, role: str, *, site: str = "same-origin"
    ) -> httpx.Response:
        """The operation by somebody with this role, or by nobody: as a browser or as a program."""
        headers = {"sec-fetch-site": site}
        cookies = {}
        if operation.is_page:
            headers["accept"] = "text/html"
            if role in self.cookies:
                cookies[cookie_name(self.base_url)] = self.cookies[role]
        elif role in self.tokens:
            headers["authorization"] = f"Bearer {self.tokens[role]}"
        is_json = operation.method in WRITES and not operation.is_page
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=self.base_url, cookies=cookies
        ) as client:
            return await client.request(
                operation.method, operation.url(), json={} if is_json else None, headers=headers
            )


async def hire_each(
    sessions: async_sessionmaker[AsyncSession],
    policy: AccessPolicy,
    people: People,
    *,
    ids: IdSource,
    now: Instant,
) -> None:
    """Give every role of the policy to one account; regional ones work for Guangzhou."""
    for role in policy.grants:
        async with sessions.begin() as session:
            region = "440100" if role in policy.regional else None
            wanted = NewAccount(f"{role}-1", role, (role,), region=region)
            made = await create_account(session, wanted, policy=policy, ids=ids, now=now)
            token = await issue_token(session, made.name, NewToken("test"), ids=ids, now=now)
            opening = Opening(Stage.WHOLE, Device("Firefox", ""), timedelta(hours=1))
            cookie = await start_session(session, made.id, opening, ids=ids, now=now)
        people.tokens[role], people.cookies[role] = token, cookie


def allowed_roles(policy: AccessPolicy, operation: Operation) -> set[str]:
    """Whom the operation must let pass; a regional role only where the route keeps to regions."""
    if operation.caller == "signed_in":
        return set(policy.grants)
    return {
        role
        for role, granted in policy.grants.items()
        if operation.caller in granted and (operation.is_regional or role not in policy.regional)
    }


async def wrong_cells(
    operations: Iterable[Operation], policy: AccessPolicy, ask: Ask
) -> Mapping[str, str]:
    """The cells of the matrix that are not as declared, each with what was answered."""
    found = {}
    for operation in operations:
        allowed = allowed_roles(policy, operation)
        for role in (NOBODY, *policy.grants):
            answer = await ask(operation, role)
            was = _verdict(operation, answer)
            wanted = "stranger" if role == NOBODY else "passed" if role in allowed else "denied"
            if was != wanted:
                cell = f"{role} {operation.method} {operation.path}"
                found[cell] = f"{was} ({answer.status_code}), not {wanted}"
    return found


async def moved_from_elsewhere(
    operations: Iterable[Operation], policy: AccessPolicy, people: People
) -> Mapping[str, int]:
    """The pages that act although another site made the browser of a permitted person ask."""
    found = {}
    for operation in operations:
        allowed = sorted(allowed_roles(policy, operation))
        if operation.is_page and operation.method != "GET" and allowed:
            answer = await people.ask(operation, allowed[0], site="cross-site")
            if answer.status_code != FORBIDDEN:
                found[f"{operation.method} {operation.path}"] = answer.status_code
    return found


def _verdict(operation: Operation, answer: httpx.Response) -> str:
    if operation.is_page and answer.status_code == 303:
        is_led = answer.headers["location"].startswith("/sign-in")
        return "stranger" if is_led else "passed"
    if answer.status_code == 401:
        return "stranger"
    if answer.status_code == 403:
        return "denied"
    return "passed" if answer.status_code < 500 else "failed"
