"""The program `kaixu-node`: every command explains itself, and help costs little."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from subplatform.__main__ import _COMMANDS, app

NAMES = [command.name for command in _COMMANDS]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "subplatform", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])

    assert shown.exit_code == 0, shown.output
    assert f"kaixu-node {name}" in shown.output


def test_help_imports_no_web_framework_and_no_database() -> None:
    code = (
        "import sys, subplatform.__main__ as m\n"
        "try:\n    m.app(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'fastapi', 'sqlalchemy', 'asyncpg', 'pydantic', 'httpx'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


def test_a_command_without_keys_says_what_to_do_first(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAIXU_NODE_DATA_DIR", str(tmp_path))

    done = run("status")

    assert done.returncode == 1
    assert "init" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_setting_is_named_with_the_one_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIXU_NODE_LISTEN_PROT", "1")

    done = run("status")

    assert done.returncode == 1
    assert "listen_port" in done.stderr
