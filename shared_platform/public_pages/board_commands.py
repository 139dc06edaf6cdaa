"""The boards on the command line: list, add, change and remove saved searches with a title."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from shared_platform.command_line import AsJson, Output
from shared_platform.public_pages.boards import BoardEntry, read_entries, read_entry
from shared_platform.public_pages.boards_file import (
    BoardExists,
    NoSuchBoardId,
    boards_in_use,
    change_boards,
)
from shared_platform.settings import PlatformSettings
from shared_schema.refusal import DomainError

ReadSettings = Callable[[Path | None], PlatformSettings]
BoardId = Annotated[str, typer.Argument(metavar="ID", help="编号，用于地址 / id, in its address")]
TitleZh = Annotated[str | None, typer.Option("--title-zh", help="中文标题 / Chinese title")]
TitleEn = Annotated[str | None, typer.Option("--title-en", help="英文标题 / English title")]
AboutZh = Annotated[str | None, typer.Option("--about-zh", help="中文说明 / what it is, Chinese")]
AboutEn = Annotated[str | None, typer.Option("--about-en", help="英文说明 / what it is, English")]
Search = Annotated[
    str | None,
    typer.Option("--search", help="检索页地址问号后的部分，如 start=free&sort=newest / the search"),
]
_NAMES: Final = ("title_zh", "title_en", "about_zh", "about_en", "search")


def board_commands(read_settings: ReadSettings) -> typer.Typer:
    """The commands `list`, `add`, `change` and `remove`; a running service follows by itself."""
    app = typer.Typer(no_args_is_help=True, help="专栏 / boards: saved searches with a title")
    _add_list(app, read_settings)
    _add_add(app, read_settings)
    _add_change(app, read_settings)
    _add_remove(app, read_settings)
    return app


def _add_list(app: typer.Typer, read_settings: ReadSettings) -> None:
    @app.command("list")
    def list_all(ctx: typer.Context, *, as_json: AsJson = False) -> None:
        """列出专栏。 / List the boards.

        例 example: board list
        """

        def work() -> tuple[list[BoardEntry], str]:
            file = boards_in_use(read_settings(ctx.obj))
            return list(read_entries(file)), str(file)

        _run(work, as_json=as_json)


def _add_add(app: typer.Typer, read_settings: ReadSettings) -> None:
    @app.command()
    def add(  # noqa: PLR0913 - parameters are options
        ctx: typer.Context,
        board: BoardId,
        *,
        title_zh: TitleZh = None,
        title_en: TitleEn = None,
        about_zh: AboutZh = None,
        about_en: AboutEn = None,
        search: Search = None,
        as_json: AsJson = False,
    ) -> None:
        """增加专栏；五项都要写。 / Add a board; all five options are needed.

        例 example: board add sensors --title-zh 传感器 --title-en Sensors --about-zh 传感器专利
        --about-en "Patents on sensors" --search "q=传感器&sort=newest"
        """
        given = _given(title_zh, title_en, about_zh, about_en, search)

        def change(entries: list[BoardEntry]) -> list[BoardEntry]:
            if any(one.id == board for one in entries):
                raise BoardExists(f"专栏 {board} 已存在 / the board {board} exists")
            return [*entries, read_entry({"id": board} | given)]

        _run(lambda: _changed(read_settings(ctx.obj), change), as_json=as_json)


def _add_change(app: typer.Typer, read_settings: ReadSettings) -> None:
    @app.command()
    def change(  # noqa: PLR0913 - parameters are options
        ctx: typer.Context,
        board: BoardId,
        *,
        title_zh: TitleZh = None,
        title_en: TitleEn = None,
        about_zh: AboutZh = None,
        about_en: AboutEn = None,
        search: Search = None,
        as_json: AsJson = False,
    ) -> None:
        """更改专栏；没写的项不变。 / Change a board; what is not given stays.

        例 example: board change sensors --search "q=传感器&fee_mode=free"
        """
        given = _given(title_zh, title_en, about_zh, about_en, search)

        def changed(entries: list[BoardEntry]) -> list[BoardEntry]:
            _refuse_unknown(entries, board)
            return [
                read_entry(one.model_dump() | given) if one.id == board else one for one in entries
            ]

        _run(lambda: _changed(read_settings(ctx.obj), changed), as_json=as_json)


def _add_remove(app: typer.Typer, read_settings: ReadSettings) -> None:
    @app.command()
    def remove(ctx: typer.Context, board: BoardId, *, as_json: AsJson = False) -> None:
        """去掉专栏。 / Remove a board.

        例 example: board remove sensors
        """

        def removed(entries: list[BoardEntry]) -> list[BoardEntry]:
            _refuse_unknown(entries, board)
            return [one for one in entries if one.id != board]

        _run(lambda: _changed(read_settings(ctx.obj), removed), as_json=as_json)


def _given(*values: str | None) -> dict[str, Any]:
    return {name: value for name, value in zip(_NAMES, values, strict=True) if value is not None}


def _refuse_unknown(entries: list[BoardEntry], board: str) -> None:
    if all(one.id != board for one in entries):
        raise NoSuchBoardId(f"没有专栏 {board} / there is no board {board}")


def _changed(
    settings: PlatformSettings, change: Callable[[list[BoardEntry]], list[BoardEntry]]
) -> tuple[list[BoardEntry], str]:
    change_boards(settings, change)
    file = boards_in_use(settings)
    return list(read_entries(file)), str(file)


def _run(work: Callable[[], tuple[list[BoardEntry], str]], *, as_json: bool) -> None:
    output = Output(as_json)
    try:
        entries, file = work()
    except DomainError as refusal:
        output.refuse(refusal)
    lines = [f"{one.id}  {one.title_zh} / {one.title_en}\n  {one.search}" for one in entries]
    facts = {"file": file, "boards": [one.model_dump() for one in entries]}
    output.show(facts, text="\n".join([*lines, f"文件 file: {file}"]))
