"""Visits to the provider and back, and which account a proven person is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.oidc import Journey, ProvenPerson
from shared_platform.sign_in.secret_hash import new_secret, secret_hash
from shared_platform.sign_in.tables import account, account_identity, provider_visit
from shared_schema.identities import IdSource
from shared_schema.instants import Instant

_LASTS: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Departure:
    """What leaves with the browser: the state in the address, and the secret of its cookie."""

    journey: Journey
    browser_secret: str


@dataclass(frozen=True, slots=True)
class Return:
    """A visit that came back to the browser it began in."""

    journey: Journey
    wanted: str | None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """The account of a proven person."""

    account_id: UUID
    name: str


async def depart(
    session: AsyncSession, *, wanted: str | None, ids: IdSource, now: Instant
) -> Departure:
    """Begin a visit; it can come back once, within minutes, to the browser with the cookie."""
    journey = Journey(new_secret(ids), new_secret(ids), new_secret(ids))
    browser_secret = new_secret(ids)
    await session.execute(
        insert(provider_visit).values(
            state_hash=secret_hash(journey.state),
            browser_hash=secret_hash(browser_secret),
            nonce=journey.nonce,
            verifier=journey.verifier,
            wanted=wanted,
            expires_at=now + _LASTS,
        )
    )
    return Departure(journey, browser_secret)


async def come_back(
    session: AsyncSession, state: str, *, browser_secret: str, now: Instant
) -> Return | None:
    """The visit of that state, used up; None if it is not this browser's, old, or was used."""
    ended = await session.execute(
        delete(provider_visit)
        .where(
            provider_visit.c.state_hash == secret_hash(state),
            provider_visit.c.browser_hash == secret_hash(browser_secret),
            provider_visit.c.expires_at > now,
        )
        .returning(provider_visit)
    )
    row = ended.first()
    return None if row is None else Return(Journey(state, row.nonce, row.verifier), row.wanted)


async def find_person(
    session: AsyncSession, person: ProvenPerson, *, now: Instant
) -> KnownPerson | None:
    """The active account of that person; None where nobody invited them.

    An account that an administrator made is linked at the first visit if it has the address that
    the provider has verified; afterwards the provider's own name for the person decides. No account
    is ever made here, and no role given.
    """
    theirs = (account_identity.c.issuer == person.issuer) & (
        account_identity.c.subject == person.subject
    )
    columns = select(account.c.id, account.c.name, account.c.is_active)
    linked = await session.execute(
        columns.join(account_identity, account_identity.c.account_id == account.c.id).where(theirs)
    )
    row = linked.first()
    if row is None and person.email is not None:
        found = await session.execute(columns.where(account.c.email == person.email.lower()))
        row = found.first()
        if row is not None and row.is_active:
            await session.execute(
                upsert(account_identity)
                .values(
                    issuer=person.issuer,
                    subject=person.subject,
                    account_id=row.id,
                    linked_at=now,
                )
                .on_conflict_do_nothing()
            )
            act = Record(
                SignInAct.IDENTITY_LINKED,
                Subject("account", row.name),
                row.name,
                {"issuer": person.issuer},
            )
            await record(session, act, now=now)
    return KnownPerson(row.id, row.name) if row is not None and row.is_active else None
