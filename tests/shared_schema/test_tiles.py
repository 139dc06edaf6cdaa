"""Tiles and bundles: one path each, only what changed, and every node read back from them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.log_proof import consistency_proof, inclusion_proof
from shared_schema.merkle import CompactRange, leaf_hash
from shared_schema.tiles import (
    MAX_TILE_INDEX,
    Bundle,
    Tile,
    TileInvalid,
    TileReader,
    bundles_to_write,
    grow_tiles,
    parse_tile_path,
    read_bundle,
    read_tile,
    tiles_to_write,
    write_bundle,
    write_tile,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "tiles_examples.json").read_text()
)

indexes = st.integers(0, 2000) | st.integers(0, MAX_TILE_INDEX)
widths = st.integers(1, 256)


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


class Store:
    """A log kept as nothing but its tiles."""

    def __init__(self) -> None:
        self.tree = CompactRange()
        self.tiles: dict[Tile, bytes] = {}

    def grow_to(self, size: int) -> None:
        old = self.tree.size
        self.tree, completed = self.tree.extend(leaves_of(size)[old:])
        self.tiles |= dict(
            grow_tiles(old, size, completed=completed, previous=self.tiles.__getitem__)
        )

    def reader(self) -> TileReader:
        return TileReader(self.tree.size, self.tiles.__getitem__)


@pytest.mark.parametrize("case", VECTORS["paths"], ids=lambda case: str(case["path"]))
def test_the_specifications_path_is_read_and_written(case: dict[str, Any]) -> None:
    tile = Tile(case["level"], case["index"], case["width"])

    assert tile.path == case["path"]
    assert parse_tile_path(case["path"]) == tile


@pytest.mark.parametrize("case", VECTORS["trees"], ids=lambda case: str(case["size"]))
def test_the_specifications_trees_have_the_tiles_it_says(case: dict[str, Any]) -> None:
    tiles = list(tiles_to_write(0, case["size"]))

    full = Counter(str(tile.level) for tile in tiles if tile.is_full)
    assert dict(full) == case["full"]
    partial = [[tile.level, tile.index, tile.width] for tile in tiles if not tile.is_full]
    assert partial == case["partial"]


@given(st.integers(0, 63), indexes, widths)
def test_every_tile_has_one_path(level: int, index: int, width: int) -> None:
    tile, bundle = Tile(level, index, width), Bundle(index, width)

    assert parse_tile_path(tile.path) == tile
    assert parse_tile_path(bundle.path) == bundle
    assert tile.is_full == bundle.is_full == (".p/" not in tile.path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/067",
        "tile/0/x001",
        "tile/0/x001/x067",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/000.p/",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/entry/000",
        "tile/data/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
    ],
)
def test_other_spellings_of_paths_are_refused(path: str) -> None:
    with pytest.raises(TileInvalid):
        parse_tile_path(path)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ((64, 0, 1), "tile.level"),
        ((-1, 0, 1), "tile.level"),
        ((0, -1, 1), "tile.index"),
        ((0, MAX_TILE_INDEX + 1, 1), "tile.index"),
        ((0, 0, 0), "tile.width"),
        ((0, 0, 257), "tile.width"),
    ],
)
def test_tiles_out_of_range_are_not_made(place: tuple[int, int, int], code: str) -> None:
    with pytest.raises(TileInvalid) as refused:
        Tile(*place)

    assert refused.value.code == code


@given(st.lists(st.integers(0, 700), min_size=1, max_size=4))
def test_growing_in_steps_leaves_the_tiles_of_growing_at_once(sizes: list[int]) -> None:
    stepwise, at_once = Store(), Store()
    for size in sorted(sizes):
        stepwise.grow_to(size)
    at_once.grow_to(max(sizes))

    assert at_once.tiles.items() <= stepwise.tiles.items()
    assert {tile for tile in stepwise.tiles if tile.is_full} == {
        tile for tile in at_once.tiles if tile.is_full
    }


def test_a_tree_over_three_levels_of_tiles_is_read_back_from_them() -> None:
    size = 65_536 + 256 + 3
    store = Store()
    store.grow_to(size)
    reader = store.reader()
    _, completed = CompactRange().extend(leaves_of(size))
    nodes = {(level, index): found for level, index, found in completed}

    assert CompactRange.at(size, reader.node) == store.tree
    for index in (0, 255, 256, 65_535, 65_536, size - 1):
        expected = inclusion_proof(index, size, lambda *node: nodes[node])
        assert inclusion_proof(index, size, reader.node) == expected
    expected = consistency_proof(300, size, lambda *node: nodes[node])
    assert consistency_proof(300, size, reader.node) == expected


@given(st.integers(1, 700), st.data())
def test_every_node_can_be_read_from_the_tiles(size: int, data: st.DataObject) -> None:
    level = data.draw(st.integers(0, size.bit_length() - 1))
    index = data.draw(st.integers(0, (size >> level) - 1))
    store = Store()
    store.grow_to(size)
    _, completed = CompactRange().extend(leaves_of(size))

    assert (level, index, store.reader().node(level, index)) in completed


@pytest.mark.parametrize(("level", "index"), [(0, 5), (1, 2), (-1, 0), (0, -1), (2**40, 0)])
def test_a_node_that_is_not_complete_is_refused(level: int, index: int) -> None:
    store = Store()
    store.grow_to(5)

    with pytest.raises(TileInvalid) as refused:
        store.reader().node(level, index)

    assert refused.value.code == "tile.node"


def test_a_tile_is_fetched_once() -> None:
    store, fetched = Store(), []
    store.grow_to(200)

    def fetch(tile: Tile) -> bytes:
        fetched.append(tile)
        return store.tiles[tile]

    reader = TileReader(200, fetch)
    for index in range(200):
        reader.node(0, index)

    assert fetched == [Tile(0, 0, 200)]


def test_a_truncated_tile_is_refused() -> None:
    store = Store()
    store.grow_to(5)
    reader = TileReader(5, lambda tile: store.tiles[tile][:-1])

    with pytest.raises(TileInvalid) as refused:
        reader.node(0, 0)

    assert refused.value.code == "tile.length"


def test_bundles_change_with_the_level_0_tiles() -> None:
    assert list(bundles_to_write(250, 515)) == [Bundle(0), Bundle(1), Bundle(2, 3)]
    assert list(bundles_to_write(7, 7)) == []
    assert list(bundles_to_write(0, 70_000))[-1] == Bundle(273, 112)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_survives_writing(entries: list[bytes]) -> None:
    raw = write_bundle(entries)

    assert read_bundle(raw, width=len(entries)) == tuple(entries)


def test_the_longest_entry_fits_and_a_longer_one_does_not() -> None:
    assert read_bundle(write_bundle([bytes(65_535)]), width=1) == (bytes(65_535),)
    with pytest.raises(TileInvalid) as refused:
        write_bundle([bytes(65_536)])
    assert refused.value.code == "tile.entry_too_long"


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_has_1_to_256_entries(count: int) -> None:
    with pytest.raises(TileInvalid):
        write_bundle([b""] * count)
    with pytest.raises(TileInvalid):
        read_bundle(b"\0\0" * count, width=count)


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=9), st.integers(1, 256), st.data())
def test_cut_or_lengthened_bundles_are_refused(
    entries: list[bytes], width: int, data: st.DataObject
) -> None:
    raw = write_bundle(entries)
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]

    with pytest.raises(TileInvalid):
        read_bundle(cut, width=len(entries))
    with pytest.raises(TileInvalid):
        read_bundle(raw + b"\0", width=len(entries))
    if width != len(entries):
        with pytest.raises(TileInvalid):
            read_bundle(raw, width=width)


@given(st.binary(max_size=200), widths)
def test_random_bytes_give_entries_or_a_typed_refusal(raw: bytes, width: int) -> None:
    try:
        entries = read_bundle(raw, width=width)
    except TileInvalid:
        return
    assert write_bundle(entries) == raw


@given(st.text(max_size=60))
def test_random_text_is_no_path(text: str) -> None:
    with pytest.raises(TileInvalid):
        parse_tile_path(text)


def test_a_tile_is_its_hashes_one_after_another() -> None:
    hashes = leaves_of(3)

    assert write_tile(hashes) == b"".join(hashes)
    assert read_tile(write_tile(hashes), width=3) == tuple(hashes)
