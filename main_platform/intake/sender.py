"""Who sends: the node with its scope and the keys its statements may be signed with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.errors import ScopeDenied
from main_platform.nodes.tables import NodeKeyRow, NodeRow
from shared_schema.entry_parts import NodeScope
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import Instant
from shared_schema.refusal import FieldError
from shared_schema.region import COUNTRY, lineage
from shared_schema.signing_key import PublicKey
from shared_schema.territory import Territory

LICENCE: Final = "licence"


@dataclass(frozen=True, slots=True)
class Sender:
    """A node that proved itself in this request. `keys` are its active statement keys by id."""

    node: str
    scope: NodeScope
    keys: Mapping[str, PublicKey]


async def find_sender(session: AsyncSession, node: str, *, now: Instant) -> Sender:
    """The node with its active, unexpired statement keys; one statement.

    Raises:
        ScopeDenied: its scope does not include licences.
    """
    found = await session.execute(
        select(NodeRow.scope, NodeKeyRow.key_id, NodeKeyRow.algorithm, NodeKeyRow.public_key)
        .join(NodeKeyRow, NodeKeyRow.node == NodeRow.id)
        .where(
            NodeRow.id == node,
            NodeKeyRow.use == "statement",
            NodeKeyRow.state == "active",
            NodeKeyRow.not_after > now,
        )
    )
    rows = found.all()
    scope = NodeScope.model_validate(rows[0].scope) if rows else NodeScope(regions=(), kinds=())
    if LICENCE not in scope.kinds:
        message = "节点的登记范围不含许可声明 / the node's scope has no kind “licence”"
        raise ScopeDenied(message, [FieldError("", "scope.kind", message, "protocol §3")])
    keys = {row.key_id: PublicKey(row.algorithm, row.public_key) for row in rows}
    return Sender(node, scope, keys)


def serves(scope: NodeScope, territory: Territory) -> bool:
    """Whether the offer holds anywhere in the regions the node is enrolled for.

    A node of Guangdong may offer in Guangdong, in Shenzhen or nationwide, but not in Fujian only.
    A scope that names the country serves everywhere.
    """
    return any(_meets(region, territory) for region in scope.regions)


def _meets(region: str, territory: Territory) -> bool:
    if region == COUNTRY:
        return True
    try:
        around = lineage(region)
    except IdentifierRefused:
        return False
    if any(code in around for code in territory.exclude):
        return False
    return any(code in around or around[0] in lineage(code) for code in territory.include)
