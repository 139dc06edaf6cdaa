"""The tree's hashes against published values, and the compact range against the naive tree."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.merkle import (
    EMPTY_ROOT,
    CompactRange,
    CompactRangeInvalid,
    complete_subtrees,
    leaf_hash,
    node_hash,
    read_size,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "merkle_rfc6962.json").read_text()
)
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in VECTORS["leaves"]]

leaf_lists = st.integers(0, 70).map(
    lambda n: [leaf_hash(n.to_bytes(2) + b"%d" % i) for i in range(n)]
)


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


def test_hashes_are_the_published_ones() -> None:
    hashes = VECTORS["hashes"]

    assert hashes["empty_root"] == EMPTY_ROOT.hex()
    assert leaf_hash(b"").hex() == hashes["empty_leaf"]
    assert leaf_hash(bytes.fromhex(hashes["leaf"]["entry"])).hex() == hashes["leaf"]["hash"]
    pair = bytes.fromhex(hashes["node"]["left"]), bytes.fromhex(hashes["node"]["right"])
    assert node_hash(*pair).hex() == hashes["node"]["hash"]


def test_roots_are_the_published_ones_leaf_by_leaf() -> None:
    tree = CompactRange()
    roots = []
    for leaf in LEAVES:
        tree, _ = tree.append(leaf)
        roots.append(tree.root().hex())

    assert roots == VECTORS["roots"]


def test_an_inner_node_cannot_pass_for_a_leaf() -> None:
    left, right = LEAVES[:2]

    assert leaf_hash(left + right) != node_hash(left, right) != node_hash(right, left)


@given(leaf_lists)
def test_the_compact_root_is_the_naive_root(leaves: list[bytes]) -> None:
    tree, _ = CompactRange().extend(leaves)

    assert tree.size == len(leaves)
    assert tree.root() == naive_root(leaves)


@given(leaf_lists, st.data())
def test_extending_at_once_or_in_steps_gives_the_same(
    leaves: list[bytes], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(leaves)))
    at_once, all_nodes = CompactRange().extend(leaves)

    first, early = CompactRange().extend(leaves[:cut])
    second, late = first.extend(leaves[cut:])

    assert second == at_once
    assert sorted(early + late) == sorted(all_nodes)


@given(leaf_lists)
def test_appending_one_by_one_completes_the_same_nodes(leaves: list[bytes]) -> None:
    tree, nodes = CompactRange(), []
    for leaf in leaves:
        tree, completed = tree.append(leaf)
        nodes += completed

    at_once, all_nodes = CompactRange().extend(leaves)

    assert tree == at_once
    assert sorted(nodes) == sorted(all_nodes)


@given(leaf_lists)
def test_completed_nodes_are_exactly_the_complete_subtrees(leaves: list[bytes]) -> None:
    _, completed = CompactRange().extend(leaves)

    nodes = {(level, index): found for level, index, found in completed}
    assert len(nodes) == len(completed) == sum(len(leaves) >> level for level in range(8))
    for (level, index), found in nodes.items():
        assert found == naive_root(leaves[index << level : (index + 1) << level])


@given(leaf_lists, st.data())
def test_the_range_of_an_earlier_size_is_read_from_stored_nodes(
    leaves: list[bytes], data: st.DataObject
) -> None:
    size = data.draw(st.integers(0, len(leaves)))
    _, completed = CompactRange().extend(leaves)
    nodes = {(level, index): found for level, index, found in completed}

    earlier = CompactRange.at(size, lambda level, index: nodes[level, index])

    assert earlier.root() == naive_root(leaves[:size])


@given(st.integers(0, 2**40), st.integers(0, 2**12))
def test_complete_subtrees_tile_their_leaves_without_gap(start: int, count: int) -> None:
    position = start
    for level, index in complete_subtrees(start, start + count):
        assert index << level == position
        position += 1 << level

    assert position == start + count


@given(leaf_lists)
def test_a_range_survives_storing(leaves: list[bytes]) -> None:
    tree, _ = CompactRange().extend(leaves)

    assert CompactRange.from_bytes(tree.to_bytes()) == tree


@given(st.binary(max_size=300))
def test_random_bytes_give_a_range_or_a_typed_refusal(raw: bytes) -> None:
    try:
        tree = CompactRange.from_bytes(raw)
    except CompactRangeInvalid:
        return
    assert tree.to_bytes() == raw


@pytest.mark.parametrize(
    ("size", "hashes", "code"),
    [
        (-1, (), "compact_range.size"),
        (2**63, (LEAVES[0],), "compact_range.size"),
        (3, (LEAVES[0],), "compact_range.hash_count"),
        (1, (b"short",), "compact_range.hash_length"),
    ],
    ids=["negative", "too large", "missing hash", "short hash"],
)
def test_a_range_that_does_not_hold_together_is_refused(
    size: int, hashes: tuple[bytes, ...], code: str
) -> None:
    with pytest.raises(CompactRangeInvalid) as refused:
        CompactRange(size, hashes)

    assert refused.value.code == code


def test_a_leaf_hash_of_another_length_is_refused() -> None:
    with pytest.raises(CompactRangeInvalid):
        CompactRange().extend([LEAVES[0], b"short"])
    with pytest.raises(CompactRangeInvalid):
        CompactRange().append(b"short")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("70000", 70_000),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("", None),
        ("007", None),
        ("+7", None),
        ("7 ", None),
        ("1_0", None),
        ("７", None),
        ("9" * 5000, None),
    ],
)
def test_sizes_have_one_spelling(text: str, size: int | None) -> None:
    assert read_size(text) == size
