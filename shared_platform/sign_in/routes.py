"""The accounts API of a service. The service says which acts its audit trail records."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.access_policy import (
    AccessPolicy,
    Caller,
    NotSignedIn,
    PermissionDenied,
    RegionMissing,
    RolesApart,
    UnknownRole,
)
from shared_platform.sign_in.accounts import (
    AccountExists,
    AccountNotFound,
    Changed,
    EmailRefused,
    find_account,
    list_accounts,
)
from shared_platform.sign_in.administer import (
    AccountActs,
    Office,
    add_person,
    change_person,
    invite_person,
)
from shared_platform.sign_in.caller import SignedIn, caller_with
from shared_platform.sign_in.letters import LinkTerms
from shared_platform.sign_in.schemas import (
    AccountChange,
    AccountIn,
    AccountName,
    AccountOut,
    CallerOut,
    RevokedOut,
    TokenIn,
    TokenOut,
)
from shared_platform.sign_in.tokens import (
    NewToken,
    ScopeRefused,
    check_scopes,
    issue_token,
    revoke_tokens,
)
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute

_REFUSALS = (NotSignedIn, PermissionDenied)


def account_router(
    prefix: str, *, policy: AccessPolicy, manage: StrEnum, acts: AccountActs
) -> APIRouter:
    """Routes under `prefix`; all but `self` need the permission `manage`."""
    router = APIRouter(prefix=prefix, tags=["accounts"], route_class=StrictJsonRoute)
    _add_reading(router, manage)
    _add_accounts(router, policy, manage=manage, acts=acts)
    _add_tokens(router, policy, manage=manage, acts=acts)
    return router


def _add_reading(router: APIRouter, manage: StrEnum) -> None:
    Manager = Annotated[Caller, Depends(caller_with(manage), scope="function")]  # noqa: N806

    @router.get("/self", responses=problems(NotSignedIn))
    async def read_self(caller: SignedIn) -> CallerOut:
        """Tell whose token was sent."""
        return CallerOut.of(caller)

    @router.get("", responses=problems(*_REFUSALS))
    async def read_accounts(session: Transaction, manager: Manager) -> list[AccountOut]:  # noqa: ARG001  named, so that the route has a caller
        """List all accounts."""
        return [AccountOut.of(one) for one in await list_accounts(session)]


def _add_accounts(
    router: APIRouter, policy: AccessPolicy, *, manage: StrEnum, acts: AccountActs
) -> None:
    Manager = Annotated[Caller, Depends(caller_with(manage), scope="function")]  # noqa: N806

    @router.post(
        "",
        status_code=201,
        responses=problems(
            *_REFUSALS, AccountExists, EmailRefused, UnknownRole, RolesApart, RegionMissing
        ),
    )
    async def add_account(
        body: AccountIn,
        request: Request,
        session: Transaction,
        manager: Manager,
        now: Now,
        ids: Ids,
    ) -> AccountOut:
        """Add an account; its address, if there is one, is sent an invitation."""
        office, by = Office(policy, acts), manager.name
        added = await add_person(session, body.wanted(), office, by=by, ids=ids, now=now)
        if added.email:
            terms = LinkTerms.of(request.app.state.settings)
            await invite_person(session, added.name, terms, by=by, ids=ids, now=now)
        return AccountOut.of(added)

    @router.patch(
        "/{name}",
        responses=problems(*_REFUSALS, AccountNotFound, UnknownRole, RolesApart, RegionMissing),
    )
    async def edit_account(
        name: AccountName, body: AccountChange, session: Transaction, manager: Manager, now: Now
    ) -> AccountOut:
        """Set roles, or switch the account off or on."""
        wanted = Changed(body.roles, body.is_active, body.region)
        office = Office(policy, acts)
        return AccountOut.of(
            await change_person(session, name, wanted, office=office, by=manager.name, now=now)
        )


def _add_tokens(
    router: APIRouter, policy: AccessPolicy, *, manage: StrEnum, acts: AccountActs
) -> None:
    Manager = Annotated[Caller, Depends(caller_with(manage), scope="function")]  # noqa: N806

    @router.post(
        "/{name}/tokens",
        status_code=201,
        responses=problems(*_REFUSALS, AccountNotFound, ScopeRefused),
    )
    async def add_token(
        name: AccountName,
        body: TokenIn,
        session: Transaction,
        manager: Manager,
        now: Now,
        ids: Ids,
    ) -> TokenOut:
        """Issue a token; it is shown only in this answer."""
        found = await find_account(session, name)
        owner = Caller(found.id, found.name, found.roles)
        scopes = None if body.scopes is None else check_scopes(body.scopes, owner, policy)
        wanted = NewToken(body.label, scopes, body.days)
        token = await issue_token(session, name, wanted, ids=ids, now=now)
        act = Record(acts.token_issued, Subject("account", name), manager.name)
        await record(session, act, now=now)
        return TokenOut(token=token, days=body.days)

    @router.delete("/{name}/tokens", responses=problems(*_REFUSALS, AccountNotFound))
    async def remove_tokens(
        name: AccountName, session: Transaction, manager: Manager, now: Now
    ) -> RevokedOut:
        """Revoke every token of the account at once."""
        revoked = await revoke_tokens(session, name, now=now)
        act = Record(acts.tokens_revoked, Subject("account", name), manager.name)
        await record(session, act, now=now)
        return RevokedOut(revoked=revoked)
