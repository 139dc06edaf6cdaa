"""Attacks with proofs and tiles that a reader checks alone: nothing is stored, all is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from shared_schema.log_proof import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from shared_schema.merkle import EMPTY_ROOT, CompactRange, leaf_hash
from shared_schema.problem import ProblemType
from shared_schema.proof_text import read_growth_proof, read_offline_proof, write_proof
from shared_schema.tiles import (
    TileReader,
    parse_tile_path,
    read_bundle,
    read_tile,
    write_bundle,
    write_tile,
)
from tests.attacks.attack import Attack, Attacker, Family

Check = Callable[[], object]
SIZE: Final = 11
LEAVES: Final = [leaf_hash(b"entry %d" % number) for number in range(SIZE)]
FOREIGN: Final = leaf_hash(b"not in this log")
_NODES: Final = {(level, index): node for level, index, node in CompactRange().extend(LEAVES)[1]}


def _read(level: int, index: int) -> bytes:
    return _NODES[level, index]


ROOT: Final = CompactRange.at(SIZE, _read).root()
OLD_ROOT: Final = CompactRange.at(5, _read).root()
PROOF: Final = inclusion_proof(4, SIZE, _read)
GROWTH: Final = consistency_proof(5, SIZE, _read)
OFFLINE: Final = (
    f"c2sp.org/tlog-proof@v1\nindex 4\n{write_proof(PROOF)}\nlog\n11\n\n— log AAAAAAAA\n".encode()
)


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That an entry is in the log: refused when called, and plain data for other readers."""

    index: int = 4
    size: int = SIZE
    leaf: bytes = LEAVES[4]
    proof: tuple[bytes, ...] = PROOF
    root: bytes = ROOT

    def __call__(self) -> None:
        """Check it."""
        verify_inclusion(self.index, self.size, leaf=self.leaf, proof=self.proof, root=self.root)


@dataclass(frozen=True, slots=True)
class Growth:
    """That the log only grew: refused when called, and plain data for other readers."""

    first: int = 5
    second: int = SIZE
    first_root: bytes = OLD_ROOT
    second_root: bytes = ROOT
    proof: tuple[bytes, ...] = GROWTH

    def __call__(self) -> None:
        """Check it."""
        verify_consistency(
            self.first,
            self.second,
            first_root=self.first_root,
            second_root=self.second_root,
            proof=self.proof,
        )


@dataclass(frozen=True, slots=True)
class TileBytes:
    """Bytes of a tile or bundle of this width: refused when called."""

    kind: Literal["tile", "bundle"]
    raw: bytes
    width: int

    def __call__(self) -> None:
        """Read it."""
        (read_tile if self.kind == "tile" else read_bundle)(self.raw, width=self.width)


def offline(old: bytes, new: bytes) -> Check:
    assert old in OFFLINE
    return lambda: read_offline_proof(OFFLINE.replace(old, new, 1))


def _attack(name: str, family: Family, code: str, **ways: Check) -> Attack[Check]:
    spelled = {way.replace("_", " "): check for way, check in ways.items()}
    return Attack(name, family, Attacker.HUB, ProblemType.SCHEMA_INVALID, code, spelled)


def _proof(name: str, code: str, **ways: Check) -> Attack[Check]:
    return _attack(name, Family.PROOF, code, **ways)


def _tile(name: str, code: str, **ways: Check) -> Attack[Check]:
    return _attack(name, Family.TILE, code, **ways)


PROOF_ATTACKS: Final = (
    _proof(
        "a proof about the empty tree", "proof.empty_tree",
        inclusion=Inclusion(0, 0, leaf=FOREIGN, proof=(), root=EMPTY_ROOT),
        consistency=Growth(0, first_root=EMPTY_ROOT, proof=())),
    _proof(
        "an index outside the tree", "proof.index",
        behind=Inclusion(SIZE), before=Inclusion(-1)),
    _proof(
        "a proof from a larger to a smaller log", "proof.size_order", swapped=Growth(SIZE, 5)),
    _proof(
        "a hash of another length", "proof.hash_length",
        in_the_proof=Inclusion(proof=(*PROOF[:-1], PROOF[-1][:31])),
        as_leaf=Inclusion(leaf=b"short"),
        as_root=Growth(first_root=b"")),
    # What proves another thing leads to another root; which of the two is wrong, nobody can tell.
    _proof(
        "a proof of something else", "proof.root_mismatch",
        another_index=Inclusion(5),
        another_entry=Inclusion(leaf=FOREIGN),
        another_order=Inclusion(proof=PROOF[::-1]),
        forged_hash=Inclusion(proof=(FOREIGN, *PROOF[1:])),
        an_inner_node_as_leaf=Inclusion(leaf=_read(1, 2)),
        another_history=Growth(first_root=FOREIGN),
        forged_growth=Growth(proof=(FOREIGN, *GROWTH[1:]))),
    _proof(
        "a proof of another size", "proof.length",
        shortened=Inclusion(proof=PROOF[:-1]),
        padded=Inclusion(proof=(*PROOF, FOREIGN)),
        empty=Inclusion(proof=()),
        of_a_smaller_log=Inclusion(4, 5),
        of_a_larger_log=Inclusion(4, 40),
        growth_shortened=Growth(proof=GROWTH[:-1]),
        growth_padded=Growth(proof=(*GROWTH, FOREIGN)),
        equal_sizes_with_hashes=Growth(SIZE, SIZE, first_root=ROOT)),
    _proof(
        "a proof of another kind", "proof_text.header", other=offline(b"tlog-proof", b"tlog-poof")),
    _proof(
        "a number of another spelling", "proof_text.number",
        leading_zero=offline(b"index 4", b"index 04"),
        negative=offline(b"index 4", b"index -4"),
        left_out=offline(b"index 4\n", b""),
        of_growth=lambda: read_growth_proof(b"old x\n\nlog\n")),
    _proof(
        "a proof without its checkpoint", "proof_text.checkpoint",
        cut=lambda: read_offline_proof(OFFLINE.split(b"\n\n", 1)[0])),
    _proof(
        "a remark that is no base64", "proof_text.base64",
        remark=offline(b"index 4", b"extra ?\nindex 4")),
)  # fmt: skip

_TILE: Final = write_tile(LEAVES)
_BUNDLE: Final = write_bundle([b"one", b"two"])
TILE_ATTACKS: Final = (
    _tile(
        "a truncated tile", "tile.length",
        cut=TileBytes("tile", _TILE[:-1], SIZE),
        narrower=TileBytes("tile", _TILE, SIZE - 1),
        fetched=lambda: TileReader(SIZE, lambda _: _TILE[:32]).node(0, 0)),
    _tile(
        "a truncated bundle", "tile.bundle",
        cut=TileBytes("bundle", _BUNDLE[:-1], 2),
        narrower=TileBytes("bundle", _BUNDLE, 1),
        wider=TileBytes("bundle", _BUNDLE, 3)),
    _tile(
        "a path of another spelling", "tile.path",
        out_of_the_log=lambda: parse_tile_path("tile/0/../000"),
        full_as_partial=lambda: parse_tile_path("tile/0/000.p/256"),
        short=lambda: parse_tile_path("tile/0/0")),
    _tile("a level beyond every log", "tile.level", path=lambda: parse_tile_path("tile/64/000")),
    _tile(
        "a node that is not complete", "tile.node",
        above=lambda: TileReader(SIZE, lambda _: _TILE).node(4, 0)),
)  # fmt: skip
