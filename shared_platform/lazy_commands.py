"""A command line whose commands are imported only when they run, so that `--help` stays fast."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        exists=True,
        dir_okay=False,
        help="TOML 设置文件；不给则只读环境变量 / settings file; else the environment only",
    ),
]


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command: its name, the module whose `typer.Typer` called `app` it is, and one line."""

    name: str
    module: str
    about: str


def lazy_commands(program: str, *commands: LazyCommand, about: str) -> typer.Typer:
    """The top of a command line; `ctx.obj` is the file given with `--config`, or None."""
    app = typer.Typer(
        name=program, help=about, no_args_is_help=True, pretty_exceptions_enable=False
    )

    @app.callback()
    def remember_settings_file(ctx: typer.Context, config: SettingsFile = None) -> None:
        ctx.obj = config

    for command in commands:
        _add(app, program, command)
    return app


def _add(app: typer.Typer, program: str, command: LazyCommand) -> None:
    @app.command(
        command.name,
        help=command.about,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
    def run(ctx: typer.Context) -> None:
        own: typer.Typer = import_module(command.module).app
        own(args=ctx.args, prog_name=f"{program} {command.name}", obj=ctx.obj)
