"""Every lie of a source is refused with its own code, and nothing of it reaches the tables."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared_platform.catalogue.refetch import refetch_missing
from shared_platform.catalogue.sync import SyncBounds, sync_once
from shared_platform.database.engine import Database
from shared_schema.log_page import PageEntry, PageInvalid, write_page
from shared_schema.log_proof import ProofInvalid
from shared_schema.log_refusal import LogRefused
from shared_schema.proof_text import ProofTextInvalid
from shared_schema.signing_key import SigningKey
from shared_schema.sync_refusals import (
    CheckpointRefused,
    ForkDetected,
    PageContradictsLog,
    PageMissing,
    RollbackDetected,
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


def renumbered(page: Page, first: int) -> Page:
    return [replace(entry, serial=first + place) for place, entry in enumerate(page)]


def without_the_second(page: Page) -> Page:
    return renumbered(page[:1] + page[2:], page[0].serial)


def with_a_hole(page: Page) -> Page:
    return page[:1] + page[2:]


def with_two_swapped(page: Page) -> Page:
    return renumbered([page[1], page[0], *page[2:]], page[0].serial)


def backwards(page: Page) -> Page:
    return page[::-1]


def with_another_leaf(page: Page) -> Page:
    changed = page[0].leaf.replace(b'"version":1', b'"version":2')
    return [replace(page[0], leaf=changed), *page[1:]]


def with_one_more(page: Page) -> Page:
    return [*page, replace(page[-1], serial=page[-1].serial + 1)]


def empty_page(page: Page) -> Page:
    return page[:0]


def signed_by_a_stranger(hub: HubLog) -> bytes:
    return hub.note(key=SigningKey.from_seed(b"z" * 32))


def cut(body: bytes) -> bytes:
    return body[: len(body) // 2]


LIES: dict[str, tuple[Callable[[HubLog], Liar], type[LogRefused], str]] = {
    "omits an entry and stops there": (
        lambda hub: Liar(hub, page=lambda page: without_the_second(page)[:2]),
        ProofInvalid,
        "proof.root_mismatch",
    ),
    "omits an entry openly": (
        lambda hub: Liar(hub, page=with_a_hole),
        PageInvalid,
        "page.serial",
    ),
    "reorders": (
        lambda hub: Liar(hub, page=with_two_swapped),
        PageContradictsLog,
        "sync.page_root",
    ),
    "reorders openly": (lambda hub: Liar(hub, page=backwards), PageInvalid, "page.serial"),
    "changes a leaf": (
        lambda hub: Liar(hub, page=with_another_leaf),
        PageContradictsLog,
        "sync.page_root",
    ),
    "adds an entry": (lambda hub: Liar(hub, page=with_one_more), PageInvalid, "page.too_many"),
    "delivers nothing": (lambda hub: Liar(hub, page=empty_page), PageMissing, "sync.page_missing"),
    "rolls back": (
        lambda hub: Liar(hub, note=lambda log: log.note(log.size - 9)),
        RollbackDetected,
        "sync.rollback",
    ),
    "signs with another key": (
        lambda hub: Liar(hub, note=signed_by_a_stranger),
        CheckpointRefused,
        "sync.checkpoint",
    ),
    "signs nothing": (
        lambda hub: Liar(hub, note=lambda _: b"<html>It works</html>"),
        CheckpointRefused,
        "sync.checkpoint",
    ),
    "cuts the page": (lambda hub: Liar(hub, body=cut), PageInvalid, "page.json"),
    "sends an endless page": (
        lambda hub: Liar(hub, body=lambda body: body + b" " * 17_000_000),
        PageInvalid,
        "page.too_large",
    ),
    "sends the first page again": (
        lambda hub: Liar(hub, body=lambda _: write_page(0, hub.page(0, 5), tree_size=hub.size)),
        PageInvalid,
        "page.position",
    ),
}


@pytest.mark.parametrize("name", LIES)
async def test_a_lie_is_refused_by_its_code_and_changes_nothing(
    copy: Database, federation: Federation, name: str
) -> None:
    liar, refusal, code = LIES[name]
    await follow(copy, federation.hub)
    before = await digest(copy)
    hub = grow(federation)

    with pytest.raises(refusal) as refused:
        await follow(copy, hub, source=liar(hub))

    assert refused.value.code == code
    assert await digest(copy) == before


async def test_the_honest_log_is_followed_after_every_lie(
    copy: Database, federation: Federation
) -> None:
    await follow(copy, federation.hub)
    hub = grow(federation)
    for liar, refusal, _ in LIES.values():
        with pytest.raises(refusal):
            await follow(copy, hub, source=liar(hub))

    report = await follow(copy, hub)

    assert report.root == hub.range.root()
    assert await quarantined(copy) == {}


async def test_a_fork_of_the_same_size_is_detected(copy: Database) -> None:
    ours, theirs = Federation(), Federation()
    for federation, number in ((ours, a_number(1)), (theirs, a_number(2))):
        federation.offer(federation.enrol("gz-exchange"), number)
    await follow(copy, ours.hub)
    before = await digest(copy)

    with pytest.raises(ForkDetected):
        await follow(copy, theirs.hub)

    assert await digest(copy) == before


async def test_a_fork_that_grew_is_detected_by_its_root(copy: Database) -> None:
    ours, theirs = Federation(), Federation()
    for federation, number in ((ours, a_number(1)), (theirs, a_number(2))):
        federation.offer(federation.enrol("gz-exchange"), number)
    await follow(copy, ours.hub)
    before = await digest(copy)
    grow(theirs)

    with pytest.raises(PageContradictsLog):
        await follow(copy, theirs.hub)

    assert await digest(copy) == before


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


@pytest.mark.parametrize(
    ("proof", "refusal"),
    [
        (lambda proof: proof[45:], ProofInvalid),
        (lambda proof: proof[45:] + proof[:45], ProofInvalid),
        (lambda _: b"", ProofInvalid),
        (lambda _: b"not base64\n", ProofTextInvalid),
    ],
    ids=["short", "rotated", "empty", "no proof"],
)
async def test_a_page_in_the_middle_needs_a_proof(
    copy: Database,
    federation: Federation,
    proof: Callable[[bytes], bytes],
    refusal: type[LogRefused],
) -> None:
    with pytest.raises(refusal):
        await follow(copy, federation.hub, source=Liar(federation.hub, proof=proof), page=3)

    assert (await follow(copy, federation.hub, page=3)).size == federation.hub.size


async def test_a_reordered_page_in_the_middle_is_refused(
    copy: Database, federation: Federation
) -> None:
    with pytest.raises(ProofInvalid):
        await follow(
            copy, federation.hub, source=Liar(federation.hub, page=with_two_swapped), page=3
        )


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
