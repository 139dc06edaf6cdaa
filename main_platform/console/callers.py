"""Who opens the pages of reviews, and what each page knows of its reader."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.console.row_view import Looking
from main_platform.nodes.read_nodes import read_node_names
from main_platform.review.backlog import Promise
from main_platform.staff.permissions import Permission
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.workspace.visit import Visit, page_caller_with, page_caller_within
from shared_schema.instants import Instant

_reading = Depends(page_caller_within(Permission.READ_REVIEWS), scope="function")
_deciding = Depends(page_caller_with(Permission.DECIDE_REVIEWS), scope="function")
_confirming = Depends(page_caller_with(Permission.CONFIRM_DECISIONS), scope="function")
_resolving = Depends(page_caller_with(Permission.RESOLVE_CONFLICTS), scope="function")
_withdrawing = Depends(page_caller_with(Permission.WITHDRAW_LISTINGS), scope="function")

ReadingReviews = Annotated[Visit, _reading]
DecidingReviews = Annotated[Visit, _deciding]
ConfirmingDecisions = Annotated[Visit, _confirming]
ResolvingConflicts = Annotated[Visit, _resolving]
WithdrawingListings = Annotated[Visit, _withdrawing]


def may(visit: Visit, permission: Permission) -> bool:
    """Whether the visitor may do it everywhere."""
    policy: AccessPolicy = visit.request.app.state.access_policy
    return policy.allows(visit.caller, permission)


def promise_of(request: Request) -> Promise:
    """What the office promises, from its settings."""
    return Promise(request.app.state.settings.review_days)


async def looking(visit: Visit, session: AsyncSession, *, now: Instant) -> Looking:
    """What rows and pages need to know of who looks."""
    return Looking(
        visit.reader,
        visit.caller.name,
        promise_of(visit.request),
        now,
        await read_node_names(session),
    )
