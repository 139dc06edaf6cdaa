"""Snapshots for copies that begin (protocol §5, last row): public, immutable but for `latest`."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as PathParameter

from main_platform.catalogue.errors import NoSuchSnapshot
from main_platform.catalogue.snapshot_files import SnapshotFolder
from main_platform.catalogue.write_snapshot import outdated_through
from shared_platform.database.transaction import Transaction
from shared_platform.transport.conditional import is_fresh
from shared_platform.transport.mapped_file import FILE_ANSWERS, ServedFile, file_answer
from shared_platform.transport.problem_documents import problems
from shared_schema.merkle import MAX_TREE_SIZE
from shared_schema.snapshot import PART_NAME

_ZSTD: Final = "application/zstd"  # RFC 8878 §7.2; the part itself, not a coding of the transfer
_JSON: Final = "application/json"
_FOR_A_MINUTE: Final = {"cache-control": "public, max-age=60"}
_ASK_EACH_TIME: Final = "public, no-cache"  # an erasure ends it at once

router = APIRouter(prefix="/federation/v1/snapshots", tags=["log"])


async def read_folder(request: Request) -> SnapshotFolder:
    """The hub's snapshot folder."""
    folder: SnapshotFolder = request.app.state.snapshots
    return folder


Folder = Annotated[SnapshotFolder, Depends(read_folder)]
Size = Annotated[int, PathParameter(ge=1, le=MAX_TREE_SIZE)]
Name = Annotated[str, PathParameter(pattern=PART_NAME)]


def _answer(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {media_type: {}}},
        304: {"description": "未变 / unchanged"},
    }


@router.get(
    "/latest",
    response_class=Response,
    summary="最新快照清单 / the latest snapshot's signed manifest",
    responses=_answer(_JSON, "DSSE 信封 / the envelope") | problems(NoSuchSnapshot),
)
async def read_latest(http: Request, folder: Folder, session: Transaction) -> Response:
    """Size, root, checkpoint and parts, signed by the log's key; the quick way to begin a copy.

    Raises:
        NoSuchSnapshot: none was written yet, or an erasure that was confirmed has outdated them.
    """
    outdated = await outdated_through(session)
    sizes = [size for size in await asyncio.to_thread(folder.sizes) if size > outdated]
    signed = await asyncio.to_thread(folder.signed_manifest, sizes[-1]) if sizes else None
    if signed is None:
        raise NoSuchSnapshot
    headers = {"etag": f'"{sizes[-1]}"', **_FOR_A_MINUTE}
    if is_fresh(http, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return Response(signed, media_type=_JSON, headers=headers)


@router.get(
    "/{size}/{name}",
    response_class=Response,
    summary="快照分片 / a part of a snapshot (NDJSON, zstd)",
    responses=_answer(_ZSTD, "分片 / the part") | FILE_ANSWERS | problems(NoSuchSnapshot),
)
async def read_part(
    http: Request, folder: Folder, session: Transaction, size: Size, name: Name
) -> Response:
    """The part by its hash; `Range` continues a broken download (RFC 9110 §14).

    Raises:
        NoSuchSnapshot: it was replaced, or an erasure has outdated it.
    """
    outdated = await outdated_through(session)
    file = await asyncio.to_thread(folder.part_file, size, name) if size > outdated else None
    if file is None:
        raise NoSuchSnapshot
    etag = f'"{name.partition(".")[0]}"'
    try:
        return file_answer(http, ServedFile(file, _ZSTD, etag, _ASK_EACH_TIME))
    except FileNotFoundError as removed:  # at this very moment
        raise NoSuchSnapshot from removed
