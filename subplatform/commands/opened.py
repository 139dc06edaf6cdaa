"""How a command opens the node: settings from file and environment, quiet logs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from shared_platform.command_line import Output, run_command
from shared_platform.observability.logs import configure_logging
from shared_platform.service import ServiceContext
from shared_platform.settings import load_settings
from subplatform.context import NodeContext, open_node
from subplatform.settings import NodeSettings

As = Annotated[str, typer.Option("--as", help="以此账号的名义 / on behalf of this account")]


def node_settings(config: Path | None) -> NodeSettings:
    """The node's settings.

    Raises:
        SettingsInvalid: a setting is unknown or wrong.
    """
    return load_settings(NodeSettings, file=config)


def with_node(
    ctx: typer.Context, work: Callable[[NodeContext], Awaitable[None]], *, as_json: bool
) -> None:
    """Run `work` on the open node; refusals end the command with their exit status."""

    async def opened() -> None:
        settings = node_settings(ctx.obj)
        configure_logging(level="error", form=settings.log_format)
        async with open_node(settings) as node:
            await work(node)

    run_command(opened, output=Output(as_json))


@asynccontextmanager
async def open_node_service(config: Path | None) -> AsyncIterator[ServiceContext]:
    """The node's service context alone, for commands that need no hub."""
    settings = node_settings(config)
    configure_logging(level="error", form=settings.log_format)
    async with open_node(settings) as node:
        yield node.service
