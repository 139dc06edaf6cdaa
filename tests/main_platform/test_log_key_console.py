"""Two administrators change the log's key on the console."""

import asyncio
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.drill.services import eventually
from main_platform.catalogue.checkpoint import LOG_CHANNEL
from main_platform.catalogue.follow_log_key import LogKeyFollowing
from main_platform.catalogue.hub_key import KEY_FILE, NEXT_FILE
from main_platform.catalogue.log_key import LogKey
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from tests.main_platform.hub_builders import ReviewingHub, a_reviewing_hub
from tests.main_platform.hub_console import Console, a_console


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        for name in ("gu.one", "gu.two"):
            await opened.hire(name, "administrator")
        await opened.sequence()
        yield opened


@pytest.fixture
def console(
    hub_committed: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Console]:
    yield from a_console(hub_committed, tmp_path, monkeypatch)


async def test_two_administrators_change_the_key_and_the_anchor_follows_at_the_end(
    hub: ReviewingHub, console: Console
) -> None:
    first = await console.ask("anchor")
    asked = await console.ask("log-key", "rotate", "--as", "gu.one")
    again = await console.ask("log-key", "rotate", "--as", "gu.one")
    alone = await console.ask("log-key", "confirm", asked.facts["proposal"], "--as", "gu.one")
    file = console.data_dir / NEXT_FILE
    private = stat.S_IMODE(file.stat().st_mode)
    await console.ask("log-key", "confirm", asked.facts["proposal"], "--as", "gu.two")
    await hub.sequence()
    during = await console.ask("anchor")
    ending = await console.ask("log-key", "retire", "--as", "gu.two")
    await console.ask("log-key", "confirm", ending.facts["proposal"], "--as", "gu.one")
    await hub.sequence()
    after = await console.ask("anchor")
    told = (await console.ask("log-key", "show", "--as", "gu.one")).facts["keys"]

    assert again.facts == asked.facts
    assert (alone.code, alone.refusal) == (1, "second_person_required")
    assert private == 0o600
    assert during.facts["fingerprint"] == first.facts["fingerprint"]
    assert after.facts["anchor"]["log_vkey"] == asked.facts["log_vkey"]
    assert [(one["counts"], one["is_here"]) for one in told] == [(False, True), (True, True)]


async def test_a_second_change_gives_the_first_new_key_its_lasting_name(
    hub: ReviewingHub, console: Console
) -> None:
    for _ in range(2):
        for step in ("rotate", "retire"):
            asked = await console.ask("log-key", step, "--as", "gu.one")
            await console.ask("log-key", "confirm", asked.facts["proposal"], "--as", "gu.two")
            await hub.sequence()

    names = {one.name for one in (console.data_dir / KEY_FILE).parent.iterdir()}
    keys = (await console.ask("log-key", "show", "--as", "gu.one")).facts["keys"]
    assert names == {KEY_FILE.name, NEXT_FILE.name, f"hub-log-{keys[1]['key_id']}.pem"}


async def test_a_process_that_does_not_sign_the_log_takes_the_new_key_without_a_restart(
    hub: ReviewingHub, console: Console
) -> None:
    first = hub.context.log_key
    first_id = first.key_id
    apart = LogKey(first.key, first.anchor, first.data_dir)  # as `serve` beside a worker has it
    following = LogKeyFollowing(hub.database.sessions, Signals(), apart)
    loop = asyncio.create_task(following.run())

    async def has_moved_on() -> bool:
        return apart.key_id == hub.context.log_key.key_id != first_id

    try:
        for step in ("rotate", "retire"):
            asked = await console.ask("log-key", step, "--as", "gu.one")
            await console.ask("log-key", "confirm", asked.facts["proposal"], "--as", "gu.two")
            await hub.sequence()
            following.signals.wake(LOG_CHANNEL)
        await eventually("the loop has taken the new key", has_moved_on)
    finally:
        loop.cancel()
        await asyncio.wait([loop])

    assert apart.anchor.log_vkey == hub.context.log_key.anchor.log_vkey


async def test_a_stolen_key_ends_at_once_and_hands_nothing_over(
    hub: ReviewingHub, console: Console
) -> None:
    asked = await console.ask("log-key", "rotate", "--stolen", "--as", "gu.one")
    await console.ask("log-key", "confirm", asked.facts["proposal"], "--as", "gu.two")
    await hub.sequence()

    listed = await hub.ask("GET", "/federation/v1/log/handovers")
    after = await console.ask("anchor")

    assert listed.json() == {"handovers": []}
    assert after.facts["anchor"]["log_vkey"] == asked.facts["log_vkey"]


async def test_a_lost_new_key_is_not_confirmed(hub: ReviewingHub, console: Console) -> None:
    asked = await console.ask("log-key", "rotate", "--as", "gu.one")
    (console.data_dir / NEXT_FILE).unlink()

    refused = await console.ask("log-key", "confirm", asked.facts["proposal"], "--as", "gu.two")
    told = await console.ask("log-key", "show", "--as", "gu.one")

    assert refused.code != 0
    assert [one["state"] for one in told.facts["proposals"]] == ["waiting"]
    assert await hub.scalar("SELECT count(*) FROM publish_queue") == 0


async def test_an_examiner_may_not_touch_the_key(hub: ReviewingHub, console: Console) -> None:
    _ = hub
    refused = await console.ask("log-key", "rotate", "--as", "li.hua")

    assert refused.code != 0
    assert not (console.data_dir / NEXT_FILE).exists()
