"""Name the caller of a route: bearer token → account → permission, in the request's transaction.

A service makes one alias for each kind of caller it knows and uses it in the route's signature::

    Examiner = Annotated[Caller, Depends(caller_with(Permission.DECIDE))]
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import AccessPolicy, Caller, NotSignedIn, Reach
from shared_platform.sign_in.tokens import authenticate

_bearer: Final = HTTPBearer(auto_error=False, description="A token issued by an administrator.")
BearerToken = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def signed_in(session: Transaction, now: Now, token: BearerToken) -> Caller:
    """The caller, whatever their roles.

    Raises:
        NotSignedIn: no token was sent, or it is not valid now.
    """
    if token is None:
        raise NotSignedIn(detail="请带上令牌：Authorization: Bearer … / send a bearer token")
    return await authenticate(session, token.credentials, now=now)


SignedIn = Annotated[Caller, Depends(signed_in, scope="function")]


def caller_with(permission: StrEnum) -> Callable[[Request, Caller], Awaitable[Caller]]:
    """A dependency that names the caller and lets only holders of `permission` pass.

    The roles come from `app.state.access_policy`.
    """

    async def permitted(request: Request, caller: SignedIn) -> Caller:
        policy: AccessPolicy = request.app.state.access_policy
        policy.require(caller, permission)
        return caller

    permitted.__name__ = f"caller_with_{permission.value}"
    return permitted


def caller_within(permission: StrEnum) -> Callable[[Request, Caller], Awaitable[Reach]]:
    """Like `caller_with`, and for roles bound to a region as well: the route keeps to the region.

    The roles come from `app.state.access_policy`.
    """

    async def permitted(request: Request, caller: SignedIn) -> Reach:
        policy: AccessPolicy = request.app.state.access_policy
        return policy.reach(caller, permission)

    permitted.__name__ = f"caller_within_{permission.value}"
    return permitted
