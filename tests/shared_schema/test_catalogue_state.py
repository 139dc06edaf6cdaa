"""The reducer: every state meets every kind of entry, and standings follow decisions."""

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from shared_schema.catalogue_state import (
    TRANSITIONS,
    ListingHead,
    ListingState,
    Standing,
    Terms,
    advance,
    is_change,
    listings_named,
)
from shared_schema.entry_check import QuarantineCode, check_order
from shared_schema.entry_parts import ListingReference, OfferDecision
from shared_schema.instants import parse_instant
from shared_schema.log_entry import (
    ENTRY_KINDS,
    ConflictDecided,
    HubNotice,
    ListingOffered,
    ListingResumed,
    ListingSuspended,
    ListingWithdrawn,
    LogEntry,
    LogOpened,
    ObjectErased,
    UnknownEntry,
)
from tests.shared_schema.offers import INVENTION, UTILITY_MODEL, a_declaration

AT = parse_instant("2026-11-20T02:00:00Z")
LATER = parse_instant("2026-11-21T02:00:00Z")
LISTING = UUID("019a0000-0000-7000-8000-000000000001")
OTHER = UUID("019a0000-0000-7000-8000-000000000002")
KEY = "k" * 43
HASHES = {version: f"{version:064x}" for version in range(1, 9)}
OBJECTS = {version: f"{version + 100:064x}" for version in range(1, 9)}
TERMS = Terms(a_declaration())
CHANGES: dict[str, type[ListingWithdrawn | ListingSuspended | ListingResumed]] = {
    "listing_withdrawn": ListingWithdrawn,
    "listing_suspended": ListingSuspended,
    "listing_resumed": ListingResumed,
}


def a_head(state: ListingState = ListingState.PUBLISHED, **changes: object) -> ListingHead:
    head = ListingHead(
        origin="gz-exchange",
        listing=LISTING,
        application_number=INVENTION,
        version=1,
        state=state,
        standing=Standing.PRIMARY,
        primary=None,
        first_serial=5,
        serial=5,
        approved_at=AT,
        statement_hash=HASHES[1],
        object_hash=OBJECTS[1],
        key_id=KEY,
        reason_code=None,
        terms_object=OBJECTS[1],
        terms=TERMS,
    )
    return replace(head, **changes)  # type: ignore[arg-type]


def offered(version: int = 1, **changes: object) -> ListingOffered:
    members: dict[str, object] = {
        "at": LATER,
        "origin": "gz-exchange",
        "listing": LISTING,
        "version": version,
        "application_number": INVENTION,
        "statement_hash": HASHES[version],
        "object_hash": OBJECTS[version],
        "prev_statement_hash": HASHES.get(version - 1),
        "key_id": KEY,
        "standing": "primary",
        "decision": OfferDecision(rule="examined", second_pair=False),
    }
    return ListingOffered.model_validate(members | changes)


def changed(kind: str, version: int = 2, *, by: str = "origin", **changes: object) -> LogEntry:
    members: dict[str, object] = {
        "at": LATER,
        "origin": "gz-exchange",
        "listing": LISTING,
        "version": version,
        "by": by,
        "reason": "holder_wish",
    }
    if by == "origin":
        members |= {
            "statement_hash": HASHES[version],
            "object_hash": OBJECTS[version],
            "prev_statement_hash": HASHES[version - 1],
            "key_id": KEY,
        }
    return CHANGES[kind].model_validate(members | changes)


def decided(primary: UUID, *others: UUID, number: str = INVENTION) -> ConflictDecided:
    def named(listing: UUID) -> ListingReference:
        return ListingReference(origin="gz-exchange", listing=listing)

    return ConflictDecided(
        at=LATER,
        application_number=number,
        primary=named(primary),
        others=tuple(map(named, others)),
        rule="lowest_serial",
        decision="equal_terms",
    )


def erased(object_hash: str) -> ObjectErased:
    return ObjectErased(at=LATER, object_hash=object_hash, reason="personal_data")


# State before × entry of the listing's node → state after, or why the entry is set aside.
MEETINGS: dict[tuple[ListingState | None, str], ListingState | QuarantineCode] = {
    (None, "listing_offered"): ListingState.PUBLISHED,
    (None, "listing_withdrawn"): QuarantineCode.LISTING_UNKNOWN,
    (None, "listing_suspended"): QuarantineCode.LISTING_UNKNOWN,
    (None, "listing_resumed"): QuarantineCode.LISTING_UNKNOWN,
    (ListingState.PUBLISHED, "listing_offered"): ListingState.PUBLISHED,
    (ListingState.PUBLISHED, "listing_withdrawn"): ListingState.WITHDRAWN,
    (ListingState.PUBLISHED, "listing_suspended"): ListingState.SUSPENDED,
    (ListingState.PUBLISHED, "listing_resumed"): ListingState.PUBLISHED,
    (ListingState.SUSPENDED, "listing_offered"): ListingState.PUBLISHED,
    (ListingState.SUSPENDED, "listing_withdrawn"): ListingState.WITHDRAWN,
    (ListingState.SUSPENDED, "listing_suspended"): ListingState.SUSPENDED,
    (ListingState.SUSPENDED, "listing_resumed"): ListingState.PUBLISHED,
    (ListingState.WITHDRAWN, "listing_offered"): QuarantineCode.TOMBSTONED,
    (ListingState.WITHDRAWN, "listing_withdrawn"): QuarantineCode.TOMBSTONED,
    (ListingState.WITHDRAWN, "listing_suspended"): QuarantineCode.TOMBSTONED,
    (ListingState.WITHDRAWN, "listing_resumed"): QuarantineCode.TOMBSTONED,
}


@pytest.mark.parametrize("by", ["origin", "hub"])
@pytest.mark.parametrize(("before", "kind"), list(MEETINGS), ids=str)
def test_every_state_meets_every_change_as_the_table_says(
    before: ListingState | None, kind: str, by: str
) -> None:
    head = None if before is None else a_head(before)
    entry: LogEntry
    if kind == "listing_offered":
        entry = offered(1 if head is None else 2)
    else:
        entry = changed(kind, 2 if by == "origin" else 1, by=by)

    broken = check_order(entry, head)
    after = None if broken else advance(head, entry, serial=9, terms=TERMS)

    expected = MEETINGS[before, kind]
    assert (broken.code if broken else after and after.state) == expected


def test_the_table_has_every_pair_of_state_and_listing_kind() -> None:
    kinds = [kind for kind in ENTRY_KINDS if kind.startswith("listing_")]
    states = [None, *ListingState]

    assert set(MEETINGS) == set(product(states, kinds))
    good = {pair for pair, after in MEETINGS.items() if isinstance(after, ListingState)}
    assert set(TRANSITIONS) == good


@pytest.mark.parametrize("state", list(ListingState))
def test_an_entry_that_says_nothing_of_a_listing_leaves_it_alone(state: ListingState) -> None:
    head = a_head(state)
    others: list[LogEntry] = [
        LogOpened(at=AT, federation="example.gd", log_origin="l", log_vkey="v"),
        HubNotice.model_validate({"at": AT, "code": "works", "notice": {"zh": "维护", "en": "W"}}),
        decided(OTHER),
        erased(OBJECTS[2]),
    ]

    for entry in others:
        assert advance(head, entry, serial=9) is head
        assert not is_change(entry)
        assert check_order(entry, head) is None


def test_an_offer_starts_a_head_with_its_terms() -> None:
    head = advance(None, offered(), serial=7, terms=TERMS)

    assert head == a_head(first_serial=7, serial=7, approved_at=LATER)


def test_the_next_version_keeps_the_first_serial_and_replaces_everything_else() -> None:
    newer = Terms(a_declaration(period={"end": "2030-12-31"}))

    head = advance(a_head(reason_code="old"), offered(2), serial=9, terms=newer)

    assert head == a_head(
        version=2,
        serial=9,
        approved_at=LATER,
        statement_hash=HASHES[2],
        object_hash=OBJECTS[2],
        terms_object=OBJECTS[2],
        terms=newer,
    )


def test_a_nodes_withdrawal_moves_the_chain_on_and_keeps_the_terms() -> None:
    head = advance(a_head(), changed("listing_withdrawn"), serial=9)

    assert head == a_head(
        ListingState.WITHDRAWN,
        version=2,
        serial=9,
        statement_hash=HASHES[2],
        object_hash=OBJECTS[2],
        reason_code="holder_wish",
    )


def test_the_hubs_withdrawal_needs_no_statement_and_leaves_the_chain() -> None:
    entry = changed("listing_withdrawn", 1, by="hub", reason="patent_lapsed")

    head = advance(a_head(), entry, serial=9)

    assert head == a_head(ListingState.WITHDRAWN, serial=9, reason_code="patent_lapsed")


def test_the_hub_may_withdraw_an_older_version_but_not_one_that_does_not_exist() -> None:
    head = a_head(version=3)

    assert check_order(changed("listing_withdrawn", 1, by="hub"), head) is None
    broken = check_order(changed("listing_withdrawn", 4, by="hub"), head)
    assert broken is not None
    assert broken.code == QuarantineCode.VERSION_UNKNOWN


def test_a_decision_sets_one_primary_and_the_others_beside_it() -> None:
    entry = decided(OTHER, LISTING)
    other = a_head(listing=OTHER, standing=Standing.ALSO_OFFERED, primary=LISTING)

    beside, primary = (advance(head, entry, serial=9) for head in (a_head(), other))

    assert beside == a_head(standing=Standing.ALSO_OFFERED, primary=OTHER, serial=9)
    assert primary == a_head(listing=OTHER, serial=9)
    assert listings_named(entry) == (OTHER, LISTING)


def test_a_decision_about_another_patent_changes_nothing() -> None:
    head = a_head()

    assert advance(head, decided(OTHER, LISTING, number=UTILITY_MODEL), serial=9) is head


@pytest.mark.parametrize("entry", [decided(LISTING), changed("listing_withdrawn")])
def test_an_unknown_listing_stays_unknown(entry: LogEntry) -> None:
    assert advance(None, entry, serial=9) is None


def test_erasing_standing_terms_withdraws_the_offer() -> None:
    head = advance(a_head(), erased(OBJECTS[1]), serial=9)

    assert head == a_head(
        ListingState.WITHDRAWN,
        serial=9,
        reason_code="personal_data",
        terms_object=None,
        terms=Terms(),
    )


def test_erasing_a_tombstones_terms_keeps_its_reason() -> None:
    tombstone = a_head(ListingState.WITHDRAWN, reason_code="holder_wish")

    head = advance(tombstone, erased(OBJECTS[1]), serial=9)

    assert head == replace(tombstone, serial=9, terms_object=None, terms=Terms())


def test_an_unknown_entry_names_no_listing() -> None:
    entry = UnknownEntry(b"{}", "moon_phase", "kind", {})

    assert listings_named(entry) == ()
    assert check_order(entry, a_head()) is None
