"""Lies of a source that take more than one step; those of one step are in tests/attacks."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared_platform.catalogue.refetch import refetch_missing
from shared_platform.catalogue.sync import SyncBounds, sync_once
from shared_platform.database.engine import Database
from shared_schema.log_fork import ForkEvidence, ForkVerdict, judge_fork
from shared_schema.log_page import PageEntry
from shared_schema.sync_refusals import (
    CheckpointRefused,
    ForkDetected,
    PageContradictsLog,
)
from tests.shared_platform.catalogue_copies import digest, empty, follow, make_tables, quarantined
from tests.shared_platform.hub_log_peer import Federation, HubLog, Liar, a_number


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


@pytest.fixture
def federation() -> Federation:
    federation = Federation()
    node = federation.enrol("gz-exchange")
    for serial in range(6):
        federation.offer(node, a_number(serial))
    return federation


def grow(federation: Federation, count: int = 5) -> HubLog:
    for serial in range(count):
        federation.offer("gz-exchange", a_number(100 + serial))
    return federation.hub


Page = list[PageEntry]


async def test_a_fork_that_grew_is_shown_by_its_own_proof(copy: Database) -> None:
    ours, theirs = Federation(), Federation()
    for federation, number in ((ours, a_number(1)), (theirs, a_number(2))):
        federation.offer(federation.enrol("gz-exchange"), number)
    await follow(copy, ours.hub)
    before = await digest(copy)
    grow(theirs)

    with pytest.raises(ForkDetected) as refused:
        await follow(copy, theirs.hub)

    assert await digest(copy) == before
    assert refused.value.note is not None
    assert refused.value.proof is not None
    evidence = ForkEvidence.of(ours.hub.note(), refused.value.note, proof=refused.value.proof)
    assert judge_fork(evidence, ours.hub.anchor).verdict is ForkVerdict.TWO_PASTS


async def test_wrong_entries_under_an_honest_checkpoint_are_no_fork(
    copy: Database, federation: Federation
) -> None:
    await follow(copy, federation.hub)
    grow(federation)

    with pytest.raises(PageContradictsLog):
        await follow(copy, federation.hub, source=Liar(federation.hub, page=turned_round))


def turned_round(page: Page) -> Page:
    leaves = [one.leaf for one in reversed(page)]
    return [replace(one, leaf=leaf) for one, leaf in zip(page, leaves, strict=True)]


async def test_a_fork_is_detected_before_the_first_checkpoint_is_reached(copy: Database) -> None:
    """Half of a log was applied; what the rest was to be is already signed."""
    ours, theirs = Federation(), Federation()
    for federation in (ours, theirs):
        node = federation.enrol("gz-exchange")
        for serial in range(4):
            federation.offer(node, a_number(serial))
    ours.offer("gz-exchange", a_number(50))
    theirs.offer("gz-exchange", a_number(60))
    half = SyncBounds(page_entries=3, pages=1)
    await sync_once(copy.sessions, ours.hub, ours.hub.anchor, now=ours.hub.now, bounds=half)
    grow(theirs)
    before = await digest(copy)

    with pytest.raises(ForkDetected):
        await follow(copy, theirs.hub)

    assert await digest(copy) == before


async def test_another_federations_log_is_refused(copy: Database, federation: Federation) -> None:
    with pytest.raises(CheckpointRefused):
        await follow(copy, federation.hub, source=Federation(seed=2).hub)


def with_a_swapped_body(page: Page) -> Page:
    return [*page[:-1], replace(page[-1], object_bytes=page[2].object_bytes or b"{}")]


def without_the_last_body(page: Page) -> Page:
    return [*page[:-1], replace(page[-1], object_bytes=None)]


@pytest.mark.parametrize(
    ("lie", "code"),
    [(with_a_swapped_body, "object_mismatch"), (without_the_last_body, "object_missing")],
)
async def test_a_wrong_body_hides_only_its_own_terms_until_the_right_one_comes(
    copy: Database, federation: Federation, lie: Callable[[Page], Page], code: str
) -> None:
    hub = federation.hub
    report = await follow(copy, hub, source=Liar(hub, page=lie))
    assert report.quarantined == 1
    assert await quarantined(copy) == {hub.size - 1: code}

    found = await refetch_missing(copy.sessions, hub)

    assert found == 1
    assert await quarantined(copy) == {}
    healed = await digest(copy)
    await empty(copy)
    await follow(copy, hub)
    assert await digest(copy) == healed


async def test_asking_a_liar_again_changes_nothing(copy: Database, federation: Federation) -> None:
    hub = federation.hub
    withholding = Liar(hub, page=without_the_last_body)
    await follow(copy, hub, source=withholding)
    before = await digest(copy)

    found = await refetch_missing(copy.sessions, withholding)

    assert found == 0
    assert await digest(copy) == before
