"""The accounts on the command line, for whoever runs the service's machine.

Who may run these commands may read the database; so they need no token, and the audit trail names
the console and the account of the operating system.
"""

import getpass
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.command_line import AsJson, Output, run_command
from shared_platform.service import ServiceContext
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.sign_in.accounts import (
    Account,
    NewAccount,
    change_account,
    create_account,
    issue_token,
    list_accounts,
    revoke_tokens,
)
from shared_platform.sign_in.routes import AccountActs

Name = Annotated[str, typer.Argument(help="账号名 / account name")]
Roles = Annotated[list[str], typer.Option("--role", help="角色，可重复 / role, repeatable")]
NewRoles = Annotated[list[str] | None, typer.Option("--role", help="新的角色 / the new roles")]
Active = Annotated[bool | None, typer.Option("--active/--off", help="启用或停用 / on or off")]
Display = Annotated[str, typer.Option("--display", help="显示名 / display name")]
Answer = tuple[dict[str, Any], str]  # facts for programs, text for people
Work = Callable[[AsyncSession, ServiceContext], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """What a service tells about its accounts."""

    open_service: Callable[[Path | None], AbstractAsyncContextManager[ServiceContext]]
    policy: AccessPolicy
    acts: AccountActs


def console_actor() -> str:
    """How the audit trail names whoever sits at the machine."""
    return f"console:{getpass.getuser()}"


def account_commands(setup: AccountSetup) -> typer.Typer:
    """The commands `list`, `add`, `change`, `token` and `revoke` for the accounts of a service."""
    app = typer.Typer(no_args_is_help=True, help="账号、角色和令牌 / accounts, roles, tokens")
    _add_list(app, setup)
    _add_add(app, setup)
    _add_change(app, setup)
    _add_tokens(app, setup)
    return app


def _add_list(app: typer.Typer, setup: AccountSetup) -> None:
    @app.command("list")
    def list_all(ctx: typer.Context, *, as_json: AsJson = False) -> None:
        """列出账号。 / List accounts.

        例 example: list --json
        """

        async def work(session: AsyncSession, _: ServiceContext) -> Answer:
            accounts = await list_accounts(session)
            lines = [_line(account) for account in accounts]
            text = "\n".join(lines) or "还没有账号；用 add 新增 / no accounts yet; use add"
            return {"accounts": [_facts(account) for account in accounts]}, text

        _run(ctx, setup, work, as_json=as_json)


def _add_add(app: typer.Typer, setup: AccountSetup) -> None:
    @app.command("add")
    def add(
        ctx: typer.Context,
        name: Name,
        *,
        roles: Roles,
        display: Display = "",
        as_json: AsJson = False,
    ) -> None:
        """新增账号并发放令牌。 / Add an account and issue a token.

        例 example: add li.na --role examiner
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            now = opened.clock.now()
            wanted = NewAccount(name, display or name, tuple(roles))
            added = await create_account(
                session, wanted, policy=setup.policy, ids=opened.ids, now=now
            )
            await _record(session, opened, setup.acts.added, name=name)
            token = await issue_token(session, name, label="console", ids=opened.ids, now=now)
            text = f"{_line(added)}\n{token}\n（令牌只显示这一次 / the token is shown once）"
            return _facts(added) | {"token": token}, text

        _run(ctx, setup, work, as_json=as_json)


def _add_change(app: typer.Typer, setup: AccountSetup) -> None:
    @app.command("change")
    def change(
        ctx: typer.Context,
        name: Name,
        *,
        roles: NewRoles = None,
        active: Active = None,
        as_json: AsJson = False,
    ) -> None:
        """改角色，停用或启用。 / Set roles, switch off or on.

        例 example: change li.na --role examiner --role auditor
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            wanted = tuple(roles) if roles else None
            changed = await change_account(
                session, name, policy=setup.policy, roles=wanted, is_active=active
            )
            await _record(session, opened, setup.acts.changed, name=name)
            return _facts(changed), _line(changed)

        _run(ctx, setup, work, as_json=as_json)


def _add_tokens(app: typer.Typer, setup: AccountSetup) -> None:
    @app.command("token")
    def token(ctx: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
        """再发一个令牌。 / Issue another token.

        例 example: token li.na
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            now = opened.clock.now()
            issued = await issue_token(session, name, label="console", ids=opened.ids, now=now)
            await _record(session, opened, setup.acts.token_issued, name=name)
            return {"name": name, "token": issued}, issued

        _run(ctx, setup, work, as_json=as_json)

    @app.command("revoke")
    def revoke(ctx: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
        """吊销全部令牌。 / Revoke every token of the account.

        例 example: revoke li.na
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            count = await revoke_tokens(session, name, now=opened.clock.now())
            await _record(session, opened, setup.acts.tokens_revoked, name=name)
            text = f"{name}: 吊销 {count} 个令牌 / {count} tokens revoked"
            return {"name": name, "revoked": count}, text

        _run(ctx, setup, work, as_json=as_json)


async def _record(
    session: AsyncSession, opened: ServiceContext, act: StrEnum, *, name: str
) -> None:
    done = Record(act, Subject("account", name), console_actor())
    await record(session, done, now=opened.clock.now())


def _run(ctx: typer.Context, setup: AccountSetup, work: Work, *, as_json: bool) -> None:
    output = Output(as_json)

    async def opened_work() -> None:
        async with (
            setup.open_service(ctx.obj) as opened,
            opened.database.sessions.begin() as session,
        ):
            facts, text = await work(session, opened)
        output.show(facts, text=text)  # only now: a token must not be shown that never was

    run_command(opened_work, output=output)


def _facts(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "display_name": account.display_name,
        "roles": list(account.roles),
        "is_active": account.is_active,
    }


def _line(account: Account) -> str:
    state = "" if account.is_active else "  停用 off"
    return f"{account.name:<24} {account.display_name}  {', '.join(account.roles)}{state}"
