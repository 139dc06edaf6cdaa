"""Files that appear whole or not at all, and are on disk before anybody is told of them.

Written beside their place, flushed, renamed, the folder flushed. Nothing is ever changed in place,
so readers need no lock; what a crash leaves is a draft that the next writer removes.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

DRAFT: Final = ".draft"


def _nothing(_: str) -> None:
    """No drill watches this file."""


@contextmanager
def drafted(file: Path, *, reached: Callable[[str], None] = _nothing) -> Iterator[IO[bytes]]:
    """Write `file`: it takes its name when the block ends well, and leaves nothing when it fails.

    `reached` is told `written`, `synced` and `renamed`, each when that is done and no more.
    """
    draft = file.with_name(file.name + DRAFT)
    try:
        with draft.open("wb") as opened:
            yield opened
            opened.flush()
            reached("written")
            os.fsync(opened.fileno())
        reached("synced")
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    reached("renamed")
    flush_folder(file.parent)


def drop_drafts(folder: Path) -> None:
    """Make the folder, and take away what a crash left half written in it.

    Only its one writer may: another's draft would go as well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for draft in folder.glob(f"*{DRAFT}"):
        draft.unlink()


def flush_folder(folder: Path) -> None:
    """Have the folder's names on disk: renamed and removed files stay so after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
