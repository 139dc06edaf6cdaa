"""The audit trail on the command line, for whoever runs the service's machine.

Who may run these commands may read the database; so they need no token, and the trail names the
console and the account of the operating system.
"""

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Final, Literal

import typer
from sqlalchemy import text

from shared_platform.audit.heads import audit_folder
from shared_platform.audit.search import TrailQuery, search_trail
from shared_platform.audit_desk.export_trail import Export, export_lines, record_export
from shared_platform.command_line import AsJson, Output, run_command
from shared_platform.service import ServiceContext
from shared_platform.sign_in.commands import console_actor
from shared_schema.instants import format_instant

Opening = Callable[[Path | None], AbstractAsyncContextManager[ServiceContext]]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="北京日期 / legal day")]
Actor = Annotated[str, typer.Option("--actor", help="谁 / who")]
ActName = Annotated[str, typer.Option("--act", help="做了什么 / what")]
Kind = Annotated[str, typer.Option("--kind", help="对象种类 / kind of subject")]
About = Annotated[str, typer.Option("--subject", help="对象 / about what")]
Out = Annotated[Path | None, typer.Option("--out", help="写入文件；不写则到屏幕 / file")]
_SHOWN: Final = 50


def audit_commands(opening: Opening) -> typer.Typer:
    """The commands `list` and `export`."""
    app = typer.Typer(no_args_is_help=True, help="审计记录 / the audit trail")
    _add_list(app, opening)
    _add_export(app, opening)
    return app


def _add_list(app: typer.Typer, opening: Opening) -> None:
    @app.command("list")
    def list_acts(  # noqa: PLR0913 - its parameters are options
        ctx: typer.Context,
        *,
        since: Day = None,
        until: Day = None,
        actor: Actor = "",
        act: ActName = "",
        kind: Kind = "",
        subject: About = "",
        as_json: AsJson = False,
    ) -> None:
        """最近的审计记录。 / The newest acts, fifty at most.

        例 example: audit list --actor li.na --since 2026-11-01
        """
        output, query = Output(as_json), _query(since, until, (actor, act, kind, subject))

        async def work() -> None:
            async with opening(ctx.obj) as opened, opened.database.sessions() as session:
                page = await search_trail(session, query, limit=_SHOWN)
            lines = [
                f"{format_instant(one.at)}  {one.actor:<16} {one.act:<24}"
                f" {one.subject_kind}/{one.subject}"
                for one in page.records
            ]
            facts = [
                {
                    "at": format_instant(one.at),
                    "actor": one.actor,
                    "act": one.act,
                    "subject": {"kind": one.subject_kind, "id": one.subject},
                    "facts": one.facts,
                    "place": one.place,
                }
                for one in page.records
            ]
            none = "没有符合条件的记录 / no act matches"
            output.show({"records": facts}, text="\n".join(lines) or none)

        run_command(work, output=output)


def _add_export(app: typer.Typer, opening: Opening) -> None:
    @app.command("export")
    def export(  # noqa: PLR0913 - its parameters are options
        ctx: typer.Context,
        *,
        since: Day = None,
        until: Day = None,
        file_format: Annotated[Literal["csv", "jsonl"], typer.Option("--format")] = "jsonl",
        actor: Actor = "",
        act: ActName = "",
        kind: Kind = "",
        subject: About = "",
        out: Out = None,
    ) -> None:
        """导出审计记录，含归档；导出本身也记入。 / Export acts, archives too; it is an act itself.

        例 example: audit export --since 2026-01-01 --until 2026-06-30 --format csv --out acts.csv
        """
        query = _query(since, until, (actor, act, kind, subject))

        async def work() -> None:
            async with opening(ctx.obj) as opened:
                wanted = Export(query, file_format, audit_folder(opened.settings.data_dir))
                await _write(opened, wanted, out)

        run_command(work, output=Output())


async def _write(opened: ServiceContext, wanted: Export, out: Path | None) -> None:
    """Record the export, then write it to the file or to standard output."""
    sessions, now = opened.database.sessions, opened.clock.now()
    async with sessions.begin() as session:
        await record_export(session, wanted, by=console_actor(), now=now)
    with ExitStack() as files:
        target: IO[bytes] = sys.stdout.buffer
        if out is not None:
            target = files.enter_context(out.open("wb"))
        async with sessions.begin() as session:
            await session.execute(_ONE_MOMENT)
            async for piece in export_lines(session, wanted):
                target.write(piece)
        target.flush()


_ONE_MOMENT: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _query(
    since: datetime | None, until: datetime | None, texts: tuple[str, str, str, str]
) -> TrailQuery:
    first = None if since is None else since.date()
    last = None if until is None else until.date()
    return TrailQuery(*texts, first, last)
