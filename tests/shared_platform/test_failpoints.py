import ast
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from main_platform.settings import HubSettings
from shared_platform.failpoint import POINTS, FailpointReached, Trap, arm, failpoint
from shared_platform.settings import SettingsInvalid, load_settings
from subplatform.settings import NodeSettings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("shared_platform", "main_platform", "subplatform")


@pytest.fixture
def disarmed() -> Iterator[None]:
    yield
    arm(None, postmaster=lambda: None)


def calls_in(source: str) -> list[str]:
    called = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        argument.value
        for call in called
        if isinstance(call.func, ast.Name) and call.func.id.startswith("failpoint")
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


def test_every_registered_point_is_in_the_source_and_the_other_way_round() -> None:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]

    called = {name for file in files for name in calls_in(file.read_text(encoding="utf-8"))}

    assert called == set(POINTS)


def test_an_unarmed_point_does_nothing() -> None:
    for name in POINTS:
        failpoint(name)


@pytest.mark.usefixtures("disarmed")
def test_an_armed_point_acts_once_at_the_named_time() -> None:
    arm("push.leased:2:raise", postmaster=lambda: None)

    failpoint("push.leased")
    failpoint("push.sending")
    with pytest.raises(FailpointReached, match=r"push\.leased"):
        failpoint("push.leased")
    failpoint("push.leased")


def test_a_point_kills_its_own_process_without_a_word() -> None:
    code = (
        "from shared_platform.failpoint import arm, failpoint\n"
        "arm('pull.moved:1:kill', postmaster=lambda: None)\n"
        "try:\n    failpoint('pull.moved')\nfinally:\n    print('alive')\n"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert ended.returncode == -signal.SIGKILL
    assert b"alive" not in ended.stdout


@pytest.mark.usefixtures("disarmed")
def test_a_point_kills_the_database_it_was_told_of() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        arm("pull.moved:1:kill_postgres", postmaster=lambda: victim.pid)

        failpoint("pull.moved")

        assert victim.wait(30) == -signal.SIGKILL


@pytest.mark.parametrize("text", ["push.leased", "push.leased:0:kill", "no.such:1:kill", "a:1:b"])
def test_a_trap_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="name:nth:action"):
        Trap.read(text)


@pytest.mark.parametrize("kind", [HubSettings, NodeSettings])
@pytest.mark.parametrize(
    ("name", "value"), [("FAILPOINT", "push.leased:1:kill"), ("CLOCK_OFFSET_SECONDS", "600")]
)
def test_a_service_starts_with_a_fault_only_where_it_is_told_that_this_is_a_drill(
    monkeypatch: pytest.MonkeyPatch,
    kind: type[HubSettings] | type[NodeSettings],
    name: str,
    value: str,
) -> None:
    prefix = str(kind.model_config["env_prefix"])
    monkeypatch.setenv(prefix + name, value)

    with pytest.raises(SettingsInvalid) as refused:
        load_settings(kind)
    monkeypatch.setenv(prefix + "DRILL", "true")
    settings = load_settings(kind)

    assert [error.pointer for error in refused.value.errors] == [prefix + name]
    assert settings.drill
