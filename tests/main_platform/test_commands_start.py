"""`kaixu-hub` before it does anything: fast, light, and with an example for every command."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from main_platform.__main__ import app, commands
from main_platform.commands import (
    alarms,
    anchor,
    audit,
    board,
    erase,
    held,
    init,
    issue,
    listing,
    log,
    log_key,
    node,
    node_key,
    nodes,
    portal_key,
    quota,
    review,
    search,
    serve,
    snapshot,
    staff,
    verify,
    withdraw,
    worker,
)

HEAVY = {"fastapi", "sqlalchemy", "asyncpg", "uvicorn", "httpx", "pydantic", "alembic", "uvloop"}
SINGLE = {
    "init": init.app,
    "serve": serve.app,
    "worker": worker.app,
    "anchor": anchor.app,
    "verify": verify.app,
    "withdraw": withdraw.app,
    "alarms": alarms.app,
    "listing": listing.app,
    "node": node.app,
    "quota": quota.app,
    "snapshot": snapshot.app,
}
GROUPS = {
    "nodes": nodes.app,
    "review": review.app,
    "staff": staff.app,
    "erase": erase.app,
    "held": held.app,
    "log": log.app,
    "log-key": log_key.app,
    "node-key": node_key.app,
    "portal-key": portal_key.app,
    "audit": audit.app,
    "search": search.app,
    "board": board.app,
    "issue": issue.app,
}
ONLY_TEXT = {"serve", "worker", "audit export"}  # the last writes a file of lines
IN_A_NAME = {
    "nodes",
    "review",
    "withdraw",
    "alarms",
    "erase",
    "issue",
    "held",
    "listing",
    "log",
    "log-key",
    "node",
    "node-key",
    "quota",
}
CONSOLE = {"log restored", "issue list", "issue show", "issue verify"}


def every_command() -> Iterator[tuple[str, typer.Typer, list[str]]]:
    for name, single in SINGLE.items():
        yield name, single, []
    for name, group in GROUPS.items():
        for command in group.registered_commands:
            assert command.callback is not None
            inner = command.name or command.callback.__name__
            yield f"{name} {inner}", group, [inner]


EVERY = list(every_command())


def loaded_by(statement: str) -> set[str]:
    """The heavy packages that a fresh interpreter has imported after the statement."""
    code = f"{statement}\nimport sys\nprint(*[n for n in sys.modules if '.' not in n])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return HEAVY & set(done.stdout.split())


def test_help_imports_no_web_framework_and_no_database() -> None:
    assert loaded_by("import main_platform.__main__") == set()


def test_a_heavy_import_would_be_seen() -> None:
    assert loaded_by("import main_platform.commands.anchor") >= {"fastapi", "sqlalchemy"}


def test_the_help_lists_the_commands() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "main_platform", "--help"], capture_output=True, check=True
    ).stdout

    assert b"review" in shown


def test_every_command_is_listed_and_can_be_loaded() -> None:
    assert {one.name for one in commands()} == SINGLE.keys() | GROUPS.keys()


@pytest.mark.parametrize(("name", "own", "arguments"), EVERY, ids=[one[0] for one in EVERY])
def test_every_command_shows_an_example(name: str, own: typer.Typer, arguments: list[str]) -> None:
    shown = CliRunner().invoke(own, [*arguments, "--help"]).output

    assert "例 example:" in shown
    assert ("--json" in shown) != (name in ONLY_TEXT)


@pytest.mark.parametrize(("name", "own", "arguments"), EVERY, ids=[one[0] for one in EVERY])
def test_every_command_that_decides_asks_in_whose_name(
    name: str, own: typer.Typer, arguments: list[str]
) -> None:
    shown = CliRunner().invoke(own, [*arguments, "--help"]).output

    assert ("--as" in shown) == (name.split(maxsplit=1)[0] in IN_A_NAME and name not in CONSOLE)


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["explode"]).exit_code == 2


def test_an_unknown_setting_is_named_before_anything_is_done(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text('listen_prot = 1\ndata_dir = "never"\n', encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "main_platform", "--config", str(file), "anchor"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 1
    assert "listen_port" in done.stderr
    assert not (tmp_path / "never").exists()
