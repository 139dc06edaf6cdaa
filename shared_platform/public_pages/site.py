"""What the pages must know of the service they stand in, beside its settings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from shared_platform.database.lending import DriverConnection
from shared_platform.public_pages.boards import Board
from shared_platform.public_pages.boards_file import LiveBoards
from shared_platform.public_pages.known_nodes import KnownNodes
from shared_platform.settings import PlatformSettings
from shared_schema.anchor import FederationAnchor
from shared_schema.extension_items import ExtensionItems

ReadExtension = Callable[[DriverConnection, UUID], Awaitable[ExtensionItems | None]]


async def _no_extension(_connection: DriverConnection, _listing: UUID) -> None:
    return None


@dataclass(slots=True)
class Site:
    """One per process.

    Attributes:
        kind: hub or node.
        node: the node's own identifier; None at the hub.
        anchor: the federation's anchor; None before a node is enrolled.
        read_boards: saved searches with a title, as they are now.
        read_extension: the node's own items of a listing; at the hub there are none.
    """

    kind: Literal["hub", "node"]
    anchor: Callable[[], FederationAnchor | None]
    read_boards: Callable[[], tuple[Board, ...]]
    node: str | None = None
    read_extension: ReadExtension = _no_extension
    nodes: KnownNodes = field(default_factory=KnownNodes)

    @property
    def boards(self) -> tuple[Board, ...]:
        """The boards as they are now."""
        return self.read_boards()

    @property
    def hub_url(self) -> str:
        """Where the hub's public log is read; empty: here, or not known yet."""
        anchor = self.anchor()
        return anchor.hub_url if self.kind == "node" and anchor else ""


def hub_site(settings: PlatformSettings, anchor: FederationAnchor) -> Site:
    """The hub's site.

    Raises:
        SettingsInvalid: the boards cannot be used.
    """
    return Site("hub", lambda: anchor, LiveBoards(settings))


def node_site(
    settings: PlatformSettings,
    node: str,
    *,
    anchor: Callable[[], FederationAnchor | None],
    read_extension: ReadExtension,
) -> Site:
    """A node's site, with the items that only this node has.

    Raises:
        SettingsInvalid: the boards cannot be used.
    """
    boards = LiveBoards(settings)
    return Site("node", anchor, boards, node=node, read_extension=read_extension)
