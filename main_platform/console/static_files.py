"""The console's own script and style sheet; the policy of the pages lets nothing else in."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from starlette.responses import FileResponse

from shared_platform.transport.problems import NoSuchPath

router = APIRouter(include_in_schema=False)
_STATIC: Final = Path(__file__).parent / "static"
_FILES: Final = {"console.css": "text/css", "keys.js": "text/javascript"}
_FOR_EVER: Final = {"cache-control": "public, max-age=31536000, immutable"}


@cache
def console_version() -> str:
    """Changes with the files, so that browsers may keep them for ever."""
    parts = [(_STATIC / name).read_bytes() for name in sorted(_FILES)]
    return sha256(b"".join(parts)).hexdigest()[:12]


@router.get("/console/static/{name}")
async def console_file(name: str) -> Response:
    """A file of the console.

    Raises:
        NoSuchPath: there is none of that name.
    """
    if name not in _FILES:
        raise NoSuchPath("没有这个文件 / there is no such file")
    return FileResponse(_STATIC / name, media_type=_FILES[name], headers=_FOR_EVER)
