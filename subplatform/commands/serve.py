"""`kaixu-node serve`: the HTTP application, with delivery, inbox and pull beside it."""

import typer

from shared_platform.bulk_download.here import bulk_keeper_of
from shared_platform.command_line import Output, run_command
from shared_platform.observability.logs import configure_logging
from shared_platform.search.here import keeper_of
from shared_platform.serving import serve as serve_app
from subplatform.application import build_node_app, node_loops
from subplatform.commands.opened import node_settings
from subplatform.context import open_node

app = typer.Typer()


@app.command()
def serve(ctx: typer.Context) -> None:
    """运行节点，直到收到 SIGINT 或 SIGTERM。 / Run the node until SIGINT or SIGTERM.

    例 example: kaixu-node --config node.toml serve
    """

    async def work() -> None:
        settings = node_settings(ctx.obj)
        configure_logging(level=settings.log_level, form=settings.log_format)
        async with open_node(settings) as node:
            work_here = node_loops(node) if settings.worker_in_process else ()
            loops = (
                *work_here,
                keeper_of(node.service).run,
                bulk_keeper_of(node.service).run,
            )
            await serve_app(build_node_app(node), node.service, loops=loops)

    run_command(work, output=Output())
