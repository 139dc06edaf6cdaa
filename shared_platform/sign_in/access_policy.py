"""Who may do what, as data: roles grant permissions, and nothing else does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class NotSignedIn(DomainError):
    """No token, or one that is unknown, expired or revoked; the answer never says which."""

    problem = ProblemType.NOT_SIGNED_IN


class PermissionDenied(DomainError):
    """The caller is known and lacks the permission."""

    problem = ProblemType.PERMISSION_DENIED


class UnknownRole(DomainError):
    """A role that this service does not have."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind a request: what decisions and the audit trail name.

    Attributes:
        scopes: what the token in use is limited to; None: to nothing.
        region: the GB/T 2260 code that roles bound to a region work for.
    """

    id: UUID
    name: str
    roles: tuple[str, ...]
    scopes: frozenset[str] | None = None
    region: str | None = None


@dataclass(frozen=True)
class AccessPolicy:
    """The roles of one service, each with its permissions (values of one `StrEnum`)."""

    grants: Mapping[str, frozenset[StrEnum]]

    def check_roles(self, roles: Iterable[str]) -> tuple[str, ...]:
        """The roles, sorted and without repeats.

        Raises:
            UnknownRole: one of them is not a role of this service; the detail lists those that are.
        """
        wanted = tuple(sorted(set(roles)))
        unknown = [role for role in wanted if role not in self.grants]
        if unknown:
            known = ", ".join(sorted(self.grants))
            raise UnknownRole(
                detail=f"角色 {unknown[0]!r} 不存在，可用：{known} / known roles: {known}"
            )
        return wanted

    def allows(self, caller: Caller, permission: StrEnum) -> bool:
        """Whether one of the caller's roles grants the permission, and the token leaves it."""
        return permission in self.permissions(caller)

    def permissions(self, caller: Caller) -> frozenset[StrEnum]:
        """All that the caller may do."""
        granted = (self.grants.get(role, frozenset()) for role in caller.roles)
        return frozenset(
            permission
            for permission in frozenset[StrEnum]().union(*granted)
            if caller.scopes is None or permission.value in caller.scopes
        )

    def require(self, caller: Caller, permission: StrEnum) -> None:
        """Let the call go on only if one of the caller's roles grants the permission.

        Raises:
            PermissionDenied: none does.
        """
        if not self.allows(caller, permission):
            needed = sorted(role for role, granted in self.grants.items() if permission in granted)
            raise PermissionDenied(
                detail=f"需要权限 {permission.value}（角色：{', '.join(needed)}）"
                f" / needs {permission.value}, held by: {', '.join(needed)}"
            )
