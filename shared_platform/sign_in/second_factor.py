"""The second factor: time-based codes (RFC 6238), and recovery codes for when the device is lost.

A code is taken once: its time step is kept, and only later ones are taken afterwards.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.sign_in.secret_hash import secret_hash
from shared_platform.sign_in.tables import recovery_code, totp_device
from shared_schema.identities import IdSource
from shared_schema.instants import Instant

STEP_SECONDS: Final = 30
RECOVERY_CODES: Final = 10
_DRIFT: Final = 1  # steps that a clock may be off, before and after (RFC 6238 §5.2)
_DIGITS: Final = 6
_SECRET_CHARACTERS: Final = 32  # 160 bits (RFC 4226 §4)
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What an account has beside its password."""

    is_confirmed: bool
    recovery_codes_left: int


async def read_second_factor(session: AsyncSession, account_id: UUID) -> SecondFactor:
    """Whether the account has a confirmed device, and how many recovery codes are unused."""
    confirmed = select(totp_device.c.confirmed_at).where(totp_device.c.account_id == account_id)
    left = (
        select(func.count())
        .select_from(recovery_code)
        .where(recovery_code.c.account_id == account_id, recovery_code.c.used_at.is_(None))
    )
    is_confirmed = await session.scalar(confirmed) is not None
    return SecondFactor(is_confirmed, await session.scalar(left) or 0)


async def propose_device(
    session: AsyncSession, account_id: UUID, *, ids: IdSource, now: Instant
) -> str:
    """The secret of a device to be confirmed; the same one until it is, so that reloading is safe.

    A confirmed device stays as it is until the new one is confirmed (`confirm_device`).
    """
    fresh = upsert(totp_device).values(
        account_id=account_id, proposed_secret=new_totp_secret(ids), created_at=now
    )
    kept = func.coalesce(totp_device.c.proposed_secret, fresh.excluded.proposed_secret)
    proposed = fresh.on_conflict_do_update(
        index_elements=["account_id"], set_={"proposed_secret": kept}
    ).returning(totp_device.c.proposed_secret)
    return str(await session.scalar(proposed))


async def confirm_device(
    session: AsyncSession, account_id: UUID, code: str, *, now: Instant
) -> bool:
    """Take the proposed device into use if the code is its; from then on it alone counts."""
    row = (
        await session.execute(
            select(totp_device).where(totp_device.c.account_id == account_id).with_for_update()
        )
    ).first()
    if row is None or row.proposed_secret is None:
        return False
    step = matching_step(row.proposed_secret, code, now=now)
    if step is None:
        return False
    await session.execute(
        update(totp_device)
        .where(totp_device.c.account_id == account_id)
        .values(secret=row.proposed_secret, proposed_secret=None, last_step=step, confirmed_at=now)
    )
    return True


async def take_code(session: AsyncSession, account_id: UUID, code: str, *, now: Instant) -> bool:
    """Whether this is a code of the account's device or one of its recovery codes; used up by it.

    Locks the device, so of two requests with one code exactly one succeeds.
    """
    row = (
        await session.execute(
            select(totp_device)
            .where(totp_device.c.account_id == account_id, totp_device.c.secret.is_not(None))
            .with_for_update()
        )
    ).first()
    if row is None:
        return False
    step = matching_step(row.secret, code, now=now)
    if step is None:
        return await _take_recovery_code(session, account_id, code, now=now)
    if step <= row.last_step:
        return False
    await session.execute(
        update(totp_device).where(totp_device.c.account_id == account_id).values(last_step=step)
    )
    return True


async def make_recovery_codes(
    session: AsyncSession, account_id: UUID, *, ids: IdSource
) -> list[str]:
    """New recovery codes, shown once; the earlier ones stop working."""
    codes = [_recovery_code(ids) for _ in range(RECOVERY_CODES)]
    await session.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))
    await session.execute(
        insert(recovery_code),
        [{"code_hash": _code_hash(account_id, code), "account_id": account_id} for code in codes],
    )
    return codes


async def remove_second_factor(session: AsyncSession, account_id: UUID) -> None:
    """Take device and recovery codes away, as when somebody lost both."""
    for table in (totp_device, recovery_code):
        await session.execute(delete(table).where(table.c.account_id == account_id))


def device_address(secret: str, *, account: str, issuer: str) -> str:
    """The `otpauth` address that authenticator programs read, also as a QR code."""
    device = pyotp.TOTP(secret, digits=_DIGITS, interval=STEP_SECONDS)
    return device.provisioning_uri(name=account, issuer_name=issuer)


def matching_step(secret: str, code: str, *, now: Instant) -> int | None:
    """The time step whose code this is, within the drift; None for any other code."""
    device = pyotp.TOTP(secret, digits=_DIGITS, interval=STEP_SECONDS)
    typed = "".join(code.split())
    here = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(here - _DRIFT, here + _DRIFT + 1):  # every one is computed: equal time
        if pyotp.utils.strings_equal(device.generate_otp(step), typed):
            found = step
    return found


def new_totp_secret(ids: IdSource) -> str:
    """160 random bits in the base 32 that authenticator programs take."""
    return _base32(ids, _SECRET_CHARACTERS)


async def _take_recovery_code(
    session: AsyncSession, account_id: UUID, code: str, *, now: Instant
) -> bool:
    taken = await session.execute(
        update(recovery_code)
        .where(
            recovery_code.c.code_hash == _code_hash(account_id, code),
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(recovery_code.c.code_hash)
    )
    return taken.first() is not None


def _recovery_code(ids: IdSource) -> str:
    """80 random bits, in groups that can be read out."""
    text = _base32(ids, 16)
    return "-".join(text[place : place + 4] for place in range(0, 16, 4))


def _base32(ids: IdSource, length: int) -> str:
    raw = secret_hash(ids.new_token() + ids.new_token())
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in raw[:length])


def _code_hash(account_id: UUID, code: str) -> bytes:
    """As typed, with or without hyphens, in either case; bound to its account."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return secret_hash(f"{account_id}:{plain}")
