"""Bodies of the accounts API."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from pydantic_core import PydanticCustomError

from shared_platform.sign_in.access_policy import Caller
from shared_platform.sign_in.accounts import NAME_FORM, Account, NewAccount
from shared_platform.sign_in.tokens import MOST_DAYS, TOKEN_DAYS
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import Instant
from shared_schema.region import parse_region_code
from shared_schema.text import PlainText


def _known_region(code: str) -> str:
    try:
        return parse_region_code(code)
    except IdentifierRefused as refused:
        raise PydanticCustomError(
            "region.unknown_code", "没有这个地区代码 / no such region"
        ) from refused


Region = Annotated[str, AfterValidator(_known_region), Field(description="GB/T 2260 code")]
AccountName = Annotated[str, StringConstraints(pattern=f"^{NAME_FORM.pattern}$")]


_EXAMPLE_ACCOUNT: Final[dict[str, JsonValue]] = {
    "id": "019a0000-0000-7000-8000-000000000001",
    "name": "li.na",
    "display_name": "李娜",
    "roles": ["examiner"],
    "is_active": True,
    "created_at": "2026-11-22T08:00:00Z",
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CallerOut(_Body):
    """Who the token belongs to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{name: _EXAMPLE_ACCOUNT[name] for name in ("id", "name", "roles")}]
        }
    )

    id: UUID
    name: str
    roles: tuple[str, ...]

    @classmethod
    def of(cls, caller: Caller) -> "CallerOut":
        """The caller as shown to themselves."""
        return cls(id=caller.id, name=caller.name, roles=caller.roles)


class AccountOut(_Body):
    """An account as shown to administrators."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_ACCOUNT]})

    id: UUID
    name: str
    display_name: str
    roles: tuple[str, ...]
    is_active: bool
    created_at: Instant
    email: str | None = None
    region: str | None = None

    @classmethod
    def of(cls, account: Account) -> "AccountOut":
        """The account without anything secret."""
        return cls(
            id=account.id,
            name=account.name,
            display_name=account.display_name,
            roles=account.roles,
            is_active=account.is_active,
            created_at=account.created_at,
            email=account.email,
            region=account.region,
        )


class AccountIn(_Body):
    """A new account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "li.na", "display_name": "李娜", "roles": ["examiner"]}]
        }
    )

    name: AccountName
    display_name: PlainText
    roles: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)]
    email: (
        Annotated[str, Field(max_length=254, description="an invitation is sent there")] | None
    ) = None
    region: Region | None = None

    def wanted(self) -> NewAccount:
        """The use case's form of it."""
        return NewAccount(self.name, self.display_name, self.roles, self.email, self.region)


class AccountChange(_Body):
    """What to change of an account; members left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_active": False}]})

    roles: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)] | None = None
    is_active: bool | None = None
    region: Region | None = None


class TokenIn(_Body):
    """A wish for a token; the label says where it will be used."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "review desk"}]})

    label: PlainText
    scopes: (
        Annotated[
            tuple[str, ...],
            Field(min_length=1, max_length=60, description="permissions it is limited to"),
        ]
        | None
    ) = None
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = TOKEN_DAYS


class TokenOut(_Body):
    """The token, shown this once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "kaixu_b3VyLi4u", "days": 90}]}
    )

    token: str
    days: int


class RevokedOut(_Body):
    """How many tokens stopped working."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revoked": 2}]})

    revoked: int
