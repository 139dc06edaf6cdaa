"""Files on their way into an import: streamed to disk, kept for a day."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from shared_schema.instants import Instant
from shared_schema.refusal import FieldError
from subplatform.declarations.errors import UploadNotFound, UploadTooLarge

KEPT_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that arrived whole."""

    id: UUID
    size: int
    sha256: str


async def receive_upload(
    parts: AsyncIterator[bytes],
    *,
    upload: UUID,
    data_dir: Path,
    owner: str,
    max_bytes: int,
    now: Instant,
) -> Upload:
    """Write the parts to disk as they come; a file that is too large or cut off leaves nothing.

    Uploads of more than a day ago that nobody imported are removed first. `owner` is the account
    that may use the file.

    Raises:
        UploadTooLarge: more than `max_bytes`.
    """
    folder = _folder(data_dir, owner)
    folder.mkdir(parents=True, exist_ok=True)
    _discard_old(data_dir / "uploads", now=now)
    place = folder / str(upload)
    try:
        digest, size = await _write(parts, place, max_bytes=max_bytes)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    os.utime(place, (now.timestamp(), now.timestamp()))  # the node's clock, not the machine's
    return Upload(upload, size, digest)


async def _write(parts: AsyncIterator[bytes], place: Path, *, max_bytes: int) -> tuple[str, int]:
    digest, size = sha256(), 0
    with place.open("xb") as file:
        async for part in parts:
            size += len(part)
            if size > max_bytes:
                message = f"文件超过 {max_bytes} 字节 / the file has more than {max_bytes} bytes"
                raise UploadTooLarge(message, [FieldError("", "upload.too_large", message)])
            digest.update(part)
            file.write(part)
    return digest.hexdigest(), size


def find_upload(data_dir: Path, upload: UUID, *, owner: str) -> Path:
    """The file that this account uploaded.

    Raises:
        UploadNotFound: there is none of that id, no longer, or it is another's.
    """
    place = _folder(data_dir, owner) / str(upload)
    if not place.is_file():
        raise UploadNotFound(f"没有上传文件 {upload} / there is no upload {upload}")
    return place


def _discard_old(folder: Path, *, now: Instant) -> None:
    for file in folder.glob("*/*"):
        if file.stat().st_mtime < now.timestamp() - KEPT_SECONDS:
            file.unlink(missing_ok=True)


def _folder(data_dir: Path, owner: str) -> Path:
    """Where the files of one account are; its name is of the form of `NAME_FORM`, never a path."""
    return data_dir / "uploads" / f"of-{owner}"
