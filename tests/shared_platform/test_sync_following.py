"""A copy follows the log: page by page, each in one transaction, the same as the hub's."""

import pytest
from sqlalchemy import select

from shared_platform.catalogue.sync import sync_once
from shared_platform.catalogue.tables import CATALOGUE, catalogue_listing
from shared_platform.database.engine import Database
from tests.shared_platform.hub_log_peer import Federation, a_number


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(CATALOGUE.create_all)
    return empty_database


async def test_a_fresh_copy_reaches_the_signed_size_and_root(copy: Database) -> None:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    for serial in range(5):
        federation.offer(node, a_number(serial))

    report = await sync_once(
        copy.sessions, federation.hub, federation.hub.anchor, now=federation.hub.now
    )

    assert (report.applied, report.quarantined, report.stopped) == (7, 0, None)
    assert report.root == federation.hub.range.root()
    async with copy.sessions() as session:
        states = (await session.scalars(select(catalogue_listing.c.state))).all()
    assert states == ["published"] * 5
