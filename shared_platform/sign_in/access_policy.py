"""Who may do what, as data: roles grant permissions, and nothing else does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.region import lineage


class NotSignedIn(DomainError):
    """No token, or one that is unknown, expired or revoked; the answer never says which."""

    problem = ProblemType.NOT_SIGNED_IN


class PermissionDenied(DomainError):
    """The caller is known and lacks the permission."""

    problem = ProblemType.PERMISSION_DENIED


class UnknownRole(DomainError):
    """A role that this service does not have."""

    problem = ProblemType.SCHEMA_INVALID


class RegionMissing(DomainError):
    """A role that works for one region was given to an account without any."""

    problem = ProblemType.SCHEMA_INVALID


class RolesApart(DomainError):
    """Roles that must not be one person's were given to one account."""

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


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a caller may look or act: in one region, or everywhere (None)."""

    caller: Caller
    region: str | None

    @property
    def name(self) -> str:
        """Who it is, as the audit trail has it."""
        return self.caller.name


@dataclass(frozen=True)
class AccessPolicy:
    """The roles of one service, each with its permissions (values of one `StrEnum`).

    Roles in `regional` work for the region of their account alone: what they grant opens only what
    asks for a region (`allows_in`), and nothing that does not. Of the roles in `apart` an account
    has one at most (GB/T 22239-2019 8.1.4.2, 8.1.5: system, security and audit administrators).
    """

    grants: Mapping[str, frozenset[StrEnum]]
    regional: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()

    def check_roles(self, roles: Iterable[str]) -> tuple[str, ...]:
        """The roles, sorted and without repeats.

        Raises:
            UnknownRole: one of them is not a role of this service; the detail lists those that are.
            RolesApart: two of them must not be one person's.
        """
        wanted = tuple(sorted(set(roles)))
        unknown = [role for role in wanted if role not in self.grants]
        if unknown:
            known = ", ".join(sorted(self.grants))
            raise UnknownRole(
                detail=f"角色 {unknown[0]!r} 不存在，可用：{known} / known roles: {known}"
            )
        both = sorted(self.apart.intersection(wanted))
        if len(both) > 1:
            raise RolesApart(*_apart(both))
        return wanted

    def check_region(self, roles: Iterable[str], region: str | None) -> None:
        """Let a regional role stand only beside a region.

        Raises:
            RegionMissing: a role is regional, and the account has no region.
        """
        needing = sorted(self.regional.intersection(roles))
        if needing and region is None:
            raise RegionMissing(
                detail=f"角色 {needing[0]} 须指定地区 / the role {needing[0]} needs a region"
            )

    def allows(self, caller: Caller, permission: StrEnum) -> bool:
        """Whether the caller may do it everywhere, and the token leaves it."""
        return permission in self.permissions(caller)

    def allows_in(self, caller: Caller, permission: StrEnum, region: str) -> bool:
        """Whether the caller may do it for something in this region (GB/T 2260, of any level).

        Raises:
            IdentifierRefused: the region is no code.
        """
        if self.allows(caller, permission):
            return True
        own = caller.region
        granted = permission in self._granted(self.regional.intersection(caller.roles), caller)
        return granted and own is not None and own in lineage(region)

    def reaches(self, caller: Caller, permission: StrEnum) -> bool:
        """Whether the caller may do it somewhere."""
        if self.allows(caller, permission):
            return True
        granted = self._granted(self.regional.intersection(caller.roles), caller)
        return caller.region is not None and permission in granted

    def reach(self, caller: Caller, permission: StrEnum) -> Reach:
        """How far the caller may do it; what a regional role grants ends at its region.

        Raises:
            PermissionDenied: nowhere.
        """
        if not self.reaches(caller, permission):
            self.require(caller, permission)
        return Reach(caller, None if self.allows(caller, permission) else caller.region)

    def permissions(self, caller: Caller) -> frozenset[StrEnum]:
        """All that the caller may do without regard to a region."""
        return self._granted(set(caller.roles) - self.regional, caller)

    def _granted(self, roles: Iterable[str], caller: Caller) -> frozenset[StrEnum]:
        granted = (self.grants.get(role, frozenset()) for role in roles)
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


def _apart(both: Sequence[str]) -> tuple[str, list[FieldError]]:
    named = "、".join(both)
    said = (
        f"{named} 须由不同的人担任，请另给一人（GB/T 22239-2019 8.1.4.2）"
        f" / {', '.join(both)} must be different people; give one of them to somebody else"
    )
    error = FieldError("/roles", "roles.apart", said, "GB/T 22239-2019 8.1.4.2")
    return said, [error]
