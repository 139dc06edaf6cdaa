"""Commands that are imported only when they run."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shared_platform.lazy_commands import LazyCommand, lazy_commands

MODULE = "lazy_command_of_this_test"
SOURCE = """
import typer

app = typer.Typer()


@app.command()
def greet(ctx: typer.Context, name: str, loud: bool = False) -> None:
    \"\"\"Greet somebody.\"\"\"
    print(f"{ctx.obj} {name}{'!' if loud else ''}")
"""


@pytest.fixture(autouse=True)
def command_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / f"{MODULE}.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop(MODULE, None)


def run(*arguments: str) -> Result:
    app = lazy_commands("tool", LazyCommand("greet", MODULE, "问候 / greet"), about="工具 / a tool")
    return CliRunner().invoke(app, list(arguments))


def test_help_lists_the_command_without_importing_it() -> None:
    shown = run("--help")

    assert "问候 / greet" in shown.output
    assert MODULE not in sys.modules


def test_a_command_gets_its_own_arguments_and_options() -> None:
    assert run("greet", "李娜", "--loud").output == "None 李娜!\n"


def test_a_command_shows_its_own_help() -> None:
    shown = run("greet", "--help")

    assert "Greet somebody." in shown.output
    assert "tool greet" in shown.output


def test_the_settings_file_is_handed_on(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("", encoding="utf-8")

    assert run("--config", str(file), "greet", "x").output.strip().endswith(f"{file.name} x")


def test_a_settings_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    assert run("--config", str(tmp_path / "none.toml"), "greet", "x").exit_code == 2


def test_a_missing_argument_is_a_usage_error() -> None:
    assert run("greet").exit_code == 2


def test_no_command_at_all_shows_the_help() -> None:
    assert "greet" in run().output
