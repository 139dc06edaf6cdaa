"""What the nodes have cosigned of the log, and whom the hub still wants to hear."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.nodes.states import NodeState
from main_platform.nodes.tables import (
    CosignatureRow,
    CosignatureWaiverRow,
    LogGuardRow,
    NodeRow,
    ShownCheckpointRow,
)

MAX_LINES: Final = 200
"""Cosignatures served with a checkpoint; a signed note holds 256 signatures at most."""

_WAIVED: Final = exists().where(CosignatureWaiverRow.node == NodeRow.id)
_SHOWN: Final = select(func.max(ShownCheckpointRow.size)).where(
    ShownCheckpointRow.waived_by.is_(None)
)
_LARGEST: Final = select(
    func.greatest(
        select(func.max(CosignatureRow.size))
        .where(~exists().where(CosignatureWaiverRow.node == CosignatureRow.node))
        .scalar_subquery(),
        _SHOWN.scalar_subquery(),
    )
)
_QUESTION: Final = select(LogGuardRow.question).scalar_subquery()
_IS_RESTORED: Final = exists().where(LogGuardRow.restored_at.is_not(None))
_COSIGNERS: Final = (
    select(func.count())
    .select_from(NodeRow)
    .join(CosignatureRow, CosignatureRow.node == NodeRow.id)
    .where(NodeRow.state == NodeState.ACTIVE, ~_WAIVED)
)
_UNHEARD: Final = (
    select(NodeRow.id)
    .outerjoin(CosignatureRow, CosignatureRow.node == NodeRow.id)
    .where(
        NodeRow.state == NodeState.ACTIVE,
        ~_WAIVED,
        or_(
            and_(CosignatureRow.node.is_(None), _IS_RESTORED),
            CosignatureRow.answered < _QUESTION,
        ),
    )
    .order_by(NodeRow.id)
)


async def largest_cosigned(session: AsyncSession) -> int:
    """The largest size of the log that is proven to have been signed; 0 before the first.

    By cosignatures, and by checkpoints that anybody has shown. What staff have waived does not
    count.
    """
    return await session.scalar(_LARGEST) or 0


async def largest_shown(session: AsyncSession) -> int:
    """The largest checkpoint that was shown by anybody and not waived; 0 where there is none."""
    return await session.scalar(_SHOWN) or 0


async def cosigned_sizes(session: AsyncSession) -> dict[str, int]:
    """The size of the log that each active node has cosigned; 0 before its first."""
    found = await session.execute(
        select(NodeRow.id, func.coalesce(CosignatureRow.size, 0))
        .outerjoin(CosignatureRow, CosignatureRow.node == NodeRow.id)
        .where(NodeRow.state == NodeState.ACTIVE)
    )
    return dict(found.all())


async def unheard_nodes(session: AsyncSession) -> Sequence[str]:
    """The active nodes that have not answered the last question; waived ones do not count.

    A node that has never cosigned is asked only after a restore: it may have done so since the
    backup was made.
    """
    return (await session.scalars(_UNHEARD)).all()


async def count_cosigners(session: AsyncSession) -> int:
    """The active nodes that have ever cosigned; waived ones do not count."""
    return await session.scalar(_COSIGNERS) or 0


async def is_asked(session: AsyncSession, node: str) -> bool:
    """Whether this node should cosign now, whatever it has cosigned before."""
    found = await session.scalar(_UNHEARD.where(NodeRow.id == node))
    return found is not None


async def read_lines(session: AsyncSession, size: int, root: bytes) -> Sequence[str]:
    """The nodes' signature lines for the checkpoint of that size and root, by node."""
    row = CosignatureRow
    found = await session.scalars(
        select(row.line)
        .where(row.size == size, row.root == root)
        .order_by(row.node)
        .limit(MAX_LINES)
    )
    return found.all()
