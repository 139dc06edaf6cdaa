"""`kaixu-node init`: folders, keys, database, the first account."""

from typing import Annotated

import typer

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.command_line import AsJson, Output, run_command
from shared_platform.observability.logs import configure_logging
from shared_platform.sign_in.accounts import NewAccount, create_account, list_accounts
from shared_platform.sign_in.commands import console_actor, invite_account
from shared_platform.sign_in.tokens import NewToken, issue_token
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.audit.acts import Act
from subplatform.commands.opened import node_settings
from subplatform.context import NodeContext, keys_folder, open_node
from subplatform.hub_client.node_keys import make_keys

app = typer.Typer()
Operator = Annotated[str, typer.Option("--operator", help="第一个账号 / the first account")]


@app.command()
def init(ctx: typer.Context, operator: Operator = "operator", *, as_json: AsJson = False) -> None:
    """建立数据目录、密钥、数据库和第一个账号；可重复运行。 / Set the node up; safe to repeat.

    例 example: kaixu-node init --operator li.na
    """

    async def work() -> None:
        settings = node_settings(ctx.obj)
        configure_logging(level="error", form=settings.log_format)
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = make_keys(keys_folder(settings))
        async with open_node(settings) as node:
            given = await _first_account(node, operator)
        facts = {
            "node": settings.node,
            "data_dir": str(settings.data_dir),
            "statement_key": keys.statement.key_id,
            "operator": operator,
            **given,
        }
        Output(as_json).show(facts, text=_text(facts))

    run_command(work, output=Output(as_json))


async def _first_account(node: NodeContext, name: str) -> dict[str, str | None]:
    """The first account's token and invitation; None when there are accounts already."""
    now, ids = node.service.clock.now(), node.service.ids
    async with node.service.database.sessions.begin() as session:
        if await list_accounts(session):
            return {"token": None, "invitation": None}
        wanted = NewAccount(name, name, ("operator", "administrator"))
        created = await create_account(session, wanted, policy=NODE_POLICY, ids=ids, now=now)
        added = Record(Act.USER_ADDED, Subject("account", name), console_actor())
        await record(session, added, now=now)
        token = await issue_token(session, name, NewToken("init"), ids=ids, now=now)
        invitation = await invite_account(session, node.service, created)
        return {"token": token, "invitation": invitation}


def _text(facts: dict[str, str | None]) -> str:
    lines = [
        f"✔ 节点 {facts['node']} 已就绪，数据在 {facts['data_dir']} / the node is ready",
        f"  声明密钥 statement key  {facts['statement_key']}",
    ]
    if facts["token"]:
        lines.append(f"  账号 account  {facts['operator']}")
        lines.append(f"  令牌 token    {facts['token']}（只显示这一次 / shown once）")
        lines.append(f"  在浏览器中设密码 / choose a password in a browser: {facts['invitation']}")
    lines.append("  下一步 next   kaixu-node enrol --anchor anchor.json ；kaixu-node serve")
    lines.append("  恢复密钥 keys/recovery.pem 请移到离线介质保存 / move the recovery key offline")
    return "\n".join(lines)
