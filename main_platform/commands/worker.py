"""`kaixu-hub worker`: sequencer and chores in a process of their own."""

import typer

from main_platform.application import hub_loops, log_key_loop
from main_platform.commands.opened import hub_settings, open_for_command
from shared_platform.command_line import Output, run_command
from shared_platform.observability.logs import configure_logging
from shared_platform.service import run_loops

app = typer.Typer()


@app.command()
def worker(ctx: typer.Context) -> None:
    """单独运行登记与清理；可开多个，其中一个工作。 / Sequence apart; one of several works.

    例 example: KAIXU_HUB_WORKER_IN_PROCESS=false kaixu-hub serve & kaixu-hub worker
    """

    async def work() -> None:
        settings = hub_settings(ctx.obj)
        configure_logging(level=settings.log_level, form=settings.log_format)
        async with open_for_command(settings) as hub:
            await run_loops(hub.service, loops=(*hub_loops(hub), log_key_loop(hub)))

    run_command(work, output=Output())
