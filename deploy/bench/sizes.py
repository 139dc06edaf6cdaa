"""How much each measurement does: a few minutes, a quarter of an hour, or the goals' own sizes."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows, statements, entries, requests; and how often each thing is repeated."""

    rows: int
    statements: int
    entries: int
    bootstrap: int
    delta: tuple[int, int]
    requests: int
    operations: int
    repeats: int
    nodes: int
    approvals: int
    waiting: int
    month: int
    peers: int
    search: tuple[int, ...]
    searches: int
    peer_search: int


QUICK: Final = Sizes(
    rows=1_000,
    statements=1_000,
    entries=1_000,
    bootstrap=2_000,
    delta=(500, 2_500),
    requests=1_000,
    operations=500,
    repeats=2,
    nodes=4,
    approvals=16,
    waiting=200,
    month=400,
    peers=10_000,
    search=(2_000, 10_000),
    searches=60,
    peer_search=2_000,
)
NORMAL: Final = Sizes(
    rows=20_000,
    statements=10_000,
    entries=10_000,
    bootstrap=20_000,
    delta=(10_000, 100_000),
    requests=10_000,
    operations=2_000,
    repeats=3,
    nodes=20,
    approvals=60,
    waiting=1_000,
    month=3_000,
    peers=10_000,
    search=(10_000, 100_000),
    searches=150,
    peer_search=100_000,
)
FULL: Final = Sizes(
    rows=20_000,
    statements=50_000,
    entries=50_000,
    bootstrap=100_000,
    delta=(10_000, 100_000),
    requests=50_000,
    operations=5_000,
    repeats=3,
    nodes=20,
    approvals=600,
    waiting=5_000,
    month=12_000,
    peers=100_000,
    search=(10_000, 100_000, 1_000_000),
    searches=60,
    peer_search=100_000,
)

GOAL_ROWS: Final = 20_000
GOAL_BOOTSTRAP: Final = 100_000
