"""A large immutable file as an answer: out of a memory map, a slice at a time, with ranges.

Nothing is copied into the program, and a file that is removed meanwhile is still sent to its end.
"""

import mmap
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared_platform.transport.conditional import is_fresh

SLICE_BYTES: Final = 1024 * 1024
UNSATISFIABLE: Final = 416
_RANGE: Final = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)

FILE_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    206: {"description": "一段 / a range of it"},
    304: {"description": "未变 / unchanged"},
    UNSATISFIABLE: {"description": "超出范围 / beyond its end"},
}
"""What `file_answer` gives beside 200, for the API document."""


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file that never changes; `etag` is quoted, `caching` the `Cache-Control`.

    `name` is what browsers save it as; None leaves that to the address.
    """

    path: Path
    media_type: str
    etag: str
    caching: str
    name: str | None = None


def file_answer(http: Request, served: ServedFile) -> Response:
    """The file, the range of it that is asked for, or that it has not changed.

    `Range` continues a broken download (RFC 9110 §14), if `If-Range` names this very file; several
    ranges, and what is no byte range, are answered with the whole (§14.2).

    Raises:
        FileNotFoundError: it has been removed.
    """
    headers = {
        "etag": served.etag,
        "accept-ranges": "bytes",
        "cache-control": served.caching,
    }
    if is_fresh(http, served.etag):
        return Response(status_code=304, headers=headers)
    if served.name is not None:
        headers["content-disposition"] = f'attachment; filename="{served.name}"'
    with served.path.open("rb") as opened:
        whole = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
    same = http.headers.get("if-range", served.etag) == served.etag
    wanted = _wanted(http.headers.get("range") if same else None, len(whole))
    if wanted is not None:
        place = f"{wanted.start}-{wanted.stop - 1}" if wanted else "*"
        headers["content-range"] = f"bytes {place}/{len(whole)}"
        if not wanted:
            return Response(status_code=UNSATISFIABLE, headers=headers)
    sent = range(len(whole)) if wanted is None else wanted
    return StreamingResponse(
        _slices(whole, sent),
        status_code=200 if wanted is None else 206,
        media_type=served.media_type,
        headers=headers | {"content-length": str(len(sent))},
    )


async def _slices(whole: memoryview, wanted: range) -> AsyncIterator[memoryview]:
    """The map lives as long as a slice of it is being sent."""
    for start in range(wanted.start, wanted.stop, SLICE_BYTES):
        yield whole[start : min(start + SLICE_BYTES, wanted.stop)]


def _wanted(asked: str | None, length: int) -> range | None:
    """The one range asked for; empty if it lies beyond the end, None for the whole file."""
    found = _RANGE.fullmatch(asked or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return range(max(length - int(last), 0), length)
    if last and int(last) < int(first):
        return None  # no range at all (§14.1.1)
    end = min(int(last) + 1, length) if last else length
    return range(int(first), end)
