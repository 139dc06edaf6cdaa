"""What a caller reaches: everything, or what is of their own organisation and of their mandates.

A permission says what somebody may do; the scope says with whose objects. Both are asked for by the
same dependency, so a route cannot have the one without the other. What lies outside is answered as
if it did not exist.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends
from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import Caller, PermissionDenied
from shared_platform.sign_in.caller import caller_with
from shared_schema.instants import Instant, legal_day
from subplatform.accounts.errors import NoOrganisation, OrganisationNotFound
from subplatform.accounts.permissions import FILING, NODE_POLICY, STAFF, Permission
from subplatform.accounts.states import MandateState, OrganisationState
from subplatform.accounts.tables import MandateRow, MemberRow, OrganisationRow

_CHANGING: Final = frozenset({Permission.EDIT_DECLARATIONS, Permission.WITHDRAW_LISTINGS})


@dataclass(frozen=True, slots=True)
class Mandated:
    """Another organisation, for which an agent acts; `numbers` None: for all its patents."""

    organisation: UUID
    numbers: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Scope:
    """The objects that somebody reaches with one permission, and their name for the trail.

    `own` is the organisation of the caller, where they file for it themselves.
    """

    name: str
    is_everything: bool = False
    own: UUID | None = None
    mandated: Sequence[Mandated] = ()

    def holds(self, organisation: UUID | None, number: str) -> bool:
        """Whether an object of this organisation about this patent is reached."""
        if self.is_everything or (organisation is not None and organisation == self.own):
            return True
        return any(
            one.organisation == organisation and (one.numbers is None or number in one.numbers)
            for one in self.mandated
        )

    def over(
        self, organisation: ColumnElement[UUID | None], number: ColumnElement[str]
    ) -> ColumnElement[bool]:
        """The same as SQL, over the columns of a table."""
        if self.is_everything:
            return true()
        parts = [false() if self.own is None else organisation == self.own]
        for one in self.mandated:
            theirs = organisation == one.organisation
            parts.append(theirs if one.numbers is None else and_(theirs, number.in_(one.numbers)))
        return or_(*parts)

    def whole(self, organisation: ColumnElement[UUID | None]) -> ColumnElement[bool]:
        """SQL for objects about no single patent: those of organisations reached as a whole."""
        return true() if self.is_everything else organisation.in_(self.whole_organisations())

    def whole_organisations(self) -> list[UUID]:
        """The organisations of which every patent is reached."""
        return [*([self.own] if self.own else [])] + [
            one.organisation for one in self.mandated if one.numbers is None
        ]

    def filing_for(self, wanted: UUID | None, number: str | None) -> UUID | None:
        """The organisation that something new belongs to; None: filed by the node itself.

        `wanted` None is one's own. `number` None: something about all patents, as a list.

        Raises:
            NoOrganisation: the caller has none of their own and names none.
            OrganisationNotFound: the caller may not file this for that organisation.
        """
        if self.is_everything:
            return wanted
        if wanted is None or wanted == self.own:
            if self.own is None:
                raise NoOrganisation(
                    "账号没有可申报的单位：请先登记单位，或说明为哪个委托单位办理"
                    " / your account has no organisation to file for: register one, or name the"
                    " organisation whose mandate you have"
                )
            return self.own
        is_reached = (
            wanted in self.whole_organisations() if number is None else self.holds(wanted, number)
        )
        if not is_reached:
            raise OrganisationNotFound(
                "没有这个单位，或者没有它对此专利的有效委托"
                " / no such organisation, or no mandate of it in force for this patent"
            )
        return wanted


EVERYTHING: Final = Scope("service", is_everything=True)
"""What the service itself reaches, and commands on its own machine."""


def reaches_everything(caller: Caller, permission: Permission) -> bool:
    """Whether a role of the node's own people grants the permission.

    Of somebody who is verifier and holder, the first reaches everything by what verifiers may, and
    only their own by what holders may.
    """
    own_people = STAFF.intersection(caller.roles)
    return any(permission in NODE_POLICY.grants[role] for role in own_people)


async def scope_of(
    session: AsyncSession, caller: Caller, permission: Permission, *, now: Instant
) -> Scope:
    """What the caller reaches with this permission today.

    Raises:
        PermissionDenied: in their organisation they only read, and the permission changes.
    """
    if reaches_everything(caller, permission):
        return Scope(caller.name, is_everything=True)
    place = await _place(session, caller.id)
    if place is None:
        return Scope(caller.name)
    if place.role == "viewer" and permission in _CHANGING:
        raise PermissionDenied(
            "您在单位中只有查看权限，请单位管理员调整"
            " / in your organisation you only read; ask one of its owners"
        )
    own = place.organisation_id if FILING.intersection(caller.roles) else None
    mandated: Sequence[Mandated] = ()
    if "agent" in caller.roles:
        today = legal_day(now)
        mandated = await _mandates(session, place.organisation_id, permission, today=today)
    return Scope(caller.name, own=own, mandated=mandated)


def scope_with(permission: Permission) -> Callable[..., Awaitable[Scope]]:
    """A dependency: the caller has the permission, and this is what they reach with it."""
    Permitted = Annotated[  # noqa: N806
        Caller, Depends(caller_with(permission), scope="function")
    ]

    async def reached(caller: Permitted, session: Transaction, now: Now) -> Scope:
        return await scope_of(session, caller, permission, now=now)

    return reached


def _scope(permission: Permission) -> object:
    return Depends(scope_with(permission), scope="function")


DeclarationReader = Annotated[Scope, _scope(Permission.READ_DECLARATIONS)]
DeclarationEditor = Annotated[Scope, _scope(Permission.EDIT_DECLARATIONS)]
Withdrawer = Annotated[Scope, _scope(Permission.WITHDRAW_LISTINGS)]


async def _place(session: AsyncSession, account: UUID) -> MemberRow | None:
    """The account's place in an organisation that may act."""
    return await session.scalar(
        select(MemberRow)
        .join(OrganisationRow, OrganisationRow.id == MemberRow.organisation_id)
        .where(
            MemberRow.account_id == account,
            MemberRow.is_requested.is_(False),
            OrganisationRow.state == OrganisationState.ACTIVE,
        )
    )


async def _mandates(
    session: AsyncSession, agent: UUID, permission: Permission, *, today: date
) -> Sequence[Mandated]:
    """The mandates in force of this agent's organisation that let it do this."""
    lets = {
        Permission.EDIT_DECLARATIONS: MandateRow.may_declare.is_(True),
        Permission.WITHDRAW_LISTINGS: MandateRow.may_withdraw.is_(True),
    }.get(permission, true())
    found = await session.scalars(
        select(MandateRow)
        .join(OrganisationRow, OrganisationRow.id == MandateRow.organisation_id)
        .where(
            MandateRow.agent_id == agent,
            MandateRow.state == MandateState.ACCEPTED,
            MandateRow.begins_on <= today,
            MandateRow.ends_on >= today,
            OrganisationRow.state == OrganisationState.ACTIVE,
            lets,
        )
        .order_by(MandateRow.id)
    )
    return [
        Mandated(row.organisation_id, None if row.numbers is None else frozenset(row.numbers))
        for row in found
    ]
