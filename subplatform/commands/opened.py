"""How a command opens the node, and in whose name it acts there.

Who may run these commands may read the database, so no token is asked for; what is done is done in
the name of an account of the node, with that account's permissions, and stands in the audit trail.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from shared_platform.command_line import Output, run_command
from shared_platform.observability.logs import configure_logging
from shared_platform.service import ServiceContext
from shared_platform.settings import load_settings
from shared_platform.sign_in.access_policy import Caller, NotSignedIn, PermissionDenied
from shared_platform.sign_in.accounts import find_account
from subplatform.accounts.permissions import NODE_POLICY, Permission
from subplatform.accounts.scope import reaches_everything
from subplatform.context import NodeContext, open_node
from subplatform.settings import NodeSettings

As = Annotated[
    str, typer.Option("--as", metavar="NAME", help="以此账号的名义 / in this account's name")
]
Answer = tuple[dict[str, Any], str]
"""What a command says: facts for programs, text for people."""


def node_settings(config: Path | None) -> NodeSettings:
    """The node's settings.

    Raises:
        SettingsInvalid: a setting is unknown or wrong.
    """
    return load_settings(NodeSettings, file=config)


def with_node(
    ctx: typer.Context, work: Callable[[NodeContext], Awaitable[Answer]], *, as_json: bool
) -> None:
    """Run `work` on the open node and show its answer; a refusal ends the command by its status."""
    output = Output(as_json)

    async def opened() -> None:
        settings = node_settings(ctx.obj)
        configure_logging(level="error", form=settings.log_format)
        async with open_node(settings) as node:
            facts, text = await work(node)
        output.show(facts, text=text)

    run_command(opened, output=output)


async def named_caller(node: NodeContext, name: str, permission: Permission) -> Caller:
    """The account as a caller who may do this.

    Raises:
        AccountNotFound: there is none of that name.
        NotSignedIn: it is switched off.
        PermissionDenied: its roles do not grant the permission, or for its own organisation alone.
    """
    async with node.service.database.sessions() as session:
        account = await find_account(session, name)
    if not account.is_active:
        raise NotSignedIn(detail=f"账号 {name} 已停用 / the account is switched off")
    caller = Caller(account.id, account.name, account.roles)
    NODE_POLICY.require(caller, permission)
    if not reaches_everything(caller, permission):
        raise PermissionDenied(
            detail=f"账号 {name} 只办理本单位的事项，请用网页或接口"
            " / the account acts for its own organisation: use the pages or the API"
        )
    return caller


@asynccontextmanager
async def open_node_service(config: Path | None) -> AsyncIterator[ServiceContext]:
    """The node's service context alone, for commands that need no hub."""
    settings = node_settings(config)
    configure_logging(level="error", form=settings.log_format)
    async with open_node(settings) as node:
        yield node.service
