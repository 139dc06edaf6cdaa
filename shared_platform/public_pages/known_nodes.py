"""The nodes as the log knows them, kept in the process and extended by what is new."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from shared_platform.catalogue.tables import DIRECTORY_ENTRIES
from shared_platform.database.lending import DriverConnection
from shared_schema.bilingual import Words
from shared_schema.catalogue_fold import read_entries
from shared_schema.instants import Instant
from shared_schema.key_directory import KeyDirectory, NodeRecord

_NEWER: Final = f"""
    SELECT serial, at, leaf FROM log_entry
    WHERE {DIRECTORY_ENTRIES} AND serial > $1 ORDER BY serial
"""  # noqa: S608 - constants only


@dataclass(slots=True)
class KnownNodes:
    """Names, scope and state of each node. The log never changes a name, so none is stale."""

    directory: KeyDirectory = field(default_factory=KeyDirectory)
    enrolled: dict[int, Instant] = field(default_factory=dict)

    async def refresh(self, connection: DriverConnection) -> None:
        """Fold the entries about nodes and keys that are newer than those known."""
        rows = await connection.fetch(_NEWER, self.directory.last_serial)
        delivered = [(row["serial"], row["leaf"], None) for row in rows]
        self.directory = read_entries(delivered, self.directory)[1]
        self.enrolled |= {row["serial"]: row["at"] for row in rows}

    async def know(self, connection: DriverConnection, nodes: Iterable[str]) -> None:
        """Refresh only where one of these nodes was never heard of."""
        if not self.directory.nodes.keys() >= set(nodes):
            await self.refresh(connection)

    def record(self, node: str) -> NodeRecord | None:
        """What the log says of the node."""
        return self.directory.nodes.get(node)

    def since(self, record: NodeRecord) -> Instant | None:
        """When the hub wrote the node's enrolment."""
        return self.enrolled.get(record.enrolled_at)

    def name(self, node: str) -> Words:
        """The node's name; its identifier where the log has none."""
        record = self.record(node)
        return Words(record.names.zh, record.names.en) if record else Words(node, node)
