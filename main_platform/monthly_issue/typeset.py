"""Set one volume of an issue as PDF/A-2b, in a program of its own that gives its memory back.

`python -m main_platform.monthly_issue.typeset FOLDER SECONDS` reads `issue.json` in the folder and
writes `issue.pdf` beside it; SECONDS (since 1970) is the document's date.
"""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Final

import orjson
import typst

from main_platform.monthly_issue.glyphs import font_folder, missing_in, printable

_TEMPLATE: Final = Path(__file__).parent / "issue.typ"
_DATA: Final = "issue.json"
_PDF: Final = "issue.pdf"


class TypesettingFailed(Exception):
    """The template did not compile, or the machine has not enough memory."""


async def typeset(folder: Path, data: object, *, at: int) -> tuple[bytes, list[str]]:
    """The PDF of this data and the characters it has no glyphs for; works inside `folder`.

    The same data, programs and `at` give the same bytes.

    Raises:
        TypesettingFailed: with what the program said.
    """
    words = orjson.dumps(data).decode()
    missing = missing_in(words)
    (folder / _DATA).write_text(printable(words, missing), encoding="utf-8")
    shutil.copyfile(_TEMPLATE, folder / _TEMPLATE.name)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        str(folder),
        str(at),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await child.communicate()
    if child.returncode != 0:
        raise TypesettingFailed(said.decode(errors="replace")[-2_000:])
    return (folder / _PDF).read_bytes(), missing


def compile_folder(folder: Path, at: int) -> None:
    """Compile the template over the data that lie in the folder."""
    typst.compile(
        str(folder / _TEMPLATE.name),
        output=str(folder / _PDF),
        root=str(folder),
        font_paths=[str(font_folder())],
        ignore_system_fonts=True,
        timestamp=at,
        pdf_standards=["a-2b"],
        pdf_tags=False,
    )


if __name__ == "__main__":
    compile_folder(Path(sys.argv[1]), int(sys.argv[2]))
