"""Every attack of a source on a reader: refused, and not a row of the copy changed.

Afterwards the honest log is followed on as if nothing had been.
"""

import pytest
from sqlalchemy import select

from shared_platform.catalogue.tables import catalogue_listing, quarantined_entry
from shared_platform.database.engine import Database
from shared_schema.log_refusal import LogRefused
from tests.attacks.attack import Family
from tests.attacks.entry_attacks import ENTRY_ATTACKS
from tests.attacks.log_attacks import (
    CHECKPOINT_ATTACKS,
    GROWTH_ATTACKS,
    PAGE_ATTACKS,
    a_federation,
    grow,
)
from tests.shared_platform.catalogue_copies import digest, empty, follow, make_tables, quarantined

ATTACKS = (*CHECKPOINT_ATTACKS, *PAGE_ATTACKS, *GROWTH_ATTACKS)
MIDDLE = 3  # entries in a page, so that a page in the middle needs a proof


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


async def test_every_attack_is_refused_by_its_own_code_and_changes_nothing(copy: Database) -> None:
    federation = a_federation()
    await follow(copy, federation.hub)
    known = federation.hub.note(), await digest(copy)
    grow(federation)

    for attack in ATTACKS:
        page = MIDDLE if attack.family is Family.GROWTH else 1_000
        for way, source in attack.ways.items():
            with pytest.raises(LogRefused) as refused:
                await follow(copy, federation.hub, source=source(federation), page=page)
            assert attack.is_met_by(refused.value), (attack.name, way, refused.value.errors)
            assert await digest(copy) == known[1], (attack.name, way)

    report = await follow(copy, federation.hub)
    assert report.root == federation.hub.range.root()
    assert await quarantined(copy) == {}


async def shown(copy: Database) -> list[tuple[object, ...]]:
    """The whole catalogue as readers see it."""
    async with copy.sessions() as session:
        found = await session.execute(
            select(catalogue_listing).order_by(catalogue_listing.c.listing)
        )
        return [tuple(row) for row in found]


async def set_aside(copy: Database) -> list[str]:
    """The codes of the quarantine, with what tells their cases apart."""
    async with copy.sessions() as session:
        found = await session.execute(select(quarantined_entry.c.code, quarantined_entry.c.detail))
        return [" ".join([row.code, *row.detail.split()[-1:]]) for row in found]


async def test_every_lie_in_the_log_is_set_aside_by_its_own_code_and_changes_no_listing(
    copy: Database,
) -> None:
    for attack in ENTRY_ATTACKS:
        for way, lie in attack.ways.items():
            federation = a_federation(listings=1)
            steps = lie(federation)
            next(steps)
            await empty(copy)
            await follow(copy, federation.hub)
            before = await shown(copy)
            assert next(steps, None) is None

            report = await follow(copy, federation.hub)

            (code,) = await set_aside(copy)
            assert attack.code in {code, code.split()[0]}, (attack.name, way, code)
            assert await shown(copy) == before, (attack.name, way)
            assert report.root == federation.hub.range.root()
