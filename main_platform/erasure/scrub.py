"""Empty every row of the hub that repeats what an erased statement said.

The catalogue's own tables (statement, listing, quarantine) are emptied by the fold of the
`object_erased` entry, here as on every copy. Hashes, codes, numbers and times stay: they are what
receipts and proofs speak of.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ARRAY, Uuid, bindparam, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.tables import HeldEntryRow
from main_platform.erasure.choose import Chosen
from main_platform.erasure.states import Extent
from main_platform.erasure.tables import ErasureRow
from main_platform.intake.locks import among
from main_platform.intake.tables import EquivocationRow, SubmissionRow
from main_platform.nodes.tables import InboxMessageRow
from main_platform.review.tables import ListingChangeRow, ReviewRow
from shared_schema.instants import Instant
from shared_schema.refusal import DomainError
from shared_schema.statement import read_statement

NO_BYTES: Final = b""
_NO_FINDINGS: Final[dict[str, Any]] = {"findings": [], "unchecked_rules": []}
# The trigger on `decision` allows exactly this: codes stay, the words are gone.
_DECISIONS: Final = text("""
UPDATE decision SET reasons = (
    SELECT coalesce(jsonb_agg(jsonb_set(one.reason, '{text}', 'null') ORDER BY one.place), '[]')
      FROM jsonb_array_elements(reasons) WITH ORDINALITY AS one (reason, place))
 WHERE review = ANY(:reviews)
""").bindparams(bindparam("reviews", type_=ARRAY(Uuid)))
_ANSWERS: Final = text("""
DELETE FROM idempotency_record
 WHERE caller = :caller AND EXISTS (
       SELECT FROM unnest(CAST(:words AS bytea[])) AS word WHERE position(word IN body) > 0)
""")


async def scrub(
    session: AsyncSession, row: ErasureRow, chosen: Sequence[Chosen], *, now: Instant
) -> None:
    """Empty what the hub itself keeps of these statements; the listing is locked."""
    submissions = [one.submission for one in chosen]
    words = await _personal_words(session, submissions)
    await session.execute(
        update(SubmissionRow)
        .where(among(SubmissionRow.id, submissions))
        .values(envelope=NO_BYTES, findings=_NO_FINDINGS, erased_at=now)
    )
    await session.execute(
        update(ReviewRow)
        .where(among(ReviewRow.id, submissions))
        .values(title=None, holder_names=[], findings=[])
    )
    await session.execute(_DECISIONS, {"reviews": submissions})
    await _scrub_changes(session, row, chosen)
    await _scrub_evidence(session, row, chosen)
    await _scrub_messages(session, row)
    await session.execute(_ANSWERS, {"caller": row.origin, "words": words})


async def _scrub_changes(session: AsyncSession, row: ErasureRow, chosen: Sequence[Chosen]) -> None:
    """Words of the node about its changes; of the hub too, where all of the listing goes."""
    change = ListingChangeRow
    said = among(change.submission, [one.submission for one in chosen])
    if row.extent != Extent.BEFORE_LIVE:
        said = or_(said, change.submission.is_(None))
    await session.execute(
        update(change).where(change.listing == row.listing, said).values(text=None)
    )


async def _scrub_evidence(session: AsyncSession, row: ErasureRow, chosen: Sequence[Chosen]) -> None:
    """Contradicting twins of erased versions keep their hashes; held entries cannot stand."""
    newest = max(one.version for one in chosen)
    await session.execute(
        update(EquivocationRow)
        .where(EquivocationRow.listing == row.listing, EquivocationRow.version <= newest)
        .values(envelope=NO_BYTES)
    )
    hashes = [bytes.fromhex(one.object_hash) for one in chosen]
    await session.execute(
        delete(HeldEntryRow).where(
            HeldEntryRow.listing == row.listing, func.sha256(HeldEntryRow.envelope).in_(hashes)
        )
    )


async def _scrub_messages(session: AsyncSession, row: ErasureRow) -> None:
    """Free words of decisions and withdrawals in what the node was told about the listing."""
    message = InboxMessageRow
    found = await session.scalars(
        select(message).where(
            message.node == row.origin, message.body["listing"].astext == str(row.listing)
        )
    )
    for one in found:
        one.body = without_texts(one.body)


def without_texts(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The JSON value with every member named `text` null."""
    if isinstance(value, dict):
        return {
            name: None if name == "text" else without_texts(member)
            for name, member in value.items()
        }
    return [without_texts(member) for member in value] if isinstance(value, list) else value


async def _personal_words(session: AsyncSession, submissions: Sequence[Any]) -> list[bytes]:
    """What names a person in these statements: whatever kept answer repeats it is forgotten."""
    envelopes = await session.scalars(
        select(SubmissionRow.envelope).where(among(SubmissionRow.id, submissions))
    )
    words: set[str] = set()
    for envelope in envelopes:
        words |= personal_words(_body(envelope))
    return [word.encode() for word in sorted(words)]


def personal_words(body: dict[str, Any]) -> set[str]:
    """The contact, the signers and the people among the holders of a declaration's body."""
    contact = body.get("contact")
    found = list(contact.values()) if isinstance(contact, dict) else []
    found += _members(body.get("commitments"), "signer")
    found += _members(body.get("holders"), "name", kind="individual")
    return {one for one in found if isinstance(one, str) and len(one) > 1}


def _members(value: Any, name: str, *, kind: str | None = None) -> list[Any]:  # noqa: ANN401 - JSON
    parts = value if isinstance(value, list) else []
    return [
        one.get(name)
        for one in parts
        if isinstance(one, dict) and (kind is None or one.get("kind") == kind)
    ]


def _body(envelope: bytes) -> dict[str, Any]:
    try:
        return dict(read_statement(envelope).statement.body or {})
    except DomainError:  # a form this version cannot read any more is erased all the same
        return {}
