"""What waits in the restored queue and is in the log already must not be published twice."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.sequencer import Sequenced
from main_platform.catalogue.tables import HeldEntryRow, PublishQueueRow
from main_platform.erasure.complete import complete_erasures
from main_platform.intake.locks import among
from main_platform.recovery.restored import Restored
from main_platform.review.changes import LISTING_CHANGE
from main_platform.review.sequenced import note_serials
from shared_platform.audit.trail import Subject


async def drop_queued(session: AsyncSession, restored: Sequence[Restored]) -> None:
    """Take entries that came back off the queue and from those held for staff.

    What waited for their serials is told, but no node is: it had its message before the backup was
    restored, or reads the log.
    """
    by_leaf = {one.leaf: one for one in restored}
    row, held = PublishQueueRow, HeldEntryRow
    await session.execute(delete(held).where(among(held.leaf, by_leaf)))
    found = await session.execute(
        delete(row)
        .where(among(row.leaf, by_leaf))
        .returning(row.leaf, row.subject_kind, row.subject, row.queued_at)
    )
    told = [
        Sequenced(by_leaf[leaf].serial, by_leaf[leaf].entry, Subject(kind, subject), queued_at)
        for leaf, kind, subject, queued_at in found
        if kind is not None and subject is not None
    ]
    await complete_erasures(session, told)
    changes = {
        int(one.subject.id): one.serial
        for one in told
        if one.subject is not None and one.subject.kind == LISTING_CHANGE
    }
    await note_serials(session, changes)
