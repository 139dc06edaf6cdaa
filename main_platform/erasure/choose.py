"""Which statements of a listing an erasure takes, and whether it may take them now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.tables import PublishQueueRow
from main_platform.erasure.errors import ExtentUnfit, NothingToErase, VersionsUnsettled
from main_platform.erasure.states import Extent
from main_platform.intake.locks import among
from main_platform.intake.tables import IntakeListingRow, SubmissionRow
from main_platform.review.states import OPEN as OPEN_REVIEW
from main_platform.review.tables import ReviewRow
from shared_platform.catalogue.tables import catalogue_listing, statement_object

_LIVE: Final = ("published", "suspended")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One statement to erase; `is_logged`: an entry of the log names it."""

    submission: UUID
    version: int
    statement_hash: str
    object_hash: str
    is_logged: bool

    def to_json(self) -> dict[str, Any]:
        """The statement as an erasure keeps it and as its node reads it."""
        return {
            "version": self.version,
            "statement_hash": self.statement_hash,
            "object_hash": self.object_hash,
            "logged": self.is_logged,
        }


async def live_version(session: AsyncSession, listing: IntakeListingRow) -> int | None:
    """The version whose terms are public; None where nothing is, or nothing any more."""
    if listing.withdrawn_at is not None:
        return None
    terms = func.encode(catalogue_listing.c.terms_object, "hex")
    return await session.scalar(
        select(SubmissionRow.version)
        .join(catalogue_listing, catalogue_listing.c.listing == SubmissionRow.listing)
        .where(
            SubmissionRow.listing == listing.listing,
            SubmissionRow.object_hash == terms,
            catalogue_listing.c.state.in_(_LIVE),
        )
    )


def check_extent(extent: Extent, live: int | None) -> None:
    """An erasure never empties a public listing by the way.

    Raises:
        ExtentUnfit: the listing is public and would be emptied, or is not public and need not be
            withdrawn.
    """
    if live is not None and extent is Extent.ENDED:
        raise ExtentUnfit(
            f"声明第 {live} 版正在公示。请选 before_live（先由节点报送不含此人的新版本），"
            "或选 withdraw 同时撤回 / version"
            f" {live} is public: choose before_live once a version without the person is public,"
            " or withdraw to withdraw the listing in the same decision"
        )
    if live is None and extent is not Extent.ENDED:
        raise ExtentUnfit("声明不在公示中，请选 ended / the listing is not public: choose ended")


async def choose(
    session: AsyncSession, listing: UUID, *, extent: Extent, live: int | None
) -> list[Chosen]:
    """The statements of that extent that the hub still holds, versions in order.

    Lock the listing before, if what is chosen must still be true at the commit.

    Raises:
        NothingToErase: there are none.
        VersionsUnsettled: one is under review, or on its way into the log.
    """
    row = SubmissionRow
    logged = exists().where(statement_object.c.object_hash == func.decode(row.object_hash, "hex"))
    query = select(row.id, row.version, row.statement_hash, row.object_hash, logged).where(
        row.listing == listing, row.erased_at.is_(None)
    )
    if extent is Extent.BEFORE_LIVE:
        query = query.where(row.version < live)
    found = await session.execute(query.order_by(row.version))
    chosen = [Chosen(*columns) for columns in found]
    if not chosen:
        raise NothingToErase(
            "主平台没有可删除的版本 / the hub holds no statement that could be erased"
        )
    await _check_settled(session, listing, chosen)
    return chosen


async def _check_settled(session: AsyncSession, listing: UUID, chosen: Sequence[Chosen]) -> None:
    under_review = await session.scalar(
        select(ReviewRow.version).where(
            among(ReviewRow.id, [one.submission for one in chosen]),
            ReviewRow.state.in_(OPEN_REVIEW),
        )
    )
    if under_review is not None:
        raise VersionsUnsettled(
            f"第 {under_review} 版正在审核，请先作出决定 / version {under_review} is under review:"
            " decide it first"
        )
    queue = PublishQueueRow
    if await session.scalar(
        select(exists().where(queue.listing == listing, queue.envelope.is_not(None)))
    ):
        raise VersionsUnsettled(
            "有版本即将登记，请稍后再试 / a version is on its way into the log: try again"
            " in a moment"
        )
