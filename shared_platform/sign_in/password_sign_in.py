"""Sign in by name and password; the slow part runs while no connection is held."""

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.password_hashing import PasswordHashing
from shared_platform.sign_in.passwords import Credentials, read_credentials, renew_hash
from shared_schema.instants import Instant


async def prove_password(
    sessions: async_sessionmaker[AsyncSession],
    hashing: PasswordHashing,
    *,
    name: str,
    password: str,
    now: Instant,
) -> Credentials | None:
    """Whose name and password these are; None for a wrong one, and for whoever is switched off.

    Every answer takes the same work. A wrong password is recorded, one of nobody is not: people
    type passwords where names belong.

    Raises:
        TooManySignIns: more people sign in at this moment than can be checked.
    """
    async with sessions.begin() as session:
        found = await read_credentials(session, name)
    stored = found.password_hash if found and found.is_active else None
    is_right, renewed = await hashing.verify(password, stored)
    if found is None:
        return None
    async with sessions.begin() as session:
        if renewed:
            await renew_hash(session, found.account_id, password_hash=renewed)
        if not is_right:
            refused = Record(SignInAct.SIGN_IN_REFUSED, Subject("account", found.name), found.name)
            await record(session, refused, now=now)
    return found if is_right else None
