"""Change a draft's content, or what only this node shows of it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_schema.declaration import Declaration
from shared_schema.extension_items import ExtensionItems
from shared_schema.instants import Instant
from shared_schema.refusal import FieldError
from subplatform.audit.acts import Act
from subplatform.declarations.content import content_columns
from subplatform.declarations.drafts import lock_declaration, subject_of
from subplatform.declarations.errors import DeclarationChanged, NumberChanged
from subplatform.declarations.judging import circumstances
from subplatform.declarations.states import Action, State, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.patent_register.snapshots import kept_facts


@dataclass(frozen=True, slots=True)
class Edit:
    """New content; `row_version` is that of the row the editor saw. None leaves a part as it is.

    `renews`: of a published offer, whose next version it will be.
    """

    row_version: int
    declaration: Declaration | None = None
    extension: ExtensionItems | None = None
    renews: bool = False


async def edit_draft(
    session: AsyncSession, listing: UUID, edit: Edit, *, by: str, now: Instant
) -> DeclarationRow:
    """Replace the content and judge it anew, by the register reading that is stored.

    The declaration itself changes only in draft and correction; the extension, which is never part
    of a statement, in any state.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationChanged: somebody else changed it meanwhile.
        DeclarationStateConflict: the content is not to be changed in this state.
        NumberChanged: the new content is of another patent.
        ProfileUnknown: it names no profile of this version.
    """
    row = await lock_declaration(session, listing)
    if row.row_version != edit.row_version:
        raise DeclarationChanged(
            detail=f"已被他人修改（第 {row.row_version} 次），请重新打开"
            f" / changed meanwhile (now {row.row_version}): read it again",
            errors=[FieldError("/row_version", "declaration.changed", "已被他人修改 / stale")],
        )
    if edit.declaration is not None:
        action = Action.RENEW if edit.renews else Action.EDIT
        row.state = next_state(State(row.state), action)
        await _replace_content(session, row, edit.declaration, now=now)
    if edit.extension is not None:
        row.extension = edit.extension.model_dump(mode="json", exclude_none=True)
    row.row_version += 1
    row.updated_at = now
    act = Record(
        Act.DECLARATION_EDITED, subject_of(listing), by, {"content_hash": row.content_hash}
    )
    await record(session, act, now=now)
    return row


async def _replace_content(
    session: AsyncSession, row: DeclarationRow, declaration: Declaration, *, now: Instant
) -> None:
    number = declaration.patent.application_number
    if number != row.application_number:
        message = f"声明属于专利 {row.application_number} / the declaration is of that patent"
        pointer = "/declaration/patent/application_number"
        raise NumberChanged(message, [FieldError(pointer, "declaration.number_changed", message)])
    facts = await kept_facts(session, [number])
    around = await circumstances(session, [number], facts=facts, now=now)
    verdict = around.judge(declaration, row.listing, report_demanded=row.report_demanded)
    for column, value in (content_columns(declaration) | verdict.columns()).items():
        setattr(row, column, value)
