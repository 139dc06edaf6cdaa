"""Sign in by name and password; the slow part runs while no connection is held."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.password_hashing import PasswordHashing
from shared_platform.sign_in.passwords import Credentials, read_credentials, renew_hash
from shared_platform.sign_in.throttle import Tried, forget_failures, take_try, write_as_much
from shared_schema.instants import Instant


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says they are, and their proof; both as typed."""

    name: str
    password: str


async def prove_password(
    sessions: async_sessionmaker[AsyncSession],
    hashing: PasswordHashing,
    claim: Claim,
    *,
    now: Instant,
) -> Credentials | None:
    """Whose name and password these are; None for a wrong one, and for whoever is switched off.

    Every answer takes the same work, and an unknown name waits like a known one. A wrong password
    is recorded, one of nobody is not: people type passwords where names belong.

    Raises:
        TriedTooOften: the name waits after wrong passwords.
        TooManySignIns: more people sign in at this moment than can be checked.
    """
    async with sessions.begin() as session:
        found = await read_credentials(session, claim.name)
        tried = Tried("password", found.name if found else claim.name)
        waits = await take_try(session, tried, now=now)
    stored = found.password_hash if found and found.is_active else None
    is_right, renewed = await hashing.verify(claim.password, stored)
    async with sessions.begin() as session:
        if found is not None and is_right:
            await forget_failures(session, tried)
            if renewed:
                await renew_hash(session, found.account_id, password_hash=renewed)
        elif found is not None:
            await record_refusal(
                session, SignInAct.SIGN_IN_REFUSED, found.name, waits=waits, now=now
            )
        else:
            await write_as_much(session, tried, now=now)
    return found if is_right else None


async def record_refusal(
    session: AsyncSession, act: SignInAct, name: str, *, waits: timedelta, now: Instant
) -> None:
    """A wrong proof of a known account, and the wait that begins with it."""
    refused = Record(act, Subject("account", name), name)
    facts = {"seconds": int(waits.total_seconds())}
    locked = Record(SignInAct.SIGN_IN_LOCKED, Subject("account", name), name, facts)
    await record(session, refused, *([locked] if waits else []), now=now)
