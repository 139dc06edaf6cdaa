"""The desks of registrars, administrators and auditors: their pages, and their menu."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from main_platform.audit.act_words import ACT_TITLES
from main_platform.console import (
    catalogue_pages,
    enrolment_pages,
    job_pages,
    listing_pages,
    node_change_pages,
    node_pages,
    staff_pages,
)
from main_platform.staff.permissions import Permission
from shared_platform.audit_desk.act_words import SHARED_ACT_TITLES
from shared_platform.audit_desk.audit_pages import audit_pages
from shared_platform.workspace.navigation import Place
from shared_schema.bilingual import Words

REGISTRY_ROUTERS: Final[Sequence[APIRouter]] = (
    listing_pages.router,
    node_pages.router,
    enrolment_pages.router,
    node_change_pages.router,
    catalogue_pages.router,
    job_pages.router,
    staff_pages.router,
    audit_pages(Permission.READ_AUDIT, {**SHARED_ACT_TITLES, **ACT_TITLES}),
)
REGISTRY_PLACES: Final[Sequence[Place]] = (
    Place(
        "/console/listings",
        Words("在哪里", "Where is it?"),
        Words("按编号、专利号、专利权人查一项许可走到哪一步。", "Where any listing stands."),
        Permission.READ_REVIEWS,
    ),
    Place(
        "/console/nodes",
        Words("节点", "Nodes"),
        Words("入网、密钥、限额、运行状况。", "Enrolments, keys, quotas, health."),
        Permission.READ_NODES,
    ),
    Place(
        "/console/catalogue",
        Words("目录与月刊", "Catalogue"),
        Words("日志、联署、快照、搁置条目、月刊。", "Log, cosignatures, held entries, issues."),
        Permission.READ_REVIEWS,
    ),
    Place(
        "/console/staff",
        Words("人员", "Staff"),
        Words("账号、角色、邀请、停用。", "Accounts, roles, invitations."),
        Permission.MANAGE_STAFF,
    ),
    Place(
        "/audit",
        Words("审计", "Audit"),
        Words("查找、核对、导出审计记录。", "Search, check and export the audit trail."),
        Permission.READ_AUDIT,
    ),
    Place(
        "/console/jobs",
        Words("运行", "Jobs"),
        Words("警报、队列、循环任务。", "Alarms, queues, loops."),
        Permission.READ_NODES,
    ),
)
