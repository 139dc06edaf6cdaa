"""Snapshots for copies that begin (protocol §5, last row): public, immutable but for `latest`."""

import asyncio
import mmap
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import StreamingResponse

from main_platform.catalogue.errors import NoSuchSnapshot
from main_platform.catalogue.snapshot_files import SnapshotFolder
from main_platform.catalogue.write_snapshot import outdated_through
from shared_platform.catalogue.routes import is_fresh
from shared_platform.database.transaction import Transaction
from shared_platform.transport.problem_documents import problems
from shared_schema.merkle import MAX_TREE_SIZE
from shared_schema.snapshot import PART_NAME

_SLICE: Final = 1024 * 1024
_ZSTD: Final = "application/zstd"  # RFC 8878 §7.2; the part itself, not a coding of the transfer
_JSON: Final = "application/json"
_FOR_A_MINUTE: Final = {"cache-control": "public, max-age=60"}
_ASK_EACH_TIME: Final = {"cache-control": "public, no-cache"}  # an erasure ends it at once
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_UNSATISFIABLE: Final = 416

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
    responses=_answer(_ZSTD, "分片 / the part")
    | {206: {"description": "一段 / a range of it"}}
    | {_UNSATISFIABLE: {"description": "超出范围 / beyond its end"}}
    | problems(NoSuchSnapshot),
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
    headers = {"etag": etag, "accept-ranges": "bytes", **_ASK_EACH_TIME}
    if is_fresh(http, etag):
        return Response(status_code=304, headers=headers)
    length = file.stat().st_size
    asked = http.headers.get("range") if http.headers.get("if-range", etag) == etag else None
    return _part_answer(file, headers, _wanted(asked, length), length=length)


def _part_answer(
    file: Path, headers: dict[str, str], wanted: range | None, *, length: int
) -> Response:
    if wanted is None:
        return _mapped(file, range(length), headers, status=200)
    if not wanted:
        unsatisfied = headers | {"content-range": f"bytes */{length}"}
        return Response(status_code=_UNSATISFIABLE, headers=unsatisfied)
    place = {"content-range": f"bytes {wanted.start}-{wanted.stop - 1}/{length}"}
    return _mapped(file, wanted, headers | place, status=206)


def _mapped(file: Path, wanted: range, headers: dict[str, str], *, status: int) -> Response:
    """The bytes out of a memory map, a slice at a time: nothing is copied into the program."""
    fields = headers | {"content-length": str(len(wanted))}
    return StreamingResponse(
        _slices(file, wanted), status_code=status, media_type=_ZSTD, headers=fields
    )


async def _slices(file: Path, wanted: range) -> AsyncIterator[memoryview]:
    """The map lives as long as a slice of it is being sent."""
    with file.open("rb") as opened:
        whole = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
    for start in range(wanted.start, wanted.stop, _SLICE):
        yield whole[start : min(start + _SLICE, wanted.stop)]


def _wanted(asked: str | None, length: int) -> range | None:
    """The one range asked for; empty if it lies beyond the end, None for the whole file.

    Several ranges, and what is no byte range, are answered with the whole (RFC 9110 §14.2).
    """
    found = _RANGE.fullmatch(asked or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return range(max(length - int(last), 0), length)
    end = min(int(last) + 1, length) if last else length
    return range(int(first), end)
