"""Roles, regions and scopes: what is granted, and what limits it."""

from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.staff.permissions import HUB_POLICY, ROLE_TITLES, Permission
from shared_platform.sign_in.access_policy import Caller, PermissionDenied, RegionMissing
from shared_platform.sign_in.accounts import (
    Changed,
    NewAccount,
    change_account,
    create_account,
    find_account,
)
from shared_platform.sign_in.tokens import (
    NewToken,
    ScopeRefused,
    authenticate,
    check_scopes,
    issue_token,
    list_tokens,
    revoke_token,
)
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.identities import RandomIds
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.accounts.permissions import ROLE_TITLES as NODE_TITLES
from tests.shared_platform.workspace_places import START

NOBODY = UUID(int=1)
OFFICER = Caller(NOBODY, "guangzhou-1", ("city_officer",), region="440100")


def may(caller: Caller, region: str) -> bool:
    return HUB_POLICY.allows_in(caller, Permission.READ_REVIEWS, region)


def test_a_regional_role_opens_its_region_and_what_is_in_it() -> None:
    assert may(OFFICER, "440100")
    assert may(OFFICER, "440103")
    assert not may(OFFICER, "440300")
    assert not may(OFFICER, "44")


def test_a_regional_role_opens_nothing_that_asks_for_no_region() -> None:
    assert not HUB_POLICY.allows(OFFICER, Permission.READ_REVIEWS)
    with pytest.raises(PermissionDenied):
        HUB_POLICY.require(OFFICER, Permission.READ_REVIEWS)


def test_another_role_beside_it_is_limited_to_nothing() -> None:
    both = Caller(NOBODY, "li.na", ("city_officer", "examiner"), region="440100")

    assert may(both, "110101")
    assert HUB_POLICY.allows(both, Permission.DECIDE_REVIEWS)


def test_without_a_region_a_regional_role_opens_nothing() -> None:
    assert not may(Caller(NOBODY, "li.na", ("city_officer",)), "440100")


def test_scopes_limit_regional_roles_too() -> None:
    scoped = Caller(
        NOBODY, "li.na", ("city_officer",), scopes=frozenset({"read_nodes"}), region="440100"
    )

    assert not may(scoped, "440100")


def test_every_role_of_both_services_is_named_in_both_languages() -> None:
    assert set(ROLE_TITLES) == set(HUB_POLICY.grants)
    assert set(NODE_TITLES) == set(NODE_POLICY.grants)
    assert HUB_POLICY.regional <= set(HUB_POLICY.grants)


async def test_a_regional_role_stands_only_beside_a_known_region(
    hub_session: AsyncSession,
) -> None:
    ids = RandomIds()

    async def hire(name: str, region: str | None) -> None:
        wanted = NewAccount(name, name, ("city_officer",), region=region)
        await create_account(hub_session, wanted, policy=HUB_POLICY, ids=ids, now=START)

    with pytest.raises(RegionMissing):
        await hire("li.na", None)
    with pytest.raises(IdentifierRefused):
        await hire("li.na", "999999")
    await hire("li.na", "440100")
    moved = await change_account(
        hub_session, "li.na", Changed(region="440300"), policy=HUB_POLICY, now=START
    )

    assert moved.region == (await find_account(hub_session, "li.na")).region == "440300"


async def test_a_token_may_what_its_scopes_leave_of_its_owner(
    hub_sessions: async_sessionmaker[AsyncSession],
) -> None:
    ids = RandomIds()
    async with hub_sessions.begin() as session:
        wanted = NewAccount("li.na", "李娜", ("examiner",))
        owner = await create_account(session, wanted, policy=HUB_POLICY, ids=ids, now=START)
        scoped = NewToken("figures", ("read_nodes",), days=7)
        token = await issue_token(session, "li.na", scoped, ids=ids, now=START)
        caller = await authenticate(session, token, now=START)
        [shown] = await list_tokens(session, owner.id, now=START)

    assert HUB_POLICY.allows(caller, Permission.READ_NODES)
    assert not HUB_POLICY.allows(caller, Permission.DECIDE_REVIEWS)
    assert (shown.label, shown.scopes, shown.last_used_at) == ("figures", ("read_nodes",), START)
    assert (shown.expires_at - START).days == 7
    async with hub_sessions.begin() as session:
        assert not await revoke_token(session, shown.id, account_id=NOBODY, now=START)
        assert await revoke_token(session, shown.id, account_id=owner.id, now=START)
        assert await list_tokens(session, owner.id, now=START) == []


def test_no_token_may_what_its_owner_may_not() -> None:
    examiner = Caller(NOBODY, "li.na", ("examiner",))

    assert check_scopes(["read_nodes", "read_nodes"], examiner, HUB_POLICY) == ("read_nodes",)
    for scope in ("manage_staff", "everything"):
        with pytest.raises(ScopeRefused):
            check_scopes([scope], examiner, HUB_POLICY)
