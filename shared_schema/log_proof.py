"""Proofs about the log: that an entry is in it, and that a later log only adds to an earlier one.

Proofs are made from stored nodes and checked against roots that a checkpoint signed (RFC 9162
§2.1.3, §2.1.4). A proof about the empty tree proves nothing and is refused, made or checked. Their
text forms are in `shared_schema.proof_text`.
"""

from collections.abc import Sequence
from hmac import compare_digest
from typing import Final

from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import (
    HASH_BYTES,
    MAX_TREE_SIZE,
    NodePlace,
    ReadNode,
    complete_subtrees,
    fold_right,
    node_hash,
)

MAX_PROOF_HASHES: Final = 64

_LENGTH: Final = ("proof.length", "证明的散列个数不符", "the proof has the wrong number of hashes")
_EMPTY_TREE: Final = (
    "proof.empty_tree",
    "空树不能证明任何内容",
    "a proof needs a tree with entries",
)

ProofPlan = tuple[tuple[NodePlace, ...], ...]
"""For each hash of a proof, the nodes whose fold it is."""


class ProofInvalid(LogRefused):
    """A proof does not prove what it is offered for."""

    source = "RFC 9162 §2.1.3-2.1.4"


def inclusion_plan(index: int, size: int) -> ProofPlan:
    """Which nodes the proof for entry `index` in the tree of `size` is made of (RFC 9162 §2.1.3.1).

    For callers who must fetch all nodes before `inclusion_proof` can read them.

    Raises:
        ProofInvalid: the tree is empty, or the index is not in it.
    """
    _check_index(index, size)
    plan: list[tuple[NodePlace, ...]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_width(end - start)
        if index < middle:
            plan.append(tuple(complete_subtrees(middle, end)))
            end = middle
        else:
            plan.append(tuple(complete_subtrees(start, middle)))
            start = middle
    return tuple(reversed(plan))


def consistency_plan(first: int, second: int) -> ProofPlan:
    """Which nodes the proof from size `first` to size `second` is made of (RFC 9162 §2.1.4.1).

    Raises:
        ProofInvalid: a tree is empty, or the second is smaller than the first.
    """
    _check_sizes(first, second)
    plan: list[tuple[NodePlace, ...]] = []
    start, end = 0, second
    while first != end:
        middle = start + _left_width(end - start)
        if first <= middle:
            plan.append(tuple(complete_subtrees(middle, end)))
            end = middle
        else:
            plan.append(tuple(complete_subtrees(start, middle)))
            start = middle
    if start:  # otherwise the verifier holds this hash: it is the first tree's root
        plan.append(tuple(complete_subtrees(start, end)))
    return tuple(reversed(plan))


def inclusion_proof(index: int, size: int, read: ReadNode) -> tuple[bytes, ...]:
    """The hashes from the leaf's sibling up to the root's child (RFC 9162 §2.1.3.1).

    Raises:
        ProofInvalid: the tree is empty, or the index is not in it.
    """
    return _fold(inclusion_plan(index, size), read)


def consistency_proof(first: int, second: int, read: ReadNode) -> tuple[bytes, ...]:
    """The hashes that show the tree of `second` to begin with the tree of `first`.

    Empty for equal sizes. Implements RFC 9162 §2.1.4.1.

    Raises:
        ProofInvalid: a tree is empty, or the second is smaller than the first.
    """
    return _fold(consistency_plan(first, second), read)


def verify_inclusion(
    index: int, size: int, *, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash is entry `index` of the tree with this size and root.

    `root` must come from a verified checkpoint. Implements RFC 9162 §2.1.3.2.

    Raises:
        ProofInvalid: it is not, or the proof is not exactly the one that would show it.
    """
    _check_index(index, size)
    _check_hashes(leaf, root, *proof)
    position, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid(*_LENGTH)
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofInvalid(*_LENGTH)
    _check_root(found, root)


def verify_consistency(
    first: int, second: int, *, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of size `second` begins with the entries of the tree of size `first`.

    Both roots must come from verified checkpoints. Implements RFC 9162 §2.1.4.2.

    Raises:
        ProofInvalid: it does not, or the proof is not exactly the one that would show it.
    """
    _check_sizes(first, second)
    _check_hashes(first_root, second_root, *proof)
    if first == second:
        if proof:
            raise ProofInvalid(*_LENGTH)
        _check_root(first_root, second_root)
        return
    old, new = roots_of(first, second, first_root=first_root, proof=proof)
    _check_root(old, first_root)
    _check_root(new, second_root)


def roots_of(
    first: int, second: int, *, first_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The roots of both sizes that a consistency proof leads to, whatever was signed.

    Where `first` is a power of two the proof begins with `first_root` itself, so it is the first
    of the two whether or not the log ever had it. Sizes must differ.

    Raises:
        ProofInvalid: the proof is too short, too long, or not of hashes.
    """
    _check_sizes(first, second)
    _check_hashes(first_root, first_root, *proof)
    path = list(proof)
    if first & (first - 1) == 0:  # a complete tree: its root is the first node of the path
        path.insert(0, first_root)
    if not path or first == second:
        raise ProofInvalid(*_LENGTH)
    return _both_roots(first, second, path)


def _both_roots(first: int, second: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The two roots that the path leads to.

    Raises:
        ProofInvalid: the path is too short or too long.
    """
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid(*_LENGTH)
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofInvalid(*_LENGTH)
    return old, new


def _fold(plan: ProofPlan, read: ReadNode) -> tuple[bytes, ...]:
    return tuple(fold_right([read(*node) for node in nodes]) for nodes in plan)


def _left_width(width: int) -> int:
    """The largest power of two smaller than `width`: where RFC 6962 §2.1 splits a tree."""
    return 1 << (width - 1).bit_length() - 1


def _check_index(index: int, size: int) -> None:
    if not 0 < size <= MAX_TREE_SIZE:
        raise ProofInvalid(*_EMPTY_TREE, pointer="/size")
    if not 0 <= index < size:
        raise ProofInvalid(
            "proof.index", "序号不在树中", "the index is not in the tree", pointer="/index"
        )


def _check_sizes(first: int, second: int) -> None:
    if first < 1 or second < 1:
        raise ProofInvalid(*_EMPTY_TREE, pointer="/size")
    if not first <= second <= MAX_TREE_SIZE:
        raise ProofInvalid(
            "proof.size_order",
            "后一棵树不能更小",
            "the second tree must not be smaller",
            pointer="/to",
        )


def _check_hashes(*hashes: bytes) -> None:
    if len(hashes) - 2 > MAX_PROOF_HASHES:
        raise ProofInvalid(*_LENGTH)
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofInvalid("proof.hash_length", "散列长度须为 32 字节", "a hash must have 32 bytes")


def _check_root(found: bytes, expected: bytes) -> None:
    if not compare_digest(found, expected):
        raise ProofInvalid(
            "proof.root_mismatch", "证明与根散列不符", "the proof does not lead to the root"
        )
