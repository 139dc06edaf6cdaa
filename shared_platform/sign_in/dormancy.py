"""Switch off accounts that nobody used for long (GB/T 22239-2019 8.1.4.2: no idle accounts)."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import SERVICE, Record, Subject, record
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.tables import account, account_token
from shared_schema.instants import Instant


async def note_use(session: AsyncSession, name: str, *, now: Instant) -> None:
    """Somebody signed in."""
    await session.execute(update(account).where(account.c.name == name).values(used_at=now))


async def switch_off_dormant(session: AsyncSession, *, days: int, now: Instant) -> int:
    """Switch off who neither signed in nor sent a token for `days`; 0 days: nobody. How many.

    An administrator switches them on again, which counts as use.
    """
    if days == 0:
        return 0
    token = account_token.c
    sent = select(func.max(token.last_used_at)).where(token.account_id == account.c.id)
    last = func.greatest(
        account.c.created_at,
        account.c.used_at,
        sent.scalar_subquery(),
    )
    idle = account.c.is_active & (last < now - timedelta(days=days))
    gone = update(account).where(idle).values(is_active=False).returning(account.c.name)
    names = (await session.scalars(gone)).all()
    acts = [
        Record(SignInAct.ACCOUNT_DORMANT, Subject("account", name), SERVICE, {"days": days})
        for name in sorted(names)
    ]
    await record(session, *acts, now=now)
    return len(names)
