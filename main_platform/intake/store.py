"""Write accepted statements and move their listings, two statements whatever their number."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.known import Known, KnownListing
from main_platform.intake.ports import Received
from main_platform.intake.tables import IntakeListingRow, SubmissionRow
from main_platform.tables import HubTable

_TABLES: Final = HubTable.metadata.tables  # Core: rows, not objects
_SUBMISSION: Final = _TABLES[SubmissionRow.__tablename__]
_MOVING: Final = ("version", "statement_hash", "live", "period_end", "withdrawn_at")
_insert: Final = insert(_TABLES[IntakeListingRow.__tablename__])
_MOVE: Final = _insert.on_conflict_do_update(
    index_elements=["listing"], set_={name: _insert.excluded[name] for name in _MOVING}
)


async def store_received(session: AsyncSession, received: Sequence[Received], known: Known) -> None:
    """Insert submissions and bring their listings to where `known` has them; they are locked."""
    if not received:
        return
    await session.execute(insert(_SUBMISSION), [_submission(one) for one in received])
    moved = {one.statement.listing for one in received}
    rows = [_listing(known.listings[listing]) for listing in moved]
    # Those that die first: a patent's place is free before the next listing takes it.
    await session.execute(_MOVE, sorted(rows, key=lambda row: (row["live"], row["listing"])))


def _listing(known: KnownListing) -> dict[str, Any]:
    return {
        "listing": known.listing,
        "origin": known.origin,
        "application_number": known.application_number,
        "declared_at": known.declared_at,
        **{name: getattr(known, name) for name in _MOVING},
    }


def _submission(received: Received) -> dict[str, Any]:
    said = received.statement
    return {
        "id": received.id,
        "origin": said.origin,
        "oseq": said.oseq,
        "listing": said.listing,
        "version": said.version,
        "op": said.op,
        "application_number": said.subject.application_number,
        "key_id": received.signed.key_id,
        "prev": said.prev,
        "statement_hash": received.signed.payload_hash,
        "object_hash": received.signed.object_hash,
        "envelope": received.signed.raw,
        "reason_code": said.reason.code if said.reason else None,
        "findings": {
            "findings": [one.to_json() for one in received.findings],
            "unchecked_rules": list(received.unchecked),
        },
        "issued_at": said.issued_at,
        "received_at": received.at,
        "receipt": received.receipt,
    }
