"""Requests of the public counted by address or key; too many wait until the window has moved.

Every answer that was counted says how much is left: `RateLimit` and `RateLimit-Policy` as
structured fields (draft-ietf-httpapi-ratelimit-headers-10). Each process counts for itself, in
memory: of several processes each grants the whole budget.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol
from uuid import UUID

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_platform.transport.client_address import ClientAddresses
from shared_platform.transport.read_budgets import Budget, budget_for
from shared_platform.transport.sliding_window import SlidingWindow, Taken
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

WINDOW_SECONDS: Final = 60
WRONG_KEYS: Final = 30  # of one address in a window, before keys from there are looked at again
KEY_PREFIX: Final = "kaixu_portal_"
ACCOUNT_PREFIX: Final = "kaixu_"
Fields = tuple[tuple[bytes, bytes], ...]


class TooManyReads(DomainError):
    """The address, or the key, has used up its budget for now."""

    problem = ProblemType.RATE_LIMITED


class PortalKeyInvalid(DomainError):
    """The key is unknown, revoked or expired; the answer never says which."""

    problem = ProblemType.PORTAL_KEY_INVALID


@dataclass(frozen=True, slots=True)
class PortalKey:
    """Somebody who reads much and is known: budgets are `times` those of an address."""

    id: UUID
    times: int


class PortalKeys(Protocol):
    """Who knows the keys of this service."""

    def remembered(self, token: str) -> PortalKey | None:
        """The key, where it was found valid a moment ago; nothing is asked."""
        ...

    async def find(self, token: str) -> PortalKey:
        """The key of this token.

        Raises:
            PortalKeyInvalid: there is none that is valid now.
        """
        ...

    def note(self, key: PortalKey, budget: Budget, *, is_granted: bool) -> None:
        """Count one use."""
        ...


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of each budget an address has in its window; 0 or nothing: it is not limited."""

    quotas: Mapping[Budget, int]
    addresses: ClientAddresses


Refuse = Callable[[Scope, DomainError], Response]
"""How the service renders a refusal, as a page or as a problem document."""


class LimitReads:
    """The ASGI application around the one that answers."""

    def __init__(
        self,
        app: ASGIApp,
        limits: ReadLimits,
        *,
        keys: PortalKeys,
        refuse: Refuse,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self._quotas = dict(limits.quotas)
        self._addresses = limits.addresses
        self._keys = keys
        self._refuse = refuse
        self._monotonic = monotonic
        self._windows = {each: SlidingWindow(each.window_seconds) for each in Budget}
        self._wrong = SlidingWindow(WINDOW_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a public read, and hand it on or refuse it; hand everything else on as it is."""
        budget = _budget(scope)
        if budget is None or not self._quotas.get(budget):
            await self.app(scope, receive, send)
            return
        try:
            who = await self._caller(scope)
        except DomainError as refusal:
            await self._refuse(scope, refusal)(scope, receive, send)
            return
        quota = self._quotas[budget] * who.times
        taken = self._windows[budget].take(who.name, quota, now=self._monotonic())
        if who.key is not None:
            self._keys.note(who.key, budget, is_granted=taken.is_granted)
        marked = _marked(send, _fields(budget, quota, taken))
        if taken.is_granted:
            await self.app(scope, receive, marked)
        else:
            spent = _too_many(budget, quota, taken)
            await self._refuse(scope, spent)(scope, receive, marked)

    async def _caller(self, scope: Scope) -> "_Caller":
        """Whom to count: the key, where one is sent, or the address.

        A wrong key counts against its sender's address, so that keys cannot be tried for nothing.

        Raises:
            PortalKeyInvalid: there is no such key, or not any more.
            TooManyReads: so many wrong keys came from there that no more are looked at for now.
        """
        token = _portal_token(scope)
        if token is None:
            return _Caller(self._addresses.of(scope))
        key = self._keys.remembered(token)
        if key is None:
            key = await self._unremembered(scope, token)
        return _Caller(str(key.id), key.times, key)

    async def _unremembered(self, scope: Scope, token: str) -> PortalKey:
        tried, quota = f"tried {self._addresses.of(scope)}", WRONG_KEYS
        now = self._monotonic()
        if self._wrong.is_spent(tried, quota, now=now):
            raise TooManyReads(
                "错误密钥过多，请稍后再试 / too many wrong keys; wait a moment",
                retry_after_s=WINDOW_SECONDS,
            )
        try:
            return await self._keys.find(token)
        except PortalKeyInvalid:
            self._wrong.take(tried, quota, now=now)
            raise


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who is counted, under which name, with how many times the budget of an address."""

    name: str
    times: int = 1
    key: PortalKey | None = None


def _budget(scope: Scope) -> Budget | None:
    return budget_for(scope["method"], scope["path"]) if scope["type"] == "http" else None


def _portal_token(scope: Scope) -> str | None:
    """The key of a request; None for none, and for the token of an account, which grants no reads.

    What has neither form is taken for a key, so that a mistyped one is told so.
    """
    for name, value in scope["headers"]:
        if name == b"authorization":
            text = value.decode("latin-1")
            scheme, _, token = text.partition(" ")
            is_account = token.startswith(ACCOUNT_PREFIX) and not token.startswith(KEY_PREFIX)
            return token.strip() if scheme.lower() == "bearer" and not is_account else None
    return None


def _fields(budget: Budget, quota: int, taken: Taken) -> Fields:
    left = b'"%b";r=%d;t=%d' % (budget.encode(), taken.remaining, taken.reset_seconds)
    return (_policy(budget, quota), (b"ratelimit", left))


@cache
def _policy(budget: Budget, quota: int) -> tuple[bytes, bytes]:
    return (
        b"ratelimit-policy",
        b'"%b";q=%d;w=%d' % (budget.encode(), quota, budget.window_seconds),
    )


def _marked(send: Send, fields: Fields) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *fields]}
        await send(message)

    return marked


def _too_many(budget: Budget, quota: int, taken: Taken) -> TooManyReads:
    window, wait = budget.window_seconds, taken.reset_seconds
    if budget is Budget.ENROLMENT:
        zh, en = "或请主平台登记员处理已有申请", "or ask the hub's registrar about those that wait"
    else:
        zh = "或改用批量文件与 changes，或向运营方申请门户密钥"
        en = "take the bulk file and `changes`, or ask the operator for a portal key"
    return TooManyReads(
        f"每 {window} 秒最多 {quota} 次（{budget}）；{wait} 秒后再试，{zh}"
        f" / at most {quota} in {window} s ({budget}); wait {wait} s, {en}",
        retry_after_s=wait,
    )
