"""Create and delete drafts one by one; find and lock a declaration."""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_schema.declaration import Declaration
from shared_schema.extension_items import ExtensionItems
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.refusal import FieldError
from subplatform.audit.acts import Act
from subplatform.declarations.content import content_columns
from subplatform.declarations.errors import DeclarationExists, DeclarationNotFound
from subplatform.declarations.judging import circumstances
from subplatform.declarations.states import DELETABLE, DeclarationStateConflict, State
from subplatform.declarations.tables import IS_LIVE, DeclarationRow
from subplatform.patent_register.snapshots import kept_facts

_CREATION_LOCK: Final = 0x6B61_6978_7503  # "kaixu", 3


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What a person filed: the declaration, what only this node shows, and whose it is."""

    declaration: Declaration
    extension: ExtensionItems = field(default_factory=ExtensionItems)
    source: dict[str, Any] = field(default_factory=lambda: {"kind": "form"})
    organisation: UUID | None = None


async def lock_creation(session: AsyncSession) -> None:
    """Let one transaction at a time add declarations, until it ends.

    Two writers then see each other's numbers, and a duplicate is named instead of failing an index.
    """
    await session.execute(select(func.pg_advisory_xact_lock(_CREATION_LOCK)))


async def create_draft(
    session: AsyncSession, draft: NewDraft, *, by: str, now: Instant, ids: IdSource
) -> DeclarationRow:
    """Add a draft with its findings, by the register reading that is stored.

    Raises:
        DeclarationExists: the patent has a live declaration here.
        ProfileUnknown: the declaration names no profile of this version.
    """
    number = draft.declaration.patent.application_number
    await lock_creation(session)
    await _refuse_second(session, number, draft.organisation)
    listing = ids.new_id()
    facts = await kept_facts(session, [number])
    around = await circumstances(session, [number], facts=facts, now=now)
    row = DeclarationRow(
        listing=listing,
        state=State.DRAFT,
        version=0,
        row_version=1,
        report_demanded=False,
        return_reasons=[],
        source=draft.source,
        organisation_id=draft.organisation,
        extension=draft.extension.model_dump(mode="json", exclude_none=True),
        created_at=now,
        updated_at=now,
        **content_columns(draft.declaration),
        **around.judge(draft.declaration, listing).columns(),
    )
    session.add(row)
    act = Record(Act.DECLARATION_CREATED, subject_of(listing), by, {"number": number})
    await record(session, act, now=now)
    return row


async def _refuse_second(session: AsyncSession, number: str, organisation: UUID | None) -> None:
    """Name the live declaration to whom it belongs, and to the node's own people; to nobody else.

    Raises:
        DeclarationExists: the patent has a live declaration here.
    """
    found = await session.execute(
        select(DeclarationRow.listing, DeclarationRow.organisation_id).where(
            DeclarationRow.application_number == number, text(IS_LIVE)
        )
    )
    live = found.first()
    if live is None:
        return
    if organisation in {None, live.organisation_id}:
        detail = f"专利 {number} 已有声明 {live.listing} / the patent is declared as {live.listing}"
    else:
        detail = (
            f"专利 {number} 在本平台已有声明，请联系经办人"
            f" / the patent {number} is declared at this node already; ask its operators"
        )
    raise DeclarationExists(detail, [FieldError("/number", "declaration.exists", detail)])


async def delete_draft(session: AsyncSession, listing: UUID, *, by: str, now: Instant) -> None:
    """Remove a declaration of which nothing was ever signed.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it was sent, or a verifier is looking at it.
    """
    row = await lock_declaration(session, listing)
    if row.version or State(row.state) not in DELETABLE:
        raise DeclarationStateConflict(
            detail=f"声明状态为 {row.state}，第 {row.version} 版，不能删除"
            f" / {row.state}, version {row.version}: it cannot be deleted"
        )
    await session.delete(row)
    act = Record(
        Act.DECLARATION_DELETED, subject_of(listing), by, {"number": row.application_number}
    )
    await record(session, act, now=now)


async def find_declaration(session: AsyncSession, listing: UUID) -> DeclarationRow:
    """The declaration, unlocked.

    Raises:
        DeclarationNotFound: there is none of that id.
    """
    row = await session.get(DeclarationRow, listing)
    if row is None:
        raise DeclarationNotFound(f"没有声明 {listing} / there is no declaration {listing}")
    return row


async def lock_declaration(session: AsyncSession, listing: UUID) -> DeclarationRow:
    """The declaration, read anew and locked until the transaction ends.

    Raises:
        DeclarationNotFound: there is none of that id.
    """
    row = await session.get(DeclarationRow, listing, with_for_update=True, populate_existing=True)
    if row is None:
        raise DeclarationNotFound(f"没有声明 {listing} / there is no declaration {listing}")
    return row


def subject_of(listing: UUID) -> Subject:
    """A declaration as the audit trail names it."""
    return Subject("listing", str(listing))
