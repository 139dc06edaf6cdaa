"""Log entries: every kind survives writing, unknown ones stay whole, and bad ones are refused."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared_schema.entry_parts import (
    ListingReference,
    Names,
    NodeKey,
    NodeScope,
    Notice,
    OfferDecision,
)
from shared_schema.log_entry import (
    ENTRY_KINDS,
    MAX_ENTRY_BYTES,
    AnyLogEntry,
    ConflictDecided,
    EntryInvalid,
    HubNotice,
    KeyAdded,
    KeyRevoked,
    ListingOffered,
    ListingResumed,
    ListingSuspended,
    ListingWithdrawn,
    LogEntry,
    LoggedEntry,
    LogKeyChanged,
    LogKeyRetired,
    LogOpened,
    NodeEnrolled,
    NodeResumed,
    NodeRetired,
    NodeSuspended,
    ObjectErased,
    UnknownEntry,
    read_entry,
    write_entry,
)
from shared_schema.merkle import leaf_hash
from shared_schema.signing_key import KeyRefused, SigningKey

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
KEY = SigningKey.from_seed(bytes(range(32))).public
LISTING = UUID("01938a00-0000-7000-8000-000000000001")
OTHER = ListingReference(origin="other-node", listing=UUID(int=7))
HASH = "ab" * 32
NUMBER = "2017106018623"
SAID: dict[str, Any] = {"statement_hash": HASH, "object_hash": HASH, "key_id": KEY.key_id}
PLACE: dict[str, Any] = {"at": AT, "origin": "sz-centre", "listing": LISTING, "version": 3}
RULED = OfferDecision(rule="DEC-20", second_pair=True)
NODE_KEY = NodeKey.of(KEY, use="statement", not_after=AT)

OFFERED = ListingOffered(
    **PLACE, **SAID, application_number=NUMBER, standing="primary", decision=RULED
)
ENTRIES: list[LogEntry] = [
    LogOpened(at=AT, federation="gd", log_origin="hub.example/log", log_vkey="name+00+AA"),
    LogKeyChanged(at=AT, replaces="k" * 43, log_vkey="name+00+AA", proof="AAAA"),
    LogKeyRetired(at=AT, key_id="k" * 43),
    OFFERED,
    ListingOffered(
        **PLACE,
        **SAID,
        application_number=NUMBER,
        prev_statement_hash=HASH,
        standing="also_offered",
        primary=OTHER,
        decision=RULED,
    ),
    ListingWithdrawn(**PLACE, **SAID, by="origin"),
    ListingWithdrawn(**PLACE, by="hub", reason="right_lapsed", application_number=NUMBER),
    ListingSuspended(**PLACE, by="hub", reason="court_order"),
    ListingResumed(**PLACE, **SAID, by="origin", reason="dispute_settled"),
    ConflictDecided(
        at=AT,
        application_number=NUMBER,
        primary=ListingReference(origin="sz-centre", listing=LISTING),
        others=(OTHER,),
        rule="earliest_declaration",
        decision="primary_chosen",
    ),
    NodeEnrolled(
        at=AT,
        node="sz-centre",
        names=Names(zh="深圳中心", en="Shenzhen Centre"),
        keys=(NODE_KEY,),
        scope=NodeScope(regions=("440300",), kinds=("licence-declaration",)),
    ),
    KeyAdded(at=AT, node="sz-centre", key=NODE_KEY, change="eyJhIjoxfQ=="),
    KeyRevoked(at=AT, node="sz-centre", key_id=KEY.key_id, reason="compromised"),
    KeyRevoked(
        at=AT,
        node="sz-centre",
        key_id=KEY.key_id,
        reason="rotated",
        by="origin",
        change="eyJhIjoxfQ==",
        suspect_from=AT,
    ),
    NodeSuspended(at=AT, node="sz-centre", reason="maintenance"),
    NodeResumed(at=AT, node="sz-centre"),
    NodeRetired(at=AT, node="sz-centre", reason="merged"),
    ObjectErased(at=AT, object_hash=HASH, reason="personal_data", listing=OTHER),
    HubNotice(at=AT, code="maintenance", notice=Notice(zh="维护", en="Maintenance")),
]


def members_of(entry: LogEntry) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(write_entry(entry))
    return members


def as_bytes(members: dict[str, Any]) -> bytes:
    return json.dumps(members).encode()


@pytest.mark.parametrize(
    "entry", ENTRIES, ids=[f"{place} {entry.kind}" for place, entry in enumerate(ENTRIES)]
)
def test_every_kind_survives_writing_and_reading(entry: LogEntry) -> None:
    raw = write_entry(entry)

    assert read_entry(raw) == entry
    assert write_entry(entry) == raw
    assert TypeAdapter(AnyLogEntry).validate_json(raw) == entry


def test_every_kind_has_an_example_here() -> None:
    assert {entry.kind for entry in ENTRIES} == set(ENTRY_KINDS)


def test_an_entry_is_written_compact_and_sorted() -> None:
    raw = write_entry(NodeRetired(at=AT, node="sz-centre", reason="merged"))

    assert raw == (
        b'{"at":"2026-11-22T08:00:00Z","kind":"node_retired",'
        b'"node":"sz-centre","reason":"merged","v":1}'
    )


def test_members_this_version_does_not_know_are_kept() -> None:
    raw = as_bytes(members_of(OFFERED) | {"colour": ["red", None], "shape": None})

    entry = read_entry(raw)

    assert isinstance(entry, ListingOffered)
    assert entry.model_extra == {"colour": ["red", None], "shape": None}
    assert json.loads(write_entry(entry)).items() >= entry.model_extra.items()


def test_members_kept_inside_parts_survive_too() -> None:
    members = members_of(OFFERED)
    members["decision"]["committee"] = "board-2"

    entry = read_entry(as_bytes(members))

    assert not isinstance(entry, UnknownEntry)
    assert json.loads(write_entry(entry))["decision"]["committee"] == "board-2"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "need_offered"}, "kind"),
        ({"v": 2}, "version"),
        ({"crit": ["colour"]}, "critical_member"),
        ({"crit": ["colour", "origin"], "standing": "some new one"}, "critical_member"),
    ],
    ids=["kind", "version", "critical member", "critical member explains a new value"],
)
def test_an_entry_for_newer_readers_stays_whole(change: dict[str, Any], why: str) -> None:
    raw = as_bytes(members_of(OFFERED) | change)

    entry = read_entry(raw)

    assert isinstance(entry, UnknownEntry)
    assert entry.why == why
    assert write_entry(entry) == raw
    assert LoggedEntry.read(9, raw).leaf == leaf_hash(raw)


def test_a_critical_member_that_is_known_changes_nothing() -> None:
    raw = as_bytes(members_of(OFFERED) | {"crit": ["standing"]})

    assert isinstance(read_entry(raw), ListingOffered)


def test_the_leaf_is_hashed_over_the_bytes_as_they_came() -> None:
    raw = json.dumps(members_of(OFFERED), indent=2).encode()

    logged = LoggedEntry.read(4, raw)

    assert logged.entry == OFFERED
    assert logged.leaf == leaf_hash(raw) != leaf_hash(write_entry(OFFERED))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json.syntax"),
        (b"[]", "entry.object"),
        (b'{"v":1}', "entry.kind"),
        (b'{"v":1,"kind":7}', "entry.kind"),
        (b'{"kind":"hub_notice"}', "entry.version"),
        (b'{"kind":"hub_notice","v":true}', "entry.version"),
        (b'{"kind":"hub_notice","v":"1"}', "entry.version"),
        (b'{"kind":"hub_notice","v":0}', "entry.version"),
        (b'{"kind":"hub_notice","v":1.0}', "json.float"),
        (b'{"kind":"hub_notice","v":1,"v":1}', "json.duplicate_key"),
        (b'{"kind":"hub_notice","v":1}', "entry.members"),
        (b'{"kind":"hub_notice","v":1,"crit":"x"}', "entry.members"),
        (b'{"kind":"' + b"x" * MAX_ENTRY_BYTES + b'"}', "json.size"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bytes_that_are_no_entry_say_why(raw: bytes, code: str) -> None:
    with pytest.raises(EntryInvalid) as refused:
        read_entry(raw)

    assert refused.value.code == code


def test_wrong_members_are_pointed_at() -> None:
    members = members_of(OFFERED) | {"application_number": "2017106018624", "version": "3"}

    with pytest.raises(EntryInvalid) as refused:
        read_entry(as_bytes(members))

    pointers = {error.pointer for error in refused.value.errors}
    assert {"/application_number", "/version"} <= pointers


@pytest.mark.parametrize(
    "change",
    [
        {"standing": "also_offered"},
        {"primary": {"origin": "other-node", "listing": str(LISTING)}},
        {"decision": {"rule": "DEC-20", "second_pair": 1}},
        {"statement_hash": "AB" * 32},
        {"at": "2026-11-22T08:00:00+08:00"},
        {"at": "2026-11-22T8:00:00Z"},
        {"version": 0},
        {"version": True},
        {"crit": ["origin"] * 33},
        {"listing": str(LISTING).upper()},
        {"origin": "Not A Node"},
    ],
    ids=str,
)
def test_an_offer_with_a_wrong_member_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EntryInvalid):
        read_entry(as_bytes(members_of(OFFERED) | change))


@pytest.mark.parametrize(
    "circumstances",
    [
        {"by": "origin"},
        {"by": "origin", **SAID, "object_hash": None},
        {"by": "hub"},
        {"by": "hub", "reason": "court_order", **SAID},
        {"by": "hub", "reason": "court_order", "prev_statement_hash": HASH},
        {"by": "somebody", **SAID},
    ],
    ids=["no statement", "no object", "no reason", "a statement", "a previous one", "somebody"],
)
def test_the_node_signs_and_the_hub_gives_its_reason(circumstances: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ListingWithdrawn(**PLACE, **circumstances)


def test_a_listing_stands_once_in_a_decision() -> None:
    with pytest.raises(ValidationError):
        ConflictDecided(
            at=AT,
            application_number=NUMBER,
            primary=OTHER,
            others=(OTHER,),
            rule="earliest_declaration",
            decision="primary_chosen",
        )


def test_a_key_under_another_keys_name_is_refused() -> None:
    other = SigningKey.from_seed(bytes(range(1, 33))).public

    with pytest.raises(ValidationError):
        NodeKey(
            key_id=other.key_id, algorithm="ed25519", public_key=KEY.to_jwk()["x"], use="statement"
        )


def test_a_key_of_an_algorithm_to_come_is_kept_and_cannot_verify() -> None:
    key = NodeKey(key_id="A" * 43, algorithm="sm2", public_key="B" * 86, use="statement")

    with pytest.raises(KeyRefused):
        key.verifier()


def test_a_key_verifies_what_its_owner_signed() -> None:
    signing = SigningKey.from_seed(bytes(range(32)))

    NODE_KEY.verifier().verify(signing.sign(b"words"), b"words")


def test_an_entry_too_long_for_a_bundle_is_not_written() -> None:
    entry = OFFERED.model_copy(update={"x_more": ["y" * 1000] * 66})

    with pytest.raises(EntryInvalid) as refused:
        write_entry(entry)

    assert refused.value.code == "json.size"


@pytest.mark.parametrize("value", [1.5, "\ud800", "\x00", 10**18], ids=repr)
def test_what_readers_would_refuse_is_not_written(value: object) -> None:
    entry = OFFERED.model_copy(update={"x_more": value})

    with pytest.raises(EntryInvalid):
        write_entry(entry)


@given(st.binary(max_size=200))
def test_random_bytes_give_only_a_typed_refusal(raw: bytes) -> None:
    with pytest.raises(EntryInvalid):
        read_entry(raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.sampled_from(ENTRIES), st.data())
def test_any_member_changed_to_anything_is_read_or_refused(
    entry: LogEntry, data: st.DataObject
) -> None:
    members = members_of(entry)
    members[data.draw(st.sampled_from(sorted(members)))] = data.draw(json_values)

    try:
        read = read_entry(as_bytes(members))
    except EntryInvalid:
        return
    assert read_entry(write_entry(read)) == read
