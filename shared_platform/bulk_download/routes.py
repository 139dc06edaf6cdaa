"""The bulk download over HTTP, the same at hub and node: the latest manifest, and its files."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as PathParameter

from shared_platform.bulk_download.bulk_files import (
    MEDIA_TYPES,
    NAME_PATTERN,
    BulkFolder,
    Generation,
)
from shared_platform.catalogue.changes import Place
from shared_platform.catalogue.erased import OutdatedThrough
from shared_platform.catalogue.reading import reading
from shared_platform.transport.conditional import is_fresh
from shared_platform.transport.mapped_file import FILE_ANSWERS, ServedFile, file_answer
from shared_platform.transport.problem_documents import problems
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

RETRY_SECONDS: Final = 30
_JSON: Final = "application/json"
_ASK_EACH_TIME: Final = "public, no-cache"  # an erasure ends it at once
_BINARY: Final = {"type": "string", "format": "binary"}
_EXAMPLE_NAME: Final = "catalogue-5000-20261122.ndjson"
MANIFEST_EXAMPLE: Final[dict[str, Any]] = {
    "schema": "catalogue-bulk/1",
    "log_size": 5000,
    "root": "7c" * 32,
    "day": "2026-11-22",
    "created_at": "2026-11-22T08:00:00Z",
    "listings": 4321,
    "content_bytes": 6481500,
    "content_sha256": "5f" * 32,
    "next": Place(4999, 4711).write(),
    "files": [
        {
            "name": f"{_EXAMPLE_NAME}.zst",
            "coding": "zst",
            "media_type": "application/zstd",
            "bytes": 864200,
            "sha256": "a1" * 32,
        },
        {
            "name": f"{_EXAMPLE_NAME}.gz",
            "coding": "gz",
            "media_type": "application/gzip",
            "bytes": 1036900,
            "sha256": "b2" * 32,
        },
    ],
}

router = APIRouter(prefix="/api/v1/catalogue/bulk", tags=["catalogue"])


class NoBulkYet(DomainError):
    """There is no bulk file yet, or an erasure has outdated it; the next is on its way."""

    problem = ProblemType.NOT_FOUND


class NoSuchBulkFile(DomainError):
    """It was replaced, or an erasure has outdated it; the manifest names the latest."""

    problem = ProblemType.NOT_FOUND


async def read_folder(request: Request) -> BulkFolder:
    """This machine's bulk files."""
    folder: BulkFolder = request.app.state.bulk
    return folder


async def outdated_through(request: Request) -> int:
    """The size of the log through which this service must not give files out any more."""
    ask: OutdatedThrough = request.app.state.outdated_through
    async with reading(request.app.state.sessions) as connection:
        return await ask(connection)


Folder = Annotated[BulkFolder, Depends(read_folder)]
Outdated = Annotated[int, Depends(outdated_through)]
Name = Annotated[str, PathParameter(pattern=NAME_PATTERN, examples=[f"{_EXAMPLE_NAME}.zst"])]


def _answers(content: dict[str, Any], description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": content},
        304: {"description": "未变 / unchanged"},
    }


@router.get(
    "",
    response_class=Response,
    summary="批量下载清单 / what to download, and how to go on",
    responses=_answers(
        {_JSON: {"schema": {"type": "object"}, "example": MANIFEST_EXAMPLE}}, "清单 / the manifest"
    )
    | problems(NoBulkYet),
)
async def read_manifest(http: Request, folder: Folder, outdated: Outdated) -> Response:
    """The latest bulk file: sizes, hashes, place in the log, and the cursor for `changes`.

    Raises:
        NoBulkYet: none is there yet, or an erasure has outdated it.
    """
    generations = await asyncio.to_thread(folder.generations)
    latest = generations[-1] if generations and generations[-1].log_size > outdated else None
    raw = None if latest is None else await asyncio.to_thread(folder.raw_manifest, latest)
    if latest is None or raw is None:
        raise NoBulkYet(
            "批量文件正在生成；也可从 changes 读取全部"
            " / the file is being made; `changes` gives everything as well",
            retry_after_s=RETRY_SECONDS,
        )
    headers = {"etag": f'"{latest.stem}"', "cache-control": _ASK_EACH_TIME}
    if is_fresh(http, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return Response(raw, media_type=_JSON, headers=headers)


@router.get(
    "/{name}",
    response_class=Response,
    summary="批量文件 / the catalogue as NDJSON, compressed",
    responses=_answers(
        {kind: {"schema": _BINARY, "example": "…"} for kind in MEDIA_TYPES.values()},
        "一行一条 / one listing a line, as `listings` shows it",
    )
    | FILE_ANSWERS
    | problems(NoSuchBulkFile),
)
async def read_file(http: Request, folder: Folder, outdated: Outdated, name: Name) -> Response:
    """Every listing in whatever state, in the order of its last change; `Range` goes on.

    Raises:
        NoSuchBulkFile: it was replaced, or an erasure has outdated it.
    """
    try:
        is_valid = Generation.of_name(name).log_size > outdated
        found = folder.find(name) if is_valid else None  # its manifest is small, and read once
        if found is not None:
            told, path = found
            etag = f'"{told.sha256}"'
            served = ServedFile(path, told.media_type, etag, _ASK_EACH_TIME, told.name)
            return file_answer(http, served)
    except (ValueError, FileNotFoundError):  # no such day; removed at this very moment
        pass
    raise NoSuchBulkFile(
        "此文件已被替换或作废，请看 /api/v1/catalogue/bulk 的清单"
        " / replaced or outdated; the manifest names the latest"
    )
