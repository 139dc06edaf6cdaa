"""`kaixu-hub serve`: the HTTP application, with sequencer and chores beside it."""

from typing import Annotated

import typer

from main_platform.application import build_hub_app, hub_loops, log_key_loop
from main_platform.catalogue.write_snapshot import files_outdated_through
from main_platform.commands.opened import hub_settings, open_for_command
from main_platform.recovery.from_backup import mark_from_backup
from shared_platform.audit.heads import audit_folder
from shared_platform.bulk_download.here import bulk_keeper_of
from shared_platform.command_line import Output, run_command
from shared_platform.observability.logs import configure_logging
from shared_platform.search.here import keeper_of
from shared_platform.serving import serve as serve_app

app = typer.Typer()
AfterRestore = Annotated[
    bool,
    typer.Option(
        "--after-restore",
        help="数据库由备份恢复：先等齐节点 / from a backup: hear all nodes first",
    ),
]


@app.command()
def serve(ctx: typer.Context, *, after_restore: AfterRestore = False) -> None:
    """运行主平台，直到收到 SIGINT 或 SIGTERM。 / Run the hub until SIGINT or SIGTERM.

    例 example: kaixu-hub --config hub.toml serve
    """

    async def work() -> None:
        settings = hub_settings(ctx.obj)
        configure_logging(level=settings.log_level, form=settings.log_format)
        async with open_for_command(settings) as hub:
            if after_restore:
                service = hub.service
                trail = audit_folder(settings.data_dir)
                await mark_from_backup(service.database.sessions, trail, now=service.clock.now())
            work_here = hub_loops(hub) if settings.worker_in_process else ()
            loops = (
                *work_here,
                log_key_loop(hub),
                keeper_of(hub.service).run,
                bulk_keeper_of(hub.service, outdated_through=files_outdated_through).run,
            )
            await serve_app(build_hub_app(hub), hub.service, loops=loops)

    run_command(work, output=Output())
