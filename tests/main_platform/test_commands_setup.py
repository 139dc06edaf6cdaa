"""`kaixu-hub init`, `anchor`, `verify`, `staff`, `portal-key`, on a database with real commits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from main_platform.catalogue.hub_key import KEY_FILE
from shared_platform.audit.trail import Subject, records_of
from shared_platform.database.engine import Database
from shared_platform.sign_in.accounts import list_accounts
from shared_platform.sign_in.tokens import authenticate
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import SystemClock
from tests.main_platform.hub_console import Console, a_console

FIRST = ("--staff", "li.na:administrator", "--staff", "wang.wei:node_registrar,examiner")


@pytest.fixture
def console(
    hub_committed: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Console]:
    yield from a_console(hub_committed, tmp_path / "hub", monkeypatch)


async def test_init_makes_all_that_a_hub_needs(console: Console, hub_committed: Database) -> None:
    said = await console.ask("init", *FIRST)

    anchor = FederationAnchor.read((console.data_dir / "anchor.json").read_bytes())
    assert (said.code, said.facts["log_size"]) == (0, 1)
    assert said.facts["fingerprint"] == anchor.fingerprint()
    assert (console.data_dir / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert console.data_dir.stat().st_mode & 0o077 == 0
    async with hub_committed.sessions() as session:
        token = said.facts["tokens"]["wang.wei"]
        caller = await authenticate(session, token, now=SystemClock().now())
        assert caller.roles == ("examiner", "node_registrar")


async def test_init_again_changes_nothing_and_shows_no_token(console: Console) -> None:
    first = await console.ask("init", *FIRST)
    key = (console.data_dir / KEY_FILE).read_bytes()

    again = await console.ask("init", *FIRST)

    assert again.code == 0
    assert again.facts["tokens"] == {"li.na": None, "wang.wei": None}
    assert again.facts["fingerprint"] == first.facts["fingerprint"]
    assert (console.data_dir / KEY_FILE).read_bytes() == key


async def test_init_tells_people_what_to_do_next(console: Console) -> None:
    said = await console.run("init", *FIRST)

    assert "kaixu-hub serve" in said.out
    assert "只显示这一次 / shown once" in said.out
    assert "kaixu-hub nodes enrolments" in said.out


@pytest.mark.parametrize(
    "staff", ["li.na", "li.na:", ":examiner", "li.na:emperor", "Li Na:auditor"]
)
async def test_an_account_written_wrongly_is_refused(console: Console, staff: str) -> None:
    said = await console.ask("init", "--staff", staff)

    assert (said.code, said.refusal) == (1, "schema_invalid")


async def test_a_lost_key_is_never_replaced_by_a_new_one(console: Console) -> None:
    await console.ask("init")
    (console.data_dir / KEY_FILE).unlink()

    said = await console.ask("init")

    assert (said.code, said.refusal) == (4, "state_conflict")
    assert not (console.data_dir / KEY_FILE).exists()


async def test_another_log_name_is_refused_on_the_same_database(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.ask("init")
    monkeypatch.setenv("KAIXU_HUB_LOG_ORIGIN", "kaixu.example/other")

    said = await console.ask("verify")

    assert (said.code, said.refusal) == (4, "state_conflict")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PUBLIC_BASE_URL", "http://hub.example"), ("LOG_ORIGIN", "two words"), ("FEDERATION", "X")],
)
async def test_settings_that_no_anchor_can_hold_are_named(
    console: Console, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"KAIXU_HUB_{variable}", value)

    said = await console.ask("init")

    assert (said.code, said.refusal) == (1, "schema_invalid")


async def test_the_anchor_command_needs_a_key(console: Console) -> None:
    said = await console.ask("anchor")

    assert (said.code, said.refusal) == (1, "not_found")


async def test_the_anchor_command_writes_the_file_again(console: Console) -> None:
    first = await console.ask("init")
    (console.data_dir / "anchor.json").unlink()

    said = await console.ask("anchor")

    assert said.facts["fingerprint"] == first.facts["fingerprint"]
    assert (console.data_dir / "anchor.json").exists()


async def test_an_unreachable_database_is_worth_another_try(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.ask("init")
    monkeypatch.setenv("KAIXU_HUB_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")

    said = await console.ask("verify")

    assert (said.code, said.refusal) == (3, "maintenance")
    assert "secret" not in said.out + said.err


async def test_tables_that_cannot_be_brought_up_to_date_are_no_reason_to_wait(
    console: Console, empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.ask("init")
    async with empty_database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE node (somebody_elses integer)"))
    url = empty_database.url.set(drivername="postgresql")
    given = url.render_as_string(hide_password=False)
    monkeypatch.setenv("KAIXU_HUB_DATABASE_URL", given)

    said = await console.ask("verify")

    assert (said.code, said.refusal) == (4, "state_conflict")
    assert "node" in said.facts["error"]["detail"]


async def test_verify_says_that_all_entries_hold(console: Console) -> None:
    await console.ask("init")

    said = await console.run("verify")

    assert said.code == 0
    assert "1 entries hold" in said.out


async def test_verify_ends_with_5_when_something_was_changed(
    console: Console, hub_committed: Database
) -> None:
    await console.ask("init")
    async with hub_committed.sessions.begin() as session:
        await session.execute(text("UPDATE log_entry SET kind = 'hub_notice'"))

    said = await console.ask("verify")

    assert said.code == 5
    assert [one["code"] for one in said.facts["violations"]] == ["entry.columns"]


async def test_accounts_are_kept_on_the_console_too(
    console: Console, hub_committed: Database
) -> None:
    await console.ask("init")

    added = await console.ask("staff", "add", "li.na", "--role", "examiner", "--display", "李娜")
    changed = await console.ask("staff", "change", "li.na", "--role", "auditor", "--off")
    token = await console.ask("staff", "token", "li.na")
    revoked = await console.ask("staff", "revoke", "li.na")
    listed = await console.ask("staff", "list")

    assert added.facts["token"] != token.facts["token"]
    assert (changed.facts["roles"], changed.facts["is_active"]) == (["auditor"], False)
    assert revoked.facts["revoked"] == 2
    assert [one["name"] for one in listed.facts["accounts"]] == ["li.na"]
    async with hub_committed.sessions() as session:
        found = await records_of(session, Subject("account", "li.na"))
    assert [one.act for one in found] == [
        "staff_added",
        "invited",
        "staff_changed",
        "token_issued",
        "tokens_revoked",
    ]
    assert {one.actor.partition(":")[0] for one in found} == {"console"}


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (("add", "li.na", "--role", "emperor"), "schema_invalid"),
        (("add", "Li\nNa", "--role", "examiner"), "schema_invalid"),
        (("token", "nobody"), "not_found"),
        (("revoke", "nobody"), "not_found"),
        (("change", "nobody", "--off"), "not_found"),
    ],
    ids=["role", "name", "token", "revoke", "change"],
)
async def test_a_refused_change_leaves_nothing_behind(
    console: Console, hub_committed: Database, arguments: tuple[str, ...], refusal: str
) -> None:
    await console.ask("init")

    said = await console.ask("staff", *arguments)

    assert (said.code, said.refusal) == (1, refusal)
    async with hub_committed.sessions() as session:
        assert await list_accounts(session) == []


async def test_an_empty_list_says_how_to_go_on(console: Console) -> None:
    await console.ask("init")

    said = await console.run("staff", "list")

    assert "add" in said.out


async def test_a_portals_key_is_issued_once_listed_and_revoked(
    console: Console, hub_committed: Database
) -> None:
    await console.ask("init")
    added = await console.ask(
        "portal-key", "add", "city", "--contact", "ops@city.example", "--times", "20"
    )
    twice = await console.ask("portal-key", "add", "city", "--contact", "x")
    listed = await console.ask("portal-key", "list")
    revoked = await console.ask("portal-key", "revoke", "city")
    after = await console.ask("portal-key", "list")

    assert added.facts["key"].startswith("kaixu_portal_")
    assert twice.refusal == "already_exists"
    assert added.facts["key"] not in listed.out
    assert (listed.facts["keys"][0]["times"], listed.facts["keys"][0]["revoked_at"]) == (20, None)
    assert after.facts["keys"][0]["revoked_at"] == revoked.facts["revoked_at"]
    async with hub_committed.sessions() as session:
        records = await records_of(session, Subject("portal_key", "city"))
    assert [one.act for one in records] == ["portal_key_added", "portal_key_revoked"]
    assert all(one.actor.startswith("console:") for one in records)
    assert "city.example" not in str([one.facts for one in records])
