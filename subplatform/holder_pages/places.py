"""The pages of holders and agents, their places in the menu, and what waits behind them."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.sign_in.access_policy import Caller
from shared_platform.workspace.navigation import Place
from shared_schema.bilingual import Words
from subplatform.accounts.members import find_membership
from subplatform.accounts.notices import count_unread
from subplatform.accounts.permissions import NODE_POLICY, Permission
from subplatform.holder_pages import (
    approval_pages,
    declaration_list_pages,
    declaration_pages,
    form_pages,
    mandate_pages,
    notice_pages,
    organisation_pages,
    patent_pages,
    registration_pages,
)

HOLDER_PLACES: Final = (
    Place(
        "/declarations",
        Words("我的申报", "Declarations"),
        Words(
            "填写、提交、更正许可声明，查看进度和回执。",
            "Make, submit and correct licence declarations; follow them with their receipts.",
        ),
        Permission.FILE_DECLARATIONS,
    ),
    Place(
        "/patents",
        Words("我的专利", "Patents"),
        Words(
            "专利清单、届满日，是否已声明。", "Your patents, when they expire, what is declared."
        ),
        Permission.FILE_DECLARATIONS,
    ),
    Place(
        "/notices",
        Words("通知", "Notices"),
        Words("退回、期限、决定和届满提醒。", "Returns, deadlines, decisions, ends of periods."),
        Permission.OWN_ORGANISATION,
    ),
    Place(
        "/organisation",
        Words("单位", "Organisation"),
        Words("单位资料、成员、委托。", "Your organisation, its members and mandates."),
        Permission.OWN_ORGANISATION,
    ),
)
APPROVAL_PLACES: Final = (
    Place(
        "/organisations",
        Words("单位审核", "Organisations"),
        Words("审核新登记的单位。", "Approve organisations that registered."),
        Permission.MANAGE_ORGANISATIONS,
    ),
)
HOLDER_ROUTERS: Final[Sequence[APIRouter]] = (
    registration_pages.router,
    form_pages.router,
    declaration_list_pages.router,
    declaration_pages.router,
    patent_pages.router,
    notice_pages.router,
    organisation_pages.router,
    mandate_pages.router,
    approval_pages.router,
)


async def count_waiting(session: AsyncSession, caller: Caller) -> Mapping[str, int]:
    """Unread notices of the caller's organisation; nothing for everybody else."""
    if not NODE_POLICY.allows(caller, Permission.OWN_ORGANISATION):
        return {}
    member = await find_membership(session, caller)
    if member is None or not member.may_act:
        return {}
    return {"/notices": await count_unread(session, member.organisation.id)}
