"""A hub's log kept in memory and served as pages made beforehand: the input of every reader.

The tree, the checkpoint and the statements are real; whoever follows the log verifies all of it.
"""

from dataclasses import dataclass, field
from typing import Final

from deploy.bench.made_statements import Maker, log_leaf
from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import Checkpoint, sign_checkpoint
from shared_schema.entry_parts import Names, NodeKey, NodeScope
from shared_schema.instants import Instant, format_instant
from shared_schema.log_entry import LogOpened, NodeEnrolled, write_entry
from shared_schema.log_handover import write_handovers
from shared_schema.log_page import MAX_PAGE_ENTRIES, PageEntry, write_page
from shared_schema.log_proof import consistency_proof
from shared_schema.merkle import CompactRange, CompletedNode, leaf_hash
from shared_schema.proof_text import write_proof
from shared_schema.signing_key import SigningKey

NODE: Final = "bench-node"


@dataclass(slots=True)
class MadeLog:
    """The log of a hub with one node that offers; grows on demand."""

    anchor: FederationAnchor
    hub_key: SigningKey
    node_key: SigningKey
    now: Instant
    entries: list[PageEntry] = field(default_factory=list)
    range: CompactRange = field(default_factory=CompactRange)
    completed: list[CompletedNode] = field(default_factory=list)
    _nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _pages: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _maker: Maker = field(init=False)

    def __post_init__(self) -> None:
        """Open the log and enrol the node."""
        self.now = self.now.replace(microsecond=0)
        self._maker = Maker(NODE, self.node_key, self.now)
        opened = LogOpened(
            at=self.now,
            federation=self.anchor.federation,
            log_origin=self.anchor.log_origin,
            log_vkey=self.anchor.log_vkey,
        )
        enrolled = NodeEnrolled(
            at=self.now,
            node=NODE,
            names=Names(zh="测速节点", en="Bench node"),
            keys=(NodeKey.of(self.node_key.public, use="statement"),),
            scope=NodeScope(regions=("44",), kinds=("licence",)),
        )
        self._append([(write_entry(opened), None), (write_entry(enrolled), None)])

    @property
    def size(self) -> int:
        """The number of entries."""
        return len(self.entries)

    def grow(self, size: int) -> None:
        """Offer until the log has `size` entries."""
        at, key_id = format_instant(self.now), self.node_key.key_id
        made = self._maker.offers(max(size - self.size, 0))
        self._append([(log_leaf(one, node=NODE, key_id=key_id, at=at), one.raw) for one in made])

    def prepare_pages(self, first: int = 0, *, limit: int = MAX_PAGE_ENTRIES) -> None:
        """Write the pages from `first` on, so that serving them costs nothing while measuring."""
        while first < self.size:
            page = self._page(first, limit)
            self._pages[first, min(limit, self.size - first)] = page
            first += limit

    def note(self) -> bytes:
        """The signed checkpoint of all of it."""
        checkpoint = Checkpoint(self.anchor.log_origin, self.size, self.range.root())
        return sign_checkpoint(checkpoint, key=self.hub_key)

    async def checkpoint(self) -> bytes:
        """As a `LogSource`."""
        return self.note()

    async def entries_page(self, first: int, *, limit: int) -> bytes:
        """The page, from those written beforehand if it is there."""
        return self._pages.get((first, limit)) or self._page(first, limit)

    async def consistency(self, first: int, second: int) -> bytes:
        """As a `LogSource`."""
        proof = consistency_proof(first, second, lambda level, at: self._nodes[level, at])
        return write_proof(proof).encode()

    def _page(self, first: int, limit: int) -> bytes:
        return write_page(first, self.entries[first : first + limit], tree_size=self.size)

    def _append(self, added: list[tuple[bytes, bytes | None]]) -> None:
        start = self.size
        self.entries += [
            PageEntry(start + place, leaf, raw) for place, (leaf, raw) in enumerate(added)
        ]
        self.range, completed = self.range.extend(leaf_hash(leaf) for leaf, _ in added)
        self.completed += completed
        self._nodes |= {(level, place): node for level, place, node in completed}


@dataclass(frozen=True, slots=True)
class MadeSource:
    """The made log behind the interface that readers ask."""

    log: MadeLog

    async def checkpoint(self) -> bytes:
        """The newest checkpoint."""
        return await self.log.checkpoint()

    async def entries(self, first: int, *, limit: int, wait_seconds: int = 0) -> bytes:  # noqa: ARG002 - never waits
        """A page."""
        return await self.log.entries_page(first, limit=limit)

    async def consistency(self, first: int, second: int) -> bytes:
        """A proof of growth."""
        return await self.log.consistency(first, second)

    async def handovers(self, first: int) -> bytes:  # noqa: ARG002 - the key never changes
        """None."""
        return write_handovers([])
