"""Boards that staff add, change and remove on the command line; running services follow."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from shared_platform.public_pages.board_commands import board_commands
from shared_platform.public_pages.boards_file import LiveBoards
from shared_platform.settings import PlatformSettings

WORDS = ("--title-zh", "传感器", "--title-en", "Sensors", "--about-zh", "甲", "--about-en", "A")


def run(settings: PlatformSettings, *arguments: str) -> tuple[int, dict[str, Any]]:
    app = board_commands(lambda _: settings)
    done = CliRunner().invoke(app, [*arguments, "--json"])
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def settings(tmp_path: Path) -> PlatformSettings:
    return PlatformSettings(data_dir=tmp_path)


def test_a_board_is_added_changed_and_removed_while_the_service_runs(
    settings: PlatformSettings,
) -> None:
    live = LiveBoards(settings)
    before = [board.id for board in live()]

    added = run(settings, "add", "sensors", *WORDS, "--search", "q=传感器&fee_mode=free")
    shown = live()[-1]
    changed = run(settings, "change", "sensors", "--title-zh", '"量具"')
    renamed = live()[-1]
    removed = run(settings, "remove", "sensors")

    assert (added[0], changed[0], removed[0]) == (0, 0, 0)
    assert (shown.id, shown.search.q, shown.search.fee_mode) == ("sensors", "传感器", ["free"])
    assert (renamed.title.zh, renamed.title.en) == ('"量具"', "Sensors")
    assert [board.id for board in live()] == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "free", *WORDS, "--search", "q=1"), "already_exists"),
        (("add", "other", *WORDS, "--search", "colour=red"), "schema_invalid"),
        (("add", "other", *WORDS), "schema_invalid"),
        (("change", "nowhere", "--title-zh", "甲"), "not_found"),
        (("remove", "nowhere"), "not_found"),
    ],
)
def test_what_is_refused_changes_nothing(
    settings: PlatformSettings, arguments: tuple[str, ...], code: str
) -> None:
    status, facts = run(settings, *arguments)

    assert (status != 0, facts["error"]["code"]) == (True, code)
    assert not (settings.data_dir / "boards.toml").exists()


def test_a_file_that_somebody_broke_leaves_the_boards_as_they_were(
    settings: PlatformSettings,
) -> None:
    run(settings, "remove", "free")
    live = LiveBoards(settings)
    before = live()

    (settings.data_dir / "boards.toml").write_text("[[board]]\nid = 1\n", encoding="utf-8")

    assert live() == before
