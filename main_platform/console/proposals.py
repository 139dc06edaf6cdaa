"""What one person proposed and another must confirm, beside reviews: counted by who may."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.tables import LogKeyProposalRow
from main_platform.console.callers import may
from main_platform.erasure.states import ErasureState
from main_platform.erasure.tables import ErasureRow
from main_platform.nodes.tables import EnrolmentRow, KeyRevocationRow
from main_platform.review.states import ReviewState
from main_platform.review.tables import ReviewRow
from main_platform.staff.permissions import Permission
from main_platform.tables import HubTable
from shared_platform.workspace.visit import Visit


@dataclass(frozen=True, slots=True)
class _Kind:
    """What waits where, and who may confirm it."""

    table: type[HubTable]
    condition: ColumnElement[bool]
    permission: Permission


_HALF_REPLACED = _Kind(
    ReviewRow,
    (ReviewRow.state == ReviewState.SECOND_REVIEW) & ReviewRow.resolution.is_not(None),
    Permission.RESOLVE_CONFLICTS,
)
_OF_NODES: Sequence[_Kind] = (
    _Kind(EnrolmentRow, EnrolmentRow.state == "waiting", Permission.MANAGE_NODES),
    _Kind(KeyRevocationRow, KeyRevocationRow.state == "waiting", Permission.MANAGE_NODES),
)
_KINDS: Sequence[_Kind] = (
    _Kind(
        ErasureRow,
        ErasureRow.state.in_([ErasureState.ASKED, ErasureState.PROPOSED]),
        Permission.ERASE_STATEMENTS,
    ),
    _HALF_REPLACED,
    *_OF_NODES,
    _Kind(LogKeyProposalRow, LogKeyProposalRow.state == "waiting", Permission.MANAGE_LOG_KEY),
)


async def count_proposals(session: AsyncSession, visit: Visit) -> int:
    """How many proposals wait that this visitor may decide."""
    return await _count(session, [one for one in _KINDS if may(visit, one.permission)])


async def count_half_replaced(session: AsyncSession) -> int:
    """Conflicts of which one person chose to replace what is public."""
    return await _count(session, [_HALF_REPLACED])


async def count_node_proposals(session: AsyncSession) -> int:
    """Enrolments and revocations of keys that wait."""
    return await _count(session, _OF_NODES)


async def _count(session: AsyncSession, kinds: Sequence[_Kind]) -> int:
    total = 0
    for kind in kinds:
        counted = select(func.count()).select_from(kind.table).where(kind.condition)
        total += await session.scalar(counted) or 0
    return total
