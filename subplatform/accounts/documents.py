"""Files that organisations hand in: known by their content, never run, given back as downloads."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.stored_file import drafted
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from subplatform.accounts.tables import DocumentRow

_SIGNATURES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_LONGEST_NAME: Final = 120


class DocumentRefused(DomainError):
    """The file is of no type that is taken, or too large."""

    problem = ProblemType.SCHEMA_INVALID


class DocumentNotFound(DomainError):
    """The organisation has handed in no such file."""

    problem = ProblemType.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it came: the sender's name for it is shown and trusted for nothing."""

    name: str
    content: bytes


def media_type_of(content: bytes) -> str | None:
    """What the bytes are, by their first ones; None for everything that is not taken."""
    return next((kind for start, kind in _SIGNATURES if content.startswith(start)), None)


async def hand_in(
    session: AsyncSession,
    handed: Handed,
    organisation: UUID,
    *,
    data_dir: Path,
    by: str,
    now: Instant,
) -> DocumentRow:
    """Keep the file under its digest; the same file twice is one.

    Raises:
        DocumentRefused: it is neither PDF, PNG nor JPEG.
    """
    kind = media_type_of(handed.content)
    if kind is None:
        message = "只接受 PDF、PNG、JPEG 文件（按内容判断） / only PDF, PNG and JPEG, by content"
        raise DocumentRefused(message, [FieldError("/report_file", "document.type", message)])
    digest = sha256(handed.content).hexdigest()
    row = DocumentRow(
        organisation_id=organisation,
        sha256=digest,
        name=_plain_name(handed.name),
        media_type=kind,
        size=len(handed.content),
        uploaded_by=by,
        uploaded_at=now,
    )
    place = document_path(data_dir, organisation, digest)
    await asyncio.to_thread(_keep, place, handed.content)
    columns = {name: getattr(row, name) for name in DocumentRow.__table__.columns.keys()}  # noqa: SIM118
    await session.execute(insert(DocumentRow).values(columns).on_conflict_do_nothing())
    return row


def _keep(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        with drafted(place) as file:
            file.write(content)


def document_path(data_dir: Path, organisation: UUID, digest: str) -> Path:
    """Where the bytes are."""
    return data_dir / "documents" / str(organisation) / digest


async def find_document(session: AsyncSession, organisation: UUID, digest: str) -> DocumentRow:
    """The file's record.

    Raises:
        DocumentNotFound: the organisation has handed in none with that digest.
    """
    row = await session.get(DocumentRow, (organisation, digest))
    if row is None:
        raise DocumentNotFound("没有这个文件 / there is no such file")
    return row


def _plain_name(name: str) -> str:
    """The last part of whatever path the sender used, without anything that hides or breaks."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(one for one in last if one.isprintable() and one not in '"<>|:*?')
    return kept.strip()[-_LONGEST_NAME:] or "file"
