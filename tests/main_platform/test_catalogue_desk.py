"""Catalogue managers see the log, what is held, and freeze issues."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import text

from main_platform.application import build_hub_app
from main_platform.console.catalogue_words import ERRATUM_FIELDS
from main_platform.monthly_issue.errata import ErratumField
from shared_platform.database.engine import Database
from tests.main_platform.desk_browsers import DeskBrowser, a_browser
from tests.main_platform.hub_builders import ReviewingHub, a_number, a_reviewing_hub
from tests.main_platform.hub_places import OpenHub

PATH = "/console/catalogue"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def desk(hub: ReviewingHub) -> OpenHub:
    return OpenHub(hub.context, hub.clock, build_hub_app(hub.context), hub.ids)


@pytest.fixture
async def manager(desk: OpenHub) -> DeskBrowser:
    return await a_browser(desk, "sun.lei")


async def test_an_issue_is_frozen_after_a_page_that_says_it_is_for_ever(
    hub: ReviewingHub, manager: DeskBrowser
) -> None:
    node = await hub.admit("gz-centre")
    await hub.publish(await node.recommend(a_number(1)))
    before = await manager.get(f"{PATH}?lang=en")

    wrong = await manager.fill(f"{PATH}/freeze", month="2026-13")
    done = await manager.fill(f"{PATH}/freeze", month="2026-10")
    again = await manager.fill(f"{PATH}/freeze", month="2026-10")
    after = await manager.get(f"{PATH}?lang=en")

    assert "1 published listings" in before.text
    assert (wrong.status, again.status) == (422, 422)
    assert "KX-2026-10" in done.texts("//h1")[0]
    assert "KX-2026-10 is frozen" in after.text
    assert [*before.untranslated(), *after.untranslated()] == []


async def test_what_is_held_is_seen_where_the_log_is_and_where_the_listing_is(
    hub: ReviewingHub, manager: DeskBrowser
) -> None:
    node = await hub.admit("gz-centre")
    listing = await node.recommend(a_number(1))
    await hub.sequence()
    await hub.approve(listing)
    move = (
        "WITH moved AS (DELETE FROM publish_queue RETURNING *) INSERT INTO held_entry"
        " (id, priority, listing, leaf, envelope, subject_kind, subject, queued_at, code,"
        " detail, held_at) SELECT id, priority, listing, leaf, envelope, subject_kind, subject,"
        " queued_at, 'entry.key_revoked', '密钥已吊销 / the key was revoked', queued_at"
        " FROM moved RETURNING id"
    )
    async with hub.database.sessions.begin() as session:
        from_queue = await session.execute(text(move))
        held = from_queue.scalar_one()

    seen = await manager.get(f"{PATH}?lang=en")
    where = await manager.get(f"/console/listings/{listing.id}?lang=en")

    assert "entry.key_revoked" in seen.text
    assert "must release or discard" in where.text
    assert f"/console/held-entries/{held}?lang=en" in seen.links()


async def test_readers_see_it_and_change_nothing(desk: OpenHub) -> None:
    reader = await a_browser(desk, "audit")

    assert (await reader.get(PATH)).status == 200
    assert (await reader.get(f"{PATH}/freeze")).status == 403


def test_every_item_that_errata_correct_has_words() -> None:
    assert set(ERRATUM_FIELDS) == set(get_args(ErratumField))
