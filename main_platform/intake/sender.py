"""Who sends: the node with its scope and the keys its statements may be signed with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.errors import ScopeDenied
from main_platform.nodes.tables import NodeKeyRow, NodeRow
from shared_platform.transport.signed_requests import KeyExpired, KeyRevoked
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
    """A node that proved itself in this request.

    `keys` are its active statement keys by id, `ended` those that were revoked or have expired.
    """

    node: str
    scope: NodeScope
    keys: Mapping[str, PublicKey]
    ended: Mapping[str, type[KeyRevoked | KeyExpired]] = field(default_factory=dict)


async def find_sender(session: AsyncSession, node: str, *, now: Instant) -> Sender:
    """The node with its statement keys; one statement.

    Raises:
        ScopeDenied: its scope does not include licences.
    """
    key = NodeKeyRow
    found = await session.execute(
        select(NodeRow.scope, key.key_id, key.algorithm, key.public_key, key.state, key.not_after)
        .join(key, key.node == NodeRow.id)
        .where(NodeRow.id == node, key.use == "statement", key.state != "pending")
    )
    rows = found.all()
    scope = NodeScope.model_validate(rows[0].scope) if rows else NodeScope(regions=(), kinds=())
    if LICENCE not in scope.kinds:
        message = "节点的登记范围不含许可声明 / the node's scope has no kind “licence”"
        raise ScopeDenied(message, [FieldError("", "scope.kind", message, "protocol §3")])
    ended: dict[str, type[KeyRevoked | KeyExpired]] = {}
    for row in rows:
        if row.state == "revoked":
            ended[row.key_id] = KeyRevoked
        elif row.not_after <= now:
            ended[row.key_id] = KeyExpired
    keys = {
        row.key_id: PublicKey(row.algorithm, row.public_key)
        for row in rows
        if row.key_id not in ended
    }
    return Sender(node, scope, keys, ended)


async def revoked_keys(session: AsyncSession, node: str) -> frozenset[str]:
    """The node's statement keys that are revoked now; asked again under the lock of its intake."""
    found = await session.scalars(
        select(NodeKeyRow.key_id).where(
            NodeKeyRow.node == node, NodeKeyRow.use == "statement", NodeKeyRow.state == "revoked"
        )
    )
    return frozenset(found)


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
