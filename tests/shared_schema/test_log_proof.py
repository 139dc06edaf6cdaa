"""Inclusion and consistency proofs: published ones, all of small trees, all kinds of forgery."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.log_proof import (
    ProofInvalid,
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from shared_schema.merkle import EMPTY_ROOT, CompactRange, ReadNode, leaf_hash

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "merkle_rfc6962.json").read_text()
)
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
P = ParamSpec("P")
WRONG = leaf_hash(b"not in any of these trees")


class Tree:
    """A tree with all its nodes and all its earlier roots."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves
        _, completed = CompactRange().extend(leaves)
        nodes = {(level, index): found for level, index, found in completed}
        self.read: ReadNode = lambda level, index: nodes[level, index]

    def root(self, size: int) -> bytes:
        return CompactRange.at(size, self.read).root()


KNOWN = Tree(LEAVES)
LARGE = Tree([leaf_hash(b"%d" % number) for number in range(300)])


def unhex(hashes: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(each) for each in hashes)


@pytest.mark.parametrize(
    "case", VECTORS["inclusion"], ids=lambda case: f"{case['index']} of {case['size']}"
)
def test_published_inclusion_proofs_are_made_and_verify(case: dict[str, Any]) -> None:
    index, size, proof = case["index"], case["size"], unhex(case["proof"])

    assert inclusion_proof(index, size, KNOWN.read) == proof
    verify_inclusion(index, size, leaf=LEAVES[index], proof=proof, root=ROOTS[size - 1])


@pytest.mark.parametrize(
    "case", VECTORS["consistency"], ids=lambda case: f"{case['first']} to {case['second']}"
)
def test_published_consistency_proofs_are_made_and_verify(case: dict[str, Any]) -> None:
    first, second, proof = case["first"], case["second"], unhex(case["proof"])

    assert consistency_proof(first, second, KNOWN.read) == proof
    verify_consistency(
        first, second, first_root=ROOTS[first - 1], second_root=ROOTS[second - 1], proof=proof
    )


def test_every_inclusion_proof_of_every_tree_up_to_size_40_verifies() -> None:
    for size in range(1, 41):
        for index in range(size):
            proof = inclusion_proof(index, size, LARGE.read)
            verify_inclusion(
                index, size, leaf=LARGE.leaves[index], proof=proof, root=LARGE.root(size)
            )


def test_every_consistency_proof_between_trees_up_to_size_40_verifies() -> None:
    for second in range(1, 41):
        for first in range(1, second + 1):
            verify_consistency(
                first,
                second,
                first_root=LARGE.root(first),
                second_root=LARGE.root(second),
                proof=consistency_proof(first, second, LARGE.read),
            )


def forged_proofs(proof: tuple[bytes, ...], root: bytes) -> list[tuple[bytes, ...]]:
    """The proof with each hash changed in one bit, dropped or doubled, and with additions."""
    forged = [(*proof, WRONG), (WRONG, *proof), (*proof, b""), (*proof, root), (root, *proof)]
    for position, each in enumerate(proof):
        flipped = bytes([each[0] ^ 8]) + each[1:]
        forged.append((*proof[:position], flipped, *proof[position + 1 :]))
        forged.append((*proof[:position], *proof[position + 1 :]))
        forged.append((*proof[:position], each, *proof[position:]))
    return forged


def refuses(check: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    try:
        check(*args, **kwargs)
    except ProofInvalid:
        return True
    return False


@given(st.data())
def test_no_change_to_an_inclusion_proof_survives(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    leaf, root = LARGE.leaves[index], LARGE.root(size)
    proof = inclusion_proof(index, size, LARGE.read)
    other = data.draw(st.integers(-1, size + 1).filter(lambda i: i != index))

    for forged in forged_proofs(proof, root):
        assert refuses(verify_inclusion, index, size, leaf=leaf, proof=forged, root=root)
    assert refuses(verify_inclusion, other, size, leaf=leaf, proof=proof, root=root)
    assert refuses(verify_inclusion, index, size, leaf=WRONG, proof=proof, root=root)
    assert refuses(verify_inclusion, index, size, leaf=leaf, proof=proof, root=WRONG)
    for size_without in (0, -1, size * 2 + 1, 2**63):
        assert refuses(verify_inclusion, index, size_without, leaf=leaf, proof=proof, root=root)


@given(st.data())
def test_a_proof_for_one_size_proves_nothing_about_another(data: st.DataObject) -> None:
    size, other = data.draw(st.lists(st.integers(2, 300), min_size=2, max_size=2, unique=True))
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size - 1))
    leaf, root = LARGE.leaves[index], LARGE.root(other)

    proof = inclusion_proof(index, size, LARGE.read)
    growth = consistency_proof(first, size, LARGE.read)

    assert refuses(verify_inclusion, index, other, leaf=leaf, proof=proof, root=root)
    old = LARGE.root(first)
    assert refuses(verify_consistency, first, other, first_root=old, second_root=root, proof=growth)


@given(st.data())
def test_no_change_to_a_consistency_proof_survives(data: st.DataObject) -> None:
    second = data.draw(st.integers(2, 300))
    first = data.draw(st.integers(1, second - 1))
    roots = {"first_root": LARGE.root(first), "second_root": LARGE.root(second)}
    proof = consistency_proof(first, second, LARGE.read)

    for forged in [*forged_proofs(proof, roots["second_root"]), ()]:
        assert refuses(verify_consistency, first, second, proof=forged, **roots)
    for wrong in ({"first_root": WRONG}, {"second_root": WRONG}):
        assert refuses(verify_consistency, first, second, proof=proof, **(roots | wrong))
    swapped = {"first_root": roots["second_root"], "second_root": roots["first_root"]}
    assert refuses(verify_consistency, first, second, proof=proof, **swapped)
    assert refuses(verify_consistency, second, first, proof=proof, **swapped)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (0, -1), (1, 0)])
def test_nothing_is_proven_about_the_empty_tree(index: int, size: int) -> None:
    with pytest.raises(ProofInvalid) as refused:
        verify_inclusion(index, size, leaf=WRONG, proof=(), root=EMPTY_ROOT)

    assert refused.value.code == "proof.empty_tree"


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 5), (5, 0), (-1, 5)])
def test_consistency_with_the_empty_tree_is_refused(first: int, second: int) -> None:
    with pytest.raises(ProofInvalid) as refused:
        verify_consistency(first, second, first_root=EMPTY_ROOT, second_root=EMPTY_ROOT, proof=())

    assert refused.value.code == "proof.empty_tree"
    with pytest.raises(ProofInvalid):
        consistency_proof(first, second, LARGE.read)


def test_equal_sizes_need_equal_roots_and_no_hashes() -> None:
    root = LARGE.root(7)

    verify_consistency(7, 7, first_root=root, second_root=root, proof=())
    assert refuses(verify_consistency, 7, 7, first_root=root, second_root=WRONG, proof=())
    assert refuses(verify_consistency, 7, 7, first_root=root, second_root=root, proof=(WRONG,))


def test_a_proof_longer_than_any_tree_is_high_is_refused_before_hashing() -> None:
    with pytest.raises(ProofInvalid) as refused:
        verify_inclusion(0, 2**62, leaf=WRONG, proof=(WRONG,) * 65, root=WRONG)

    assert refused.value.code == "proof.length"


def test_an_index_outside_the_tree_gets_no_proof() -> None:
    with pytest.raises(ProofInvalid) as refused:
        inclusion_proof(5, 5, LARGE.read)

    assert refused.value.code == "proof.index"


@given(
    sizes=st.tuples(st.integers(-2, 2**64), st.integers(-2, 2**64)),
    proof=st.lists(st.binary(max_size=40), max_size=70),
    some_hash=st.binary(min_size=31, max_size=33),
)
def test_random_proofs_give_only_typed_refusals(
    sizes: tuple[int, int], proof: list[bytes], some_hash: bytes
) -> None:
    first, second = sizes
    assert refuses(verify_inclusion, first, second, leaf=some_hash, proof=proof, root=WRONG)
    assert refuses(
        verify_consistency, first, second, first_root=some_hash, second_root=WRONG, proof=proof
    )
