"""A restored log takes back only what its own key has signed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_schema.checkpoint import Checkpoint
from shared_schema.log_page import PageEntry, PageInvalid, write_page
from shared_schema.merkle import CompactRange, leaf_hash
from shared_schema.recovery_page import (
    LeafHashes,
    Past,
    RecoveryInvalid,
    RecoveryPage,
    add_past,
    has_other_past,
    prove_recovery,
    read_recovery,
    write_recovery,
)

NOTE = b"origin\n1\nAAAA\n\n\xe2\x80\x94 origin AAAAAAAA\n"


def leaves(size: int) -> list[bytes]:
    return [f"entry {serial}".encode() for serial in range(size)]


def range_of(size: int) -> CompactRange:
    return CompactRange().extend(map(leaf_hash, leaves(size)))[0]


def signed(size: int) -> Checkpoint:
    return Checkpoint("origin", size, range_of(size).root())


def sent(first: int, end: int, size: int, *, lost_from: int) -> RecoveryPage:
    """Entries `first` to `end - 1` of a log of `size`, as a node that is asked from `lost_from`."""
    rest = LeafHashes(lost_from, [leaf_hash(leaf) for leaf in leaves(size)[lost_from:]])
    entries = [PageEntry(serial, leaves(size)[serial]) for serial in range(first, end)]
    page = write_page(first, entries, tree_size=size)
    return read_recovery(write_recovery(page, checkpoint=NOTE, rest=rest.rest_after(end)))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_pages_of_any_bounds_bring_back_any_tree(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    held = data.draw(st.integers(0, size - 1))
    before, grown = held, range_of(held)

    while before < size:
        end = data.draw(st.integers(before + 1, size))
        first = data.draw(st.integers(max(0, before - 3), before))
        page = sent(first, end, size, lost_from=held)
        lost = prove_recovery(page, signed(size), before=grown)
        assert [entry.serial for entry in lost] == list(range(before, end))
        grown, _ = grown.extend(leaf_hash(entry.leaf) for entry in lost)
        before = end

    assert grown == range_of(size)


def test_a_page_of_what_is_there_is_a_harmless_repeat() -> None:
    assert prove_recovery(sent(2, 5, 9, lost_from=2), signed(9), before=range_of(6)) == ()


@given(st.integers(0, 8), st.integers(0, 255))
def test_one_changed_byte_anywhere_is_refused(place: int, flip: int) -> None:
    page = sent(3, 6, 13, lost_from=3)
    entries = list(page.page.entries)
    changed = list(page.rest)
    target = place % (len(entries) + len(changed))
    if target < len(entries):
        raw = entries[target].leaf
        entries[target] = PageEntry(entries[target].serial, raw + bytes([flip]))
    else:
        at = target - len(entries)
        changed[at] = leaf_hash(changed[at] + bytes([flip]))
    forged = type(page.page)(page.page.first, page.page.next, 13, tuple(entries))

    with pytest.raises(RecoveryInvalid) as refused:
        prove_recovery(RecoveryPage(NOTE, forged, tuple(changed)), signed(13), before=range_of(3))

    assert refused.value.code == "recovery.root"


@pytest.mark.parametrize(
    ("page", "size", "code"),
    [
        pytest.param(sent(5, 7, 9, lost_from=3), 9, "recovery.gap", id="a gap"),
        pytest.param(sent(3, 9, 9, lost_from=3), 8, "recovery.beyond", id="beyond"),
        pytest.param(sent(3, 5, 9, lost_from=3), 8, "recovery.root", id="another size"),
        pytest.param(
            RecoveryPage(NOTE, sent(3, 5, 9, lost_from=3).page, ()),
            9,
            "recovery.root",
            id="no rest",
        ),
    ],
)
def test_what_does_not_lead_to_the_signed_root_is_refused(
    page: RecoveryPage, size: int, code: str
) -> None:
    with pytest.raises(RecoveryInvalid) as refused:
        prove_recovery(page, signed(size), before=range_of(3))

    assert refused.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"page":{"from":0},"checkpoint":1,"rest":[]}',
        b'{"page":{"from":"0"},"checkpoint":"","rest":[]}',
        b'{"page":{"from":0,"next":0,"tree_size":0,"entries":[]},"checkpoint":"","rest":["AA=="]}',
        b'{"page":{"from":0,"next":1,"tree_size":1,"entries":[1]},"checkpoint":"","rest":[]}',
    ],
    ids=["empty", "array", "nothing", "note", "from", "hash", "entry"],
)
def test_a_malformed_page_is_a_typed_refusal(raw: bytes) -> None:
    with pytest.raises((RecoveryInvalid, PageInvalid)):
        read_recovery(raw)


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 200), st.data())
def test_a_log_that_began_otherwise_proves_so_and_no_other_does(
    size: int, data: st.DataObject
) -> None:
    held = data.draw(st.integers(1, size - 1))
    whole = LeafHashes(0, [leaf_hash(leaf) for leaf in leaves(size)])
    past = whole.past_at(held)
    other, _ = CompactRange().extend(leaf_hash(b"other %d" % one) for one in range(held))
    made_up = Past(leaf_hash(b"x"), past.proof)
    raw = write_recovery(
        write_page(held, [PageEntry(held, leaves(size)[held])], tree_size=size),
        checkpoint=NOTE,
        rest=whole.rest_after(held + 1),
    )

    page = read_recovery(add_past(raw, past))

    assert page.past == past
    assert has_other_past(page, signed(size), before=other)
    assert not has_other_past(page, signed(size), before=range_of(held))
    assert not has_other_past(read_recovery(raw), signed(size), before=other)
    forged = read_recovery(add_past(raw, made_up))
    assert not has_other_past(forged, signed(size), before=range_of(held))
