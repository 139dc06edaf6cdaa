"""Settings: where they come from, what is refused, what may be shown."""

from pathlib import Path

import pytest
from pydantic import Field, PositiveInt, ValidationError

from shared_platform.settings import (
    MASK,
    PlatformSettings,
    SettingsInvalid,
    load_settings,
    settings_table,
    shown_settings,
)


class TownSettings(PlatformSettings, frozen=True, env_prefix="KAIXU_TOWN_"):
    """Settings of a service in these tests."""

    backlog_limit: PositiveInt = Field(5, description="Statements that may wait.")


def a_file(folder: Path, text: str) -> Path:
    file = folder / "town.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_file_and_environment_the_defaults_hold() -> None:
    settings = load_settings(TownSettings)

    assert (settings.listen_host, settings.backlog_limit) == ("127.0.0.1", 5)
    assert settings.max_header_fields == 100


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_file(tmp_path, 'listen_port = 9000\nbacklog_limit = 7\ntoday = "2024-05-01"')
    monkeypatch.setenv("KAIXU_TOWN_BACKLOG_LIMIT", "9")

    settings = load_settings(TownSettings, file=file)

    assert (settings.listen_port, settings.backlog_limit) == (9000, 9)
    assert str(settings.today) == "2024-05-01"


def test_settings_cannot_be_changed_afterwards() -> None:
    settings = load_settings(TownSettings)

    with pytest.raises(ValidationError):
        settings.listen_port = 1  # type: ignore[misc]


def test_an_unknown_key_of_the_file_is_an_error_with_the_likely_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(TownSettings, file=a_file(tmp_path, "listen_prot = 1"))

    assert refused.value.errors[0].pointer == "/listen_prot"
    assert "listen_port" in refused.value.errors[0].message


def test_an_unknown_variable_with_our_prefix_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIXU_TOWN_BACKLOG", "1")

    with pytest.raises(SettingsInvalid) as refused:
        load_settings(TownSettings)

    assert refused.value.errors[0].pointer == "KAIXU_TOWN_BACKLOG"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LISTEN_PORT", "70000"),
        ("DATABASE_URL", "mysql://u:s3cret@db/x"),
        ("PUBLIC_BASE_URL", "https://user:s3cret@host"),
        ("PUBLIC_BASE_URL", "hub.example"),
        ("REQUEST_SECONDS", "0"),
        ("LOG_LEVEL", "loud"),
        ("TODAY", "yesterday"),
    ],
    ids=["port", "database", "user-in-url", "no-scheme", "zero", "level", "day"],
)
def test_a_wrong_value_is_named_without_being_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"KAIXU_TOWN_{name}", value)

    with pytest.raises(SettingsInvalid) as refused:
        load_settings(TownSettings)

    [error] = refused.value.errors
    assert error.pointer == f"KAIXU_TOWN_{name}"
    assert "s3cret" not in str(refused.value) + error.message


def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid):
        load_settings(TownSettings, file=tmp_path / "absent.toml")
    with pytest.raises(SettingsInvalid):
        load_settings(TownSettings, file=a_file(tmp_path, "not = = toml"))


def test_what_is_shown_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIXU_TOWN_DATABASE_URL", "postgresql://kaixu:s3cret@db/hub")

    shown = shown_settings(load_settings(TownSettings))

    assert shown["database_url"] == MASK
    assert "s3cret" not in str(shown) + repr(load_settings(TownSettings))


def test_the_table_for_the_manual_has_a_row_with_a_meaning_for_every_setting() -> None:
    rows = settings_table(TownSettings).splitlines()[2:]

    assert len(rows) == len(TownSettings.model_fields)
    assert "| `KAIXU_TOWN_BACKLOG_LIMIT` | `5` | Statements that may wait. |" in rows
    assert not [row for row in rows if row.endswith("|  |")]


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({"public_base_url": "https://hub.example/"}, "https://hub.example"),
        ({"listen_host": "127.0.0.1", "listen_port": 8801}, "http://127.0.0.1:8801"),
        ({"listen_host": "::1", "listen_port": 8801}, "http://[::1]:8801"),
    ],
    ids=["public", "v4", "v6"],
)
def test_the_base_url_is_the_public_address_or_the_one_listened_on(
    values: dict[str, object], address: str
) -> None:
    assert TownSettings.model_validate(values).base_url == address
