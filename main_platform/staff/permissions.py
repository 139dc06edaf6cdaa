"""What the hub's staff may do: permissions, roles, and the callers that routes name."""

from enum import StrEnum
from typing import Annotated, Final

from fastapi import Depends

from shared_platform.sign_in.access_policy import AccessPolicy, Caller, Reach
from shared_platform.sign_in.caller import caller_with, caller_within
from shared_schema.bilingual import Words


class Permission(StrEnum):
    """One member for each thing that must be allowed separately."""

    READ_REVIEWS = "read_reviews"
    DECIDE_REVIEWS = "decide_reviews"
    CONFIRM_DECISIONS = "confirm_decisions"
    RESOLVE_CONFLICTS = "resolve_conflicts"
    WITHDRAW_LISTINGS = "withdraw_listings"
    ERASE_STATEMENTS = "erase_statements"
    FREEZE_ISSUES = "freeze_issues"
    CORRECT_ISSUES = "correct_issues"
    READ_NODES = "read_nodes"
    MANAGE_NODES = "manage_nodes"
    MANAGE_STAFF = "manage_staff"
    MANAGE_LOG_KEY = "manage_log_key"
    READ_AUDIT = "read_audit"


_READS: Final = frozenset({Permission.READ_REVIEWS, Permission.READ_NODES})

HUB_POLICY: Final = AccessPolicy(
    {
        "examiner": _READS | {Permission.DECIDE_REVIEWS},
        "catalogue_manager": _READS
        | {
            Permission.DECIDE_REVIEWS,
            Permission.CONFIRM_DECISIONS,
            Permission.RESOLVE_CONFLICTS,
            Permission.WITHDRAW_LISTINGS,
            Permission.ERASE_STATEMENTS,
            Permission.FREEZE_ISSUES,
            Permission.CORRECT_ISSUES,
        },
        "node_registrar": frozenset({Permission.READ_NODES, Permission.MANAGE_NODES}),
        "administrator": frozenset({Permission.READ_NODES, Permission.MANAGE_LOG_KEY}),
        "security_administrator": frozenset({Permission.READ_NODES, Permission.MANAGE_STAFF}),
        "auditor": _READS | {Permission.READ_AUDIT},
        "second_examiner": _READS | {Permission.CONFIRM_DECISIONS},
        "mediator": _READS,
        "statistician": frozenset({Permission.READ_NODES}),
        "city_officer": _READS,
    },
    regional=frozenset({"city_officer"}),
    apart=frozenset({"administrator", "security_administrator", "auditor"}),
)
ROLE_TITLES: Final = {
    "examiner": Words("审核员", "Examiner"),
    "catalogue_manager": Words("目录管理员", "Catalogue manager"),
    "node_registrar": Words("节点登记员", "Node registrar"),
    "administrator": Words("系统管理员", "System administrator"),
    "security_administrator": Words("安全管理员", "Security administrator"),
    "auditor": Words("审计管理员", "Audit administrator"),
    "second_examiner": Words("复核员", "Second examiner"),
    "mediator": Words("纠纷调解员", "Mediator"),
    "statistician": Words("统计员", "Statistician"),
    "city_officer": Words("地市专员", "City officer"),
}


def _caller(permission: Permission) -> object:
    return Depends(caller_with(permission), scope="function")


_reading = Depends(caller_within(Permission.READ_REVIEWS), scope="function")
ReviewReader = Annotated[Reach, _reading]
Examiner = Annotated[Caller, _caller(Permission.DECIDE_REVIEWS)]
SecondExaminer = Annotated[Caller, _caller(Permission.CONFIRM_DECISIONS)]
ConflictResolver = Annotated[Caller, _caller(Permission.RESOLVE_CONFLICTS)]
CatalogueManager = Annotated[Caller, _caller(Permission.WITHDRAW_LISTINGS)]
Eraser = Annotated[Caller, _caller(Permission.ERASE_STATEMENTS)]
IssueFreezer = Annotated[Caller, _caller(Permission.FREEZE_ISSUES)]
IssueCorrector = Annotated[Caller, _caller(Permission.CORRECT_ISSUES)]
NodeReader = Annotated[Caller, _caller(Permission.READ_NODES)]
NodeRegistrar = Annotated[Caller, _caller(Permission.MANAGE_NODES)]
Administrator = Annotated[Caller, _caller(Permission.MANAGE_STAFF)]
Auditor = Annotated[Caller, _caller(Permission.READ_AUDIT)]
