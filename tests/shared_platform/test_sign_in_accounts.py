"""Accounts and tokens: what is stored, what is told, and what two people at once can do."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.engine import Database
from shared_platform.sign_in.access_policy import (
    AccessPolicy,
    Caller,
    NotSignedIn,
    PermissionDenied,
    UnknownRole,
)
from shared_platform.sign_in.accounts import (
    NAME_FORM,
    AccountExists,
    AccountNameRefused,
    AccountNotFound,
    Changed,
    NewAccount,
    change_account,
    create_account,
    find_account,
    list_accounts,
)
from shared_platform.sign_in.tables import account_token
from shared_platform.sign_in.tokens import (
    TOKEN_DAYS,
    NewToken,
    authenticate,
    issue_token,
    revoke_tokens,
)
from shared_schema.identities import RandomIds, SeededIds
from shared_schema.instants import parse_instant

NOW = parse_instant("2026-11-22T08:00:00Z")
IDS = SeededIds(9)


class May(StrEnum):
    READ = "read"
    WRITE = "write"


POLICY = AccessPolicy({"reader": frozenset({May.READ}), "writer": frozenset(May)})


async def add(session: AsyncSession, name: str = "li.na", *roles: str) -> None:
    wanted = NewAccount(name, name, roles or ("reader",))
    await create_account(session, wanted, policy=POLICY, ids=IDS, now=NOW)


async def a_token(session: AsyncSession, name: str = "li.na") -> str:
    return await issue_token(session, name, NewToken("desk"), ids=RandomIds(), now=NOW)


async def test_a_token_names_its_account_and_is_stored_only_as_a_hash(
    hub_session: AsyncSession,
) -> None:
    await add(hub_session)
    token = await a_token(hub_session)

    caller = await authenticate(hub_session, token, now=NOW)

    stored = (await hub_session.execute(select(account_token))).one()
    assert (caller.name, caller.roles) == ("li.na", ("reader",))
    assert len(token) > 43
    assert token.encode() not in b"".join(v for v in stored if isinstance(v, bytes))


async def test_every_invalid_token_is_refused_with_the_same_words(
    hub_session: AsyncSession,
) -> None:
    await add(hub_session)
    revoked, kept = await a_token(hub_session), "kaixu_" + "A" * 44
    await revoke_tokens(hub_session, "li.na", now=NOW)
    late = await a_token(hub_session)
    details = set()

    for token, at in (
        (revoked, NOW),
        (kept, NOW),
        (late, NOW + timedelta(days=TOKEN_DAYS)),
        (late[:-1], NOW),
        (late.upper(), NOW),
        ("", NOW),
    ):
        with pytest.raises(NotSignedIn) as refusal:
            await authenticate(hub_session, token, now=at)
        details.add(refusal.value.detail)

    assert len(details) == 1


async def test_a_switched_off_account_keeps_its_tokens_for_later(
    hub_session: AsyncSession,
) -> None:
    await add(hub_session)
    token = await a_token(hub_session)
    await change_account(hub_session, "li.na", Changed(is_active=False), policy=POLICY, now=NOW)

    with pytest.raises(NotSignedIn):
        await authenticate(hub_session, token, now=NOW)
    await change_account(hub_session, "li.na", Changed(is_active=True), policy=POLICY, now=NOW)

    assert (await authenticate(hub_session, token, now=NOW)).name == "li.na"


async def test_a_change_leaves_what_it_does_not_name(hub_session: AsyncSession) -> None:
    await add(hub_session, "li.na", "writer", "reader", "reader")

    off = await change_account(
        hub_session, "li.na", Changed(is_active=False), policy=POLICY, now=NOW
    )
    moved = await change_account(
        hub_session, "li.na", Changed(roles=("reader",)), policy=POLICY, now=NOW
    )

    assert (off.roles, off.is_active) == (("reader", "writer"), False)
    assert (moved.roles, moved.is_active) == (("reader",), False)


async def test_of_two_accounts_of_one_name_at_once_one_is_made(hub_committed: Database) -> None:
    async def hire() -> bool:
        async with hub_committed.sessions.begin() as session:
            try:
                await add(session)
            except AccountExists:
                return False
        return True

    made = await asyncio.gather(*(hire() for _ in range(4)))

    assert sorted(made) == [False, False, False, True]
    async with hub_committed.sessions() as session:
        assert len(await list_accounts(session)) == 1


USES: dict[str, Callable[[AsyncSession], Awaitable[object]]] = {
    "find": lambda session: find_account(session, "nobody"),
    "change": lambda session: change_account(
        session, "nobody", Changed(is_active=False), policy=POLICY, now=NOW
    ),
    "issue": lambda session: a_token(session, "nobody"),
    "revoke": lambda session: revoke_tokens(session, "nobody", now=NOW),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
async def test_an_account_nobody_has_is_not_found(
    hub_session: AsyncSession, use: Callable[[AsyncSession], Awaitable[object]]
) -> None:
    with pytest.raises(AccountNotFound):
        await use(hub_session)


async def test_an_unknown_role_is_refused_and_the_known_ones_named(
    hub_session: AsyncSession,
) -> None:
    with pytest.raises(UnknownRole, match="reader, writer"):
        await add(hub_session, "li.na", "emperor")


@pytest.mark.parametrize("name", ["", "x", "Li", "li na", "li\nna", "-li", "李娜", "a" * 64])
async def test_a_name_that_cannot_be_typed_safely_is_refused(
    hub_session: AsyncSession, name: str
) -> None:
    with pytest.raises(AccountNameRefused):
        await add(hub_session, name)


@given(st.text(max_size=80))
def test_no_name_holds_what_could_fake_a_line_of_the_audit_trail(name: str) -> None:
    if NAME_FORM.fullmatch(name):
        assert name.isascii()
        assert name.isprintable()
        assert " " not in name


def test_roles_grant_and_nothing_else_does() -> None:
    reader = Caller(IDS.new_id(), "li.na", ("reader",))
    nobody = Caller(IDS.new_id(), "wang", ("gone_role",))

    POLICY.require(reader, May.READ)
    with pytest.raises(PermissionDenied, match="writer"):
        POLICY.require(reader, May.WRITE)
    with pytest.raises(PermissionDenied):
        POLICY.require(nobody, May.READ)


async def test_no_log_line_holds_a_token(
    hub_session: AsyncSession, caplog: pytest.LogCaptureFixture
) -> None:
    await add(hub_session)
    with caplog.at_level(logging.DEBUG):
        token = await a_token(hub_session)
        await authenticate(hub_session, token, now=NOW)

    assert token not in caplog.text
