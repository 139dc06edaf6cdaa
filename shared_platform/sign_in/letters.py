"""Letters about accounts, and the links in them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.mail.letters import Letter, queue_letter
from shared_platform.settings import PlatformSettings
from shared_platform.sign_in.accounts import Account, find_account_by_email
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.letter_words import (
    CHANGED,
    CHANGED_TEXT,
    INVITATION,
    INVITED,
    RECOVERY,
    RECOVERY_TEXT,
    filled,
)
from shared_platform.sign_in.links import Purpose, issue_link, link_address
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource
from shared_schema.instants import SHANGHAI, Instant

FACTOR_REMOVED: Final = Words("第二因子已取消", "the second factor was removed")


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """Where links lead, and how long they work."""

    base_url: str
    invitation: timedelta
    recovery: timedelta

    @classmethod
    def of(cls, settings: PlatformSettings) -> "LinkTerms":
        """As the settings say."""
        return cls(
            settings.base_url,
            timedelta(hours=settings.invitation_hours),
            timedelta(minutes=settings.recovery_minutes),
        )


async def invite(
    session: AsyncSession, invited: Account, terms: LinkTerms, *, ids: IdSource, now: Instant
) -> str:
    """Make a link by which somebody chooses a password; sent to their address if they have one."""
    until = now + terms.invitation
    secret = await issue_link(
        session, invited.id, purpose=Purpose.INVITATION, expires_at=until, ids=ids, now=now
    )
    address = link_address(terms.base_url, secret)
    if invited.email:
        text = filled(INVITATION, **_facts(invited), until=_shown(until), address=address)
        await queue_letter(session, Letter(invited.email, INVITED, text), ids=ids, now=now)
    return address


async def ask_recovery(
    session: AsyncSession, email: str, terms: LinkTerms, *, ids: IdSource, now: Instant
) -> None:
    """Send a link to choose another password, if an account that is in use has this address.

    Nothing tells the caller whether one has. The present password works until another is chosen.
    """
    known = await find_account_by_email(session, email)
    if known is None or not known.is_active or known.email is None:
        return
    until = now + terms.recovery
    secret = await issue_link(
        session, known.id, purpose=Purpose.RECOVERY, expires_at=until, ids=ids, now=now
    )
    address = link_address(terms.base_url, secret)
    text = filled(RECOVERY_TEXT, **_facts(known), until=_shown(until), address=address)
    await queue_letter(session, Letter(known.email, RECOVERY, text), ids=ids, now=now)
    asked = Record(SignInAct.RECOVERY_ASKED, Subject("account", known.name), known.name)
    await record(session, asked, now=now)


async def tell_of_change(
    session: AsyncSession, owner: Account, what: Words, *, ids: IdSource, now: Instant
) -> None:
    """Tell somebody what was changed of their account, so that a stranger's change is noticed."""
    if owner.email is None:
        return
    text = filled(CHANGED_TEXT, **_facts(owner), when=_shown(now), zh=what.zh, en=what.en)
    await queue_letter(session, Letter(owner.email, CHANGED, text), ids=ids, now=now)


def _facts(owner: Account) -> dict[str, str]:
    return {"display_name": owner.display_name, "name": owner.name}


def _shown(instant: Instant) -> str:
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
