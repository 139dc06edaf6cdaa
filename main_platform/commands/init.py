"""`kaixu-hub init`: folders, key, database, the log's first entry, first accounts, anchor."""

from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.catalogue.errors import LogBelongsToAnother
from main_platform.catalogue.hub_key import (
    KEY_FILE,
    HubKeyExists,
    create_hub_key,
)
from main_platform.catalogue.log_head import read_head
from main_platform.commands.anchor import anchor_facts, write_anchor
from main_platform.commands.opened import ArgumentsRefused, hub_settings, open_for_command
from main_platform.context import HubContext
from main_platform.settings import HubSettings
from main_platform.staff.permissions import HUB_POLICY
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.command_line import AsJson, Output, run_command
from shared_platform.observability.logs import configure_logging
from shared_platform.sign_in.accounts import AccountExists, NewAccount, create_account
from shared_platform.sign_in.commands import console_actor, invite_account
from shared_platform.sign_in.tokens import NewToken, issue_token
from shared_schema.anchor import FederationAnchor

app = typer.Typer()
Staff = Annotated[
    list[str] | None,
    typer.Option("--staff", metavar="NAME:ROLE,…", help="首批账号，可重复 / first accounts"),
]


@app.command()
def init(ctx: typer.Context, *, staff: Staff = None, as_json: AsJson = False) -> None:
    """建立密钥、数据库、日志首条、账号和信任锚；可重复运行。 / Set the hub up; safe to repeat.

    例 example: kaixu-hub init --staff li.na:security_administrator --staff wang.wei:examiner
    """
    output = Output(as_json)

    async def work() -> None:
        settings = hub_settings(ctx.obj)
        configure_logging(level="error", form=settings.log_format)
        accounts = [_account(one) for one in staff or []]
        anchor, done = await _set_up(settings, accounts)
        facts = anchor_facts(anchor, write_anchor(settings.data_dir, anchor)) | done
        output.show(facts, text=_text(facts, settings))

    run_command(work, output=output)


async def _set_up(
    settings: HubSettings, accounts: list[NewAccount]
) -> tuple[FederationAnchor, dict[str, Any]]:
    """The anchor, the size of the signed log, tokens and invitations of the accounts added.

    Raises:
        LogBelongsToAnother: the database holds the log of another key, which must come back first.
    """
    key_is_new = _make_key(settings)
    try:
        async with open_for_command(settings) as hub:
            await hub.sequencer.drain()
            async with hub.service.database.sessions.begin() as session:
                size = (await read_head(session)).size
                given = {one.name: await _add(session, hub, account=one) for one in accounts}
            tokens = {name: token for name, (token, _) in given.items()}
            invitations = {name: link for name, (_, link) in given.items()}
            done = {"log_size": size, "tokens": tokens, "invitations": invitations}
            return hub.log_key.anchor, done
    except LogBelongsToAnother:
        if key_is_new:
            (settings.data_dir / KEY_FILE).unlink()
        raise


def _make_key(settings: HubSettings) -> bool:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        create_hub_key(settings.data_dir)
    except HubKeyExists:
        return False
    return True


def _account(text: str) -> NewAccount:
    """An account as `name:role,role`.

    Raises:
        ArgumentsRefused: it is written otherwise.
        UnknownRole: a role is not one of the hub's.
    """
    name, colon, roles = text.partition(":")
    if not name or not colon or not roles:
        raise ArgumentsRefused(f"--staff {text!r} 应为 name:role,role / write it as name:role,role")
    return NewAccount(name, name, HUB_POLICY.check_roles(roles.split(",")))


async def _add(
    session: AsyncSession, hub: HubContext, *, account: NewAccount
) -> tuple[str | None, str | None]:
    """The new account's token and invitation; None when it exists, which stays as it is."""
    now, ids = hub.service.clock.now(), hub.service.ids
    try:
        created = await create_account(session, account, policy=HUB_POLICY, ids=ids, now=now)
    except AccountExists:
        return None, None
    facts = {"roles": list(account.roles)}
    added = Record(Act.STAFF_ADDED, Subject("account", account.name), console_actor(), facts)
    await record(session, added, now=now)
    token = await issue_token(session, account.name, NewToken("init"), ids=ids, now=now)
    return token, await invite_account(session, hub.service, created)


def _text(facts: dict[str, Any], settings: HubSettings) -> str:
    lines = [
        f"✔ 主平台已就绪，数据在 {settings.data_dir} / the hub is ready",
        f"  日志 log          {settings.log_origin}：{facts['log_size']} 条 / entries",
        f"  信任锚 anchor      {facts['file']}",
        f"  指纹 fingerprint  {facts['fingerprint']}",
    ]
    for name, token in facts["tokens"].items():
        shown = f"{token}（只显示这一次 / shown once）" if token else "已存在 / exists already"
        lines.append(f"  账号 account      {name}  {shown}")
        if link := facts["invitations"][name]:
            lines.append(f"      在浏览器中设密码 / choose a password in a browser: {link}")
    if not facts["tokens"]:
        lines.append(
            "  还没有账号 / no account added:"
            " kaixu-hub staff add NAME --role security_administrator"
        )
    return "\n".join(
        [
            *lines,
            "下一步 next",
            f"  1 kaixu-hub serve                      打开 / opens {settings.base_url}",
            "  2 把信任锚发给节点，指纹另用电话核对 / send the anchor, read it out by phone",
            "  3 kaixu-hub nodes enrolments --as NAME   登记申请 / who asks to join",
            f"  另存 {settings.data_dir / KEY_FILE} 到离线介质 / keep an offline copy of the key",
        ]
    )
