"""The key directory: what counted at which place of the log, and what may not be folded in."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.entry_parts import KeyUse, Names, NodeKey, NodeScope
from shared_schema.key_change import KeyChange, sign_change
from shared_schema.key_directory import (
    DirectoryConflict,
    DirectoryEntry,
    KeyDirectory,
    KeyNotActive,
    KeyUnknown,
    NodeNotActive,
)
from shared_schema.log_entry import (
    KeyAdded,
    KeyRevoked,
    ListingWithdrawn,
    NodeEnrolled,
    NodeResumed,
    NodeRetired,
    NodeSuspended,
)
from shared_schema.problem import ProblemType
from shared_schema.signing_key import SigningKey
from shared_schema.strict_base64 import encode_base64

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def private(number: int) -> SigningKey:
    return SigningKey.from_seed(bytes([number]) * 32)


def a_key(number: int, use: KeyUse = "statement") -> NodeKey:
    return NodeKey.of(private(number).public, use=use, not_after=AT + timedelta(days=700))


OLD, NEW, COSIGN = a_key(1), a_key(2), a_key(3, "cosigner")
PRIVATE = {a_key(number).key_id: private(number) for number in range(1, 8)}


def enrolled(node: str = "sz-centre", *keys: NodeKey) -> NodeEnrolled:
    return NodeEnrolled(
        at=AT,
        node=node,
        names=Names(zh="深圳中心", en="Shenzhen Centre"),
        keys=keys or (OLD, COSIGN),
        scope=NodeScope(regions=("440300",), kinds=("licence-declaration",)),
    )


def folded(*entries: tuple[int, DirectoryEntry]) -> KeyDirectory:
    directory = KeyDirectory()
    for serial, entry in entries:
        directory = directory.applied(serial, entry)
    return directory


def added(key: NodeKey, node: str = "sz-centre", *, by: NodeKey = OLD, **changes: Any) -> KeyAdded:
    """The entry of a key that `by` signed in."""
    members = {"node": node, "action": "add", "key": key, "authorised_by": by.key_id}
    change = KeyChange(**members | {"reason": "rotated", "issued_at": AT} | changes)
    signers = dict.fromkeys([by.key_id, key.key_id])
    signed = sign_change(change, [PRIVATE[name] for name in signers])
    return KeyAdded(at=AT, node=node, key=key, change=encode_base64(signed.raw))


def revoked(key: NodeKey, node: str = "sz-centre") -> KeyRevoked:
    return KeyRevoked(at=AT, node=node, key_id=key.key_id, reason="rotated")


def ended(by: KeyAdded, key: NodeKey) -> KeyRevoked:
    """The entry that claims to be the end of the overlap that another entry began."""
    return KeyRevoked(
        at=AT,
        node="sz-centre",
        key_id=key.key_id,
        reason="rotated",
        by="origin",
        change=by.change,
    )


def suspended() -> NodeSuspended:
    return NodeSuspended(at=AT, node="sz-centre", reason="investigation")


def resumed() -> NodeResumed:
    return NodeResumed(at=AT, node="sz-centre")


def retired() -> NodeRetired:
    return NodeRetired(at=AT, node="sz-centre", reason="merged")


def active(directory: KeyDirectory, key: NodeKey, serials: range) -> list[int]:
    found = []
    for serial in serials:
        try:
            directory.key_at(key.key_id, serial)
        except KeyNotActive:
            continue
        found.append(serial)
    return found


def test_a_rotation_overlaps_and_ends_by_serial() -> None:
    directory = folded((2, enrolled()), (5, added(NEW)), (8, revoked(OLD)))

    assert active(directory, OLD, range(12)) == [2, 3, 4, 5, 6, 7]
    assert active(directory, NEW, range(12)) == [5, 6, 7, 8, 9, 10, 11]


def test_the_end_of_an_overlap_counts_even_if_its_signer_was_revoked_meanwhile() -> None:
    rotation = added(NEW, by=OLD)
    cosigner = a_key(6, "cosigner")
    handover = added(cosigner, by=OLD, replaces=COSIGN.key_id, overlap_until=AT)
    directory = folded(
        (1, enrolled()),
        (2, rotation),
        (3, handover),
        (4, revoked(OLD)),
        (5, ended(handover, COSIGN)),
    )

    assert active(directory, COSIGN, range(8)) == [1, 2, 3, 4]
    assert active(directory, cosigner, range(8)) == [3, 4, 5, 6, 7]


def test_a_suspended_nodes_keys_do_not_count_until_it_is_resumed() -> None:
    directory = folded((1, enrolled()), (3, suspended()), (5, resumed()), (7, retired()))

    assert active(directory, OLD, range(10)) == [1, 2, 5, 6]
    assert [directory.nodes["sz-centre"].state_at(serial) for serial in range(8)] == [
        None,
        "active",
        "active",
        "suspended",
        "suspended",
        "active",
        "active",
        "retired",
    ]


def test_each_reason_for_not_counting_has_its_code_and_problem() -> None:
    directory = folded((1, enrolled()), (3, revoked(OLD)), (4, suspended()))

    cases = [
        (NEW.key_id, 2, KeyUnknown, "key.unknown", ProblemType.NODE_UNKNOWN),
        (OLD.key_id, 0, KeyUnknown, "key.unknown", ProblemType.NODE_UNKNOWN),
        (OLD.key_id, 3, KeyNotActive, "key.revoked", ProblemType.KEY_REVOKED),
        (COSIGN.key_id, 4, NodeNotActive, "key.node_suspended", ProblemType.NODE_SUSPENDED),
    ]
    for key_id, serial, refusal, code, problem in cases:
        with pytest.raises(refusal) as refused:
            directory.key_at(key_id, serial)
        assert (refused.value.code, refused.value.problem) == (code, problem)


def test_a_key_counts_only_for_its_use() -> None:
    directory = folded((1, enrolled()))

    assert directory.key_at(COSIGN.key_id, 1, use="cosigner").node == "sz-centre"
    with pytest.raises(KeyNotActive) as refused:
        directory.key_at(COSIGN.key_id, 1, use="statement")
    assert refused.value.code == "key.wrong_use"


def test_a_nodes_keys_are_listed_as_they_counted() -> None:
    directory = folded((2, enrolled()), (5, added(NEW)), (8, revoked(OLD)))

    at = {
        serial: [found.key for found in directory.keys_of("sz-centre", serial, use="statement")]
        for serial in (1, 2, 6, 8)
    }

    assert at == {1: [], 2: [OLD], 6: [OLD, NEW], 8: [NEW]}


def test_a_node_is_found_where_it_is_active() -> None:
    directory = folded((2, enrolled()), (4, suspended()))

    assert directory.node_at("sz-centre", 3).enrolled_at == 2
    with pytest.raises(KeyUnknown):
        directory.node_at("sz-centre", 1)
    with pytest.raises(KeyUnknown):
        directory.node_at("unheard-of", 3)
    with pytest.raises(NodeNotActive) as refused:
        directory.node_at("sz-centre", 4)
    assert refused.value.code == "node.suspended"


def test_other_entries_leave_the_very_same_directory() -> None:
    directory = folded((1, enrolled()))
    withdrawal = ListingWithdrawn(
        at=AT, origin="sz-centre", listing=UUID(int=1), version=1, by="hub", reason="right_lapsed"
    )

    assert directory.applied(2, withdrawal) is directory


def test_an_earlier_directory_is_not_changed_by_a_later_entry() -> None:
    before = folded((1, enrolled()))
    copy = before.to_bytes()

    before.applied(2, added(NEW))
    before.applied(2, suspended())
    before.applied(2, revoked(OLD))

    assert before.to_bytes() == copy


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([(1, enrolled()), (1, added(NEW))], "directory.order"),
        ([(1, enrolled()), (2, enrolled("sz-centre", NEW))], "directory.node_known"),
        ([(1, enrolled()), (2, enrolled("gz-centre", OLD))], "directory.key_known"),
        ([(1, enrolled()), (2, added(OLD))], "directory.key_known"),
        ([(1, enrolled()), (2, revoked(OLD)), (3, added(OLD))], "directory.key_known"),
        ([(1, enrolled()), (2, revoked(OLD)), (3, added(NEW))], "directory.change"),
        ([(1, enrolled()), (2, added(NEW, by=COSIGN))], "directory.change"),
        (
            [(1, enrolled()), (2, enrolled("gz-centre", a_key(4))), (3, added(NEW, by=a_key(4)))],
            "directory.change",
        ),
        (
            [
                (1, enrolled()),
                (2, added(NEW).model_copy(update={"key": a_key(5)})),
            ],
            "directory.change_differs",
        ),
        ([(1, enrolled()), (2, ended(added(NEW), OLD))], "directory.change"),
        (
            [(1, enrolled()), (2, added(NEW)), (3, ended(added(NEW), OLD))],
            "directory.change_differs",
        ),
        ([(1, enrolled()), (2, revoked(OLD)), (3, revoked(OLD))], "directory.key_revoked"),
        ([(1, enrolled()), (2, revoked(NEW))], "directory.key_unknown"),
        ([(1, enrolled()), (2, revoked(OLD, "gz-centre"))], "directory.key_unknown"),
        ([(1, added(NEW))], "directory.node_unknown"),
        ([(1, suspended())], "directory.node_unknown"),
        ([(1, enrolled()), (2, resumed())], "directory.node_state"),
        ([(1, enrolled()), (2, suspended()), (3, suspended())], "directory.node_state"),
        ([(1, enrolled()), (2, retired()), (3, resumed())], "directory.node_unknown"),
        ([(1, enrolled()), (2, retired()), (3, added(NEW))], "directory.node_unknown"),
    ],
)
def test_an_entry_that_contradicts_the_directory_is_refused(
    entries: list[tuple[int, DirectoryEntry]], code: str
) -> None:
    directory = folded(*entries[:-1])

    with pytest.raises(DirectoryConflict) as refused:
        directory.applied(*entries[-1])

    assert refused.value.code == code


def test_a_directory_survives_storing() -> None:
    directory = folded((2, enrolled()), (5, added(NEW)), (8, revoked(OLD)), (9, suspended()))

    assert KeyDirectory.from_bytes(directory.to_bytes()) == directory


@pytest.mark.parametrize(
    "change",
    [
        (b'"sz-centre":{', b'"gz-centre":{'),
        (b'"node":"sz-centre","key"', b'"node":"gz-centre","key"'),
        (b'"states":[[1,"active"]]', b'"states":[]'),
    ],
    ids=["renamed node", "key of nobody", "node without state"],
)
def test_a_directory_whose_names_do_not_agree_is_refused(change: tuple[bytes, bytes]) -> None:
    stored = folded((1, enrolled())).to_bytes()
    assert change[0] in stored

    with pytest.raises(DirectoryConflict):
        KeyDirectory.from_bytes(stored.replace(*change))


@given(st.binary(max_size=200))
def test_random_bytes_give_only_a_typed_refusal(raw: bytes) -> None:
    with pytest.raises(DirectoryConflict):
        KeyDirectory.from_bytes(b"\xff" + raw)


EVENTS = [enrolled(), added(NEW), revoked(OLD), revoked(NEW), suspended(), resumed(), retired()]


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_later_entries_never_change_what_counted_earlier(events: list[DirectoryEntry]) -> None:
    directory, seen = KeyDirectory(), []
    for serial, entry in enumerate(events):
        with suppress(DirectoryConflict):
            directory = directory.applied(serial, entry)
        seen.append([active(directory, key, range(serial, serial + 1)) for key in (OLD, NEW)])

    now = [
        [active(directory, key, range(serial, serial + 1)) for key in (OLD, NEW)]
        for serial in range(len(events))
    ]
    assert now == seen
