"""The accounts on the command line, for whoever runs the service's machine.

Who may run these commands may read the database; so they need no token, and the audit trail names
the console and the account of the operating system.
"""

import getpass
import sys
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
    Changed,
    NewAccount,
    create_account,
    find_account,
    list_accounts,
)
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.administer import (
    AccountActs,
    Office,
    change_person,
    reset_second_factor,
)
from shared_platform.sign_in.browser_sessions import end_sessions
from shared_platform.sign_in.letters import LinkTerms, invite
from shared_platform.sign_in.password_hashing import PasswordHashing
from shared_platform.sign_in.password_strength import weakness
from shared_platform.sign_in.passwords import set_password
from shared_platform.sign_in.tokens import NewToken, issue_token, revoke_tokens
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

Name = Annotated[str, typer.Argument(help="账号名 / account name")]
Roles = Annotated[list[str], typer.Option("--role", help="角色，可重复 / role, repeatable")]
NewRoles = Annotated[list[str] | None, typer.Option("--role", help="新的角色 / the new roles")]
Active = Annotated[bool | None, typer.Option("--active/--off", help="启用或停用 / on or off")]
Email = Annotated[str | None, typer.Option("--email", help="邮箱 / e-mail address")]
Region = Annotated[str | None, typer.Option("--region", help="地区代码 / GB/T 2260 code")]
FromStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="从标准输入读密码 / read a password from standard input"),
]
Display = Annotated[str, typer.Option("--display", help="显示名 / display name")]
Answer = tuple[dict[str, Any], str]  # facts for programs, text for people
Work = Callable[[AsyncSession, ServiceContext], Awaitable[Answer]]


class PasswordRefused(DomainError):
    """The password on standard input is too easily guessed."""

    problem = ProblemType.SCHEMA_INVALID


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
    """The commands for the accounts of a service: `list`, `add`, `change`, `token`, and so on."""
    app = typer.Typer(no_args_is_help=True, help="账号、角色和令牌 / accounts, roles, tokens")
    _add_list(app, setup)
    _add_add(app, setup)
    _add_change(app, setup)
    _add_tokens(app, setup)
    _add_passwords(app, setup)
    _add_second_factor(app, setup)
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
    def add(  # noqa: PLR0913 - its parameters are options
        ctx: typer.Context,
        name: Name,
        *,
        roles: Roles,
        display: Display = "",
        email: Email = None,
        region: Region = None,
        password_stdin: FromStdin = False,
        as_json: AsJson = False,
    ) -> None:
        """新增账号，发放令牌和邀请链接。 / Add an account; issue a token and an invitation.

        例 example: add li.na --role examiner
        """
        typed = _read_password() if password_stdin else None

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            now = opened.clock.now()
            wanted = NewAccount(name, display or name, tuple(roles), email, region)
            added = await create_account(
                session, wanted, policy=setup.policy, ids=opened.ids, now=now
            )
            await _record(session, opened, setup.acts.added, name=name)
            token = await issue_token(session, name, NewToken("console"), ids=opened.ids, now=now)
            proof = await _give_proof(session, opened, added, password=typed)
            text = (
                f"{_line(added)}\n  令牌 token  {token}\n  {_said(proof)}\n"
                "（令牌和链接只显示这一次 / token and link are shown once）"
            )
            return _facts(added) | {"token": token} | proof, text

        _run(ctx, setup, work, as_json=as_json)


def _add_change(app: typer.Typer, setup: AccountSetup) -> None:
    @app.command("change")
    def change(
        ctx: typer.Context,
        name: Name,
        *,
        roles: NewRoles = None,
        active: Active = None,
        region: Region = None,
        as_json: AsJson = False,
    ) -> None:
        """改角色，停用或启用。 / Set roles, switch off or on.

        例 example: change li.na --role examiner --role auditor
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            wanted = Changed(tuple(roles) if roles else None, active, region)
            now = opened.clock.now()
            by, office = console_actor(), Office(setup.policy, setup.acts)
            changed = await change_person(session, name, wanted, office=office, by=by, now=now)
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
            issued = await issue_token(session, name, NewToken("console"), ids=opened.ids, now=now)
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


def _add_passwords(app: typer.Typer, setup: AccountSetup) -> None:
    @app.command("invite")
    def invite(ctx: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
        """发邀请链接，收到的人自己设密码。 / Make a link by which somebody chooses a password.

        例 example: invite li.na
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            proof = await _give_proof(session, opened, await find_account(session, name))
            return {"name": name} | proof, _said(proof)

        _run(ctx, setup, work, as_json=as_json)

    @app.command("password")
    def password(ctx: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
        """从标准输入设密码，并结束其会话。 / Set a password read from standard input.

        例 example: password li.na < password.txt
        """
        typed = _read_password()

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            owner = await find_account(session, name)
            proof = await _give_proof(session, opened, owner, password=typed)
            await end_sessions(session, owner.id)
            return {"name": name} | proof, _said(proof)

        _run(ctx, setup, work, as_json=as_json)


def _add_second_factor(app: typer.Typer, setup: AccountSetup) -> None:
    @app.command("remove-second-factor")
    def remove(ctx: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
        """取消第二因子，供设备和恢复码都丢失的人重新设置。 / Let somebody set it up again.

        例 example: remove-second-factor li.na
        """

        async def work(session: AsyncSession, opened: ServiceContext) -> Answer:
            by, ids, now = console_actor(), opened.ids, opened.clock.now()
            await reset_second_factor(session, name, by=by, ids=ids, now=now)
            return {"name": name}, f"{name}: 第二因子已取消 / the second factor was removed"

        _run(ctx, setup, work, as_json=as_json)


async def _give_proof(
    session: AsyncSession, opened: ServiceContext, owner: Account, *, password: str | None = None
) -> dict[str, object]:
    """Store the password, or make a link by which its reader chooses one.

    Raises:
        PasswordRefused: it is too easily guessed.
    """
    now = opened.clock.now()
    if password is None:
        return {"invitation": await invite_account(session, opened, owner)}
    weak = weakness(password, about=[owner.name, owner.display_name])
    if weak is not None:
        raise PasswordRefused(f"{weak.zh} / {weak.en}")
    hashed = await PasswordHashing().hash(password)
    await set_password(session, owner.id, password_hash=hashed, now=now)
    await _record(session, opened, SignInAct.PASSWORD_SET, name=owner.name)
    return {"password": "set"}


async def invite_account(session: AsyncSession, opened: ServiceContext, owner: Account) -> str:
    """The address of a new invitation, sent by mail too where the account has an address."""
    await _record(session, opened, SignInAct.INVITED, name=owner.name)
    terms = LinkTerms.of(opened.settings)
    return await invite(session, owner, terms, ids=opened.ids, now=opened.clock.now())


def _said(proof: dict[str, object]) -> str:
    if "invitation" in proof:
        return f"邀请链接 invitation  {proof['invitation']}"
    return "密码已设 / the password was set"


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


async def _record(
    session: AsyncSession,
    opened: ServiceContext,
    act: StrEnum,
    *,
    name: str,
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
