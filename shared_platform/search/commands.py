"""The index on the command line: how it stands, and making it again."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NoReturn

import typer

from shared_platform.catalogue.reading import reading
from shared_platform.command_line import AsJson, ExitCode, Output, progress, run_command
from shared_platform.search.follow import read_stand
from shared_platform.search.here import index_folder, keeper_of
from shared_platform.search.index import read_reached
from shared_platform.service import ServiceContext

OpenService = Callable[[Path | None], AbstractAsyncContextManager[ServiceContext]]
_MIB = 1024 * 1024


def search_commands(open_service: OpenService) -> typer.Typer:
    """The commands `status`, `rebuild` and `verify`."""
    app = typer.Typer(no_args_is_help=True, help="检索索引 / the search index")
    _add_status(app, open_service)
    _add_rebuild(app, open_service)
    _add_verify(app, open_service)
    return app


def _add_status(app: typer.Typer, open_service: OpenService) -> None:
    @app.command("status")
    def status(ctx: typer.Context, *, as_json: AsJson = False) -> None:
        """索引跟到哪里。 / How far the index follows the log.

        例 example: search status --json
        """
        output = Output(as_json=as_json)

        async def work() -> None:
            async with open_service(ctx.obj) as service:
                folder = index_folder(service.settings)
                current = folder.current()
                reached = None if current is None else read_reached(current)
                async with reading(service.database.sessions) as connection:
                    stand = await read_stand(connection)
            size = reached.size if reached else 0
            facts = {
                "log_size": stand.size,
                "indexed": size,
                "lag": stand.size - size,
                "bytes": folder.bytes(),
            }
            text = (
                f"索引 {size} / 日志 {stand.size} 条，{folder.bytes() / _MIB:.1f} MiB"
                f" / {size} of {stand.size} log entries are indexed"
            )
            output.show(facts, text=text)

        run_command(work, output=output)


def _add_rebuild(app: typer.Typer, open_service: OpenService) -> None:
    @app.command("rebuild")
    def rebuild(ctx: typer.Context, *, as_json: AsJson = False) -> None:
        """重新生成索引；服务运行时也可以。 / Make the index again, also while the service runs.

        例 example: search rebuild
        """
        output = Output(as_json=as_json)

        async def work() -> None:
            async with open_service(ctx.obj) as service:
                keeper = keeper_of(service)
                with progress("索引 / index") as advance:
                    done = await keeper.rebuild(advance)
            output.show({"listings": done}, text=f"✔ {done} 条已索引 / listings indexed")

        run_command(work, output=output)


def _add_verify(app: typer.Typer, open_service: OpenService) -> None:
    @app.command("verify")
    def verify(ctx: typer.Context, *, as_json: AsJson = False) -> None:
        """与从头生成的索引比较；不同则退出码为 5。 / Compare with one made from nothing.

        例 example: search verify
        """
        output = Output(as_json=as_json)

        async def work() -> bool:
            async with open_service(ctx.obj) as service:
                with progress("索引 / index") as advance:
                    return await keeper_of(service).equals_a_new_one(advance)

        is_equal = run_command(work, output=output)
        good = "✔ 与重新生成的相同 / equal to one made from nothing"
        bad = "✘ 不同，请运行 search rebuild / it differs: run search rebuild"
        output.show({"equal": is_equal}, text=good if is_equal else bad)
        _end(ExitCode.OK if is_equal else ExitCode.INTEGRITY)


def _end(status: ExitCode) -> NoReturn:
    raise typer.Exit(int(status))
