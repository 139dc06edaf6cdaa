"""The accounts API of a service. The service says which acts its audit trail records."""

from dataclasses import dataclass
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
    UnknownRole,
)
from shared_platform.sign_in.accounts import (
    AccountExists,
    AccountNotFound,
    EmailRefused,
    change_account,
    create_account,
    find_account,
    list_accounts,
)
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.caller import SignedIn, caller_with
from shared_platform.sign_in.letters import LinkTerms, invite
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


@dataclass(frozen=True, slots=True)
class AccountActs:
    """The service's names for what its audit trail records about accounts."""

    added: StrEnum
    changed: StrEnum
    token_issued: StrEnum
    tokens_revoked: StrEnum


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
        responses=problems(*_REFUSALS, AccountExists, EmailRefused, UnknownRole, RegionMissing),
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
        settings = request.app.state.settings
        added = await create_account(session, body.wanted(), policy=policy, ids=ids, now=now)
        act = Record(acts.added, Subject("account", added.name), manager.name)
        await record(session, act, now=now)
        if added.email:
            await invite(session, added, LinkTerms.of(settings), ids=ids, now=now)
            sent = Record(SignInAct.INVITED, Subject("account", added.name), manager.name)
            await record(session, sent, now=now)
        return AccountOut.of(added)

    @router.patch(
        "/{name}", responses=problems(*_REFUSALS, AccountNotFound, UnknownRole, RegionMissing)
    )
    async def edit_account(
        name: AccountName, body: AccountChange, session: Transaction, manager: Manager, now: Now
    ) -> AccountOut:
        """Set roles, or switch the account off or on."""
        changed = await change_account(
            session,
            name,
            policy=policy,
            roles=body.roles,
            is_active=body.is_active,
            region=body.region,
        )
        facts = body.model_dump(exclude_none=True, mode="json")
        act = Record(acts.changed, Subject("account", name), manager.name, facts)
        await record(session, act, now=now)
        return AccountOut.of(changed)


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
