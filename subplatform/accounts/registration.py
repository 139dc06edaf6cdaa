"""Somebody registers by themselves at this node, with an organisation or as an individual.

Nothing that is answered tells whether an address is known: its owner is told by letter.
"""

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.mail.letters import Letter, queue_letter
from shared_platform.sign_in.accounts import (
    NewAccount,
    create_account,
    find_account_by_email,
    folded_email,
)
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.letters import LinkTerms, invite
from shared_platform.sign_in.tables import account
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from subplatform.accounts.errors import RegistrationClosed
from subplatform.accounts.members import account_name
from subplatform.accounts.organisations import NewOrganisation, apply_for, checked_organisation
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.accounts.tables import MemberRow, OrganisationRow
from subplatform.audit.acts import Act

Registration = Literal["open", "approval", "closed"]
_KNOWN: Final = Words("您已有账号", "You have an account")
_KNOWN_TEXT: Final = Words(
    "{name}，您好：\n\n有人用此邮箱注册，而您已有账号。请在 {address} 登录；"
    "忘记密码可在登录页重设。若不是您本人，请忽略此信。",
    "Hello {name},\n\nsomebody registered with this address, which has an account already.\n"
    "Sign in at {address}; the page also helps with forgotten passwords.\n"
    "If it was not you, ignore this letter.",
)
_ASKED: Final = Words("有人申请加入您的单位", "Somebody asks to join your organisation")
_ASKED_TEXT: Final = Words(
    "{who} 申请加入{organisation}。请登录后在“单位”页决定：{address}\n\n"
    "未经您同意，对方看不到任何内容。",
    "{who} asks to join {organisation}. Decide on the page “Organisation”: {address}\n\n"
    "They see nothing before you agree.",
)


@dataclass(frozen=True, slots=True)
class Registrant:
    """Who registers, and for which organisation."""

    email: str
    display_name: str
    organisation: NewOrganisation


@dataclass(frozen=True, slots=True)
class RegistrationTerms:
    """How this node takes registrations, and where its links lead."""

    mode: Registration
    links: LinkTerms


async def register(
    session: AsyncSession,
    registrant: Registrant,
    *,
    terms: RegistrationTerms,
    ids: IdSource,
    now: Instant,
) -> None:
    """Open an account that proves its address by a link, and register its organisation.

    Raises:
        RegistrationClosed: nobody may.
        EmailRefused: the address is not one.
        RegistrationRefused: something about the organisation is wrong.
    """
    if terms.mode == "closed":
        raise RegistrationClosed("本平台不开放自行注册 / nobody registers here by themselves")
    organisation = checked_organisation(registrant.organisation)
    email = folded_email(registrant.email)
    known = await find_account_by_email(session, email)
    name = known.name if known else account_name(email, ids)
    if known is not None:
        facts = {"name": known.display_name, "address": f"{terms.links.base_url}/sign-in"}
        await queue_letter(
            session, _letter(email, _KNOWN, _KNOWN_TEXT, facts=facts), ids=ids, now=now
        )
        return
    wanted = NewAccount(name, registrant.display_name, organisation.roles, email)
    made = await create_account(session, wanted, policy=NODE_POLICY, ids=ids, now=now)
    await record(session, Record(Act.USER_ADDED, Subject("account", name), name), now=now)
    applied = await apply_for(
        session,
        organisation,
        made,
        at_once=terms.mode == "open",
        ids=ids,
        now=now,
    )
    if applied.is_requested:
        await ask_owners(
            session, applied.organisation, made.display_name, terms=terms.links, ids=ids, now=now
        )
    await invite(session, made, terms.links, ids=ids, now=now)
    await record(session, Record(SignInAct.INVITED, Subject("account", name), name), now=now)


async def ask_owners(
    session: AsyncSession,
    organisation: OrganisationRow,
    who: str,
    *,
    terms: LinkTerms,
    ids: IdSource,
    now: Instant,
) -> None:
    """Tell the owners of an organisation by letter that somebody asks to join."""
    owners = await session.scalars(
        select(account.c.email)
        .join(MemberRow, MemberRow.account_id == account.c.id)
        .where(
            MemberRow.organisation_id == organisation.id,
            MemberRow.role == "owner",
            MemberRow.is_requested.is_(False),
            account.c.email.is_not(None),
            account.c.is_active,
        )
    )
    address = f"{terms.base_url}/organisation"
    facts = {"who": who, "organisation": organisation.name, "address": address}
    for email in owners.all():
        await queue_letter(
            session, _letter(email, _ASKED, _ASKED_TEXT, facts=facts), ids=ids, now=now
        )


def _letter(recipient: str, subject: Words, text: Words, *, facts: dict[str, str]) -> Letter:
    return Letter(recipient, subject, Words(text.zh.format(**facts), text.en.format(**facts)))
