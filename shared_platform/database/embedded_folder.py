"""The embedded server's folder: where it is, what lies in it, and whose it must be.

```text
<folder>/            ours; 0700, as root 0711 so that the account can pass through
  data/              PGDATA, 0700, the account's
  run/               the Unix socket, 0700, the account's
  password           0600, the password of both roles
  server.conf hba.conf start.log lock lease
```
"""

import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from shared_platform.database.embedded_account import Account, can_traverse
from shared_platform.database.embedded_binaries import MAJOR_VERSION
from shared_platform.database.embedded_errors import EmbeddedDataRefused, EmbeddedFolderRefused

ROOT_PLACE: Final = Path("/var/lib/kaixu")
SOCKET_PATH_BYTES: Final = 107  # sockaddr_un holds 108 with the closing NUL
SOCKET_NAME: Final = ".s.PGSQL.5432"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """The paths inside the server's folder."""

    path: Path

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.path / "data"

    @property
    def password_file(self) -> Path:
        """The generated password; 0600."""
        return self.path / "password"

    @property
    def start_log(self) -> Path:
        """What the server said before its own log was open."""
        return self.path / "start.log"

    @property
    def start_pid(self) -> Path:
        """The process id of the last start, before the server writes its own pid file."""
        return self.path / "start.pid"

    def has_data(self) -> bool:
        """Whether `initdb` has finished here."""
        return (self.data / "PG_VERSION").is_file()


def place_folder(wanted: Path, account: Account, *, root_place: Path = ROOT_PLACE) -> ServerFolder:
    """Make and check the server's folder.

    As root, a folder below a closed parent (such as /root) cannot be used by the account; the
    server then lives in `root_place` under a name made from the wanted path. No parent folder is
    ever opened.

    Raises:
        EmbeddedFolderRefused: the folder is a link, another's, or holds data out of reach.
    """
    wanted = Path(os.path.abspath(wanted))  # noqa: PTH100 - resolve() would follow a planted link
    chosen = ServerFolder(wanted)
    if account.switch:
        chosen = _reachable(ServerFolder(wanted), account, root_place)
    _make(chosen.path, mode=0o711 if account.switch else 0o700)
    if chosen.path != wanted:
        log.info("database_folder_moved", wanted=str(wanted), folder=str(chosen.path))
    return chosen


def socket_folder(folder: ServerFolder, account: Account) -> Path:
    """A 0700 folder of the account for the socket, short enough for a socket path.

    Raises:
        EmbeddedFolderRefused: the folder is a link, another account's, or open to others.
    """
    beside = folder.path / "run"
    chosen = beside if _fits(beside) else _short_socket_folder(folder, account)
    if not os.path.lexists(chosen):
        chosen.mkdir(mode=0o700)
        account.own(chosen)
    found = chosen.lstat()
    private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
    if not private or found.st_uid != account.uid:
        raise EmbeddedFolderRefused(
            f"套接字目录 {chosen} 不是 {account.name} 的私有目录。"
            f" / The socket folder {chosen} is not a private folder of {account.name}: remove it."
        )
    return chosen


def read_password(folder: ServerFolder, account: Account) -> str:
    """The generated password; made at the first start.

    Raises:
        EmbeddedDataRefused: there is data, but its password file is gone or open to others.
    """
    path = folder.password_file
    if not path.exists():
        if folder.has_data():
            raise EmbeddedDataRefused(
                f"缺少 {path}：请从备份恢复。 / {path} is missing: restore it from the backup."
            )
        _write_private(path, secrets.token_urlsafe(32), account)
    if path.lstat().st_mode & 0o077 or path.is_symlink():
        raise EmbeddedDataRefused(
            f"{path} 可被他人读取。 / Others can read {path}: chmod 600 it, then start again."
        )
    return path.read_text(encoding="ascii").strip()


def check_version(folder: ServerFolder) -> None:
    """Refuse data that this PostgreSQL cannot open.

    Raises:
        EmbeddedDataRefused: the data was made by another major version.
    """
    found = (folder.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != MAJOR_VERSION:
        raise EmbeddedDataRefused(
            f"{folder.data} 属于 PostgreSQL {found}，本程序使用 {MAJOR_VERSION}。"
            f" / {folder.data} was made by PostgreSQL {found}, this is {MAJOR_VERSION}: restore a"
            " backup or upgrade the data (docs/operations.md)."
        )


def _reachable(wanted: ServerFolder, account: Account, root_place: Path) -> ServerFolder:
    digest = hashlib.sha256(os.fsencode(wanted.path)).hexdigest()[:10]
    moved = ServerFolder(root_place / f"{wanted.path.name}-{digest}")
    if moved.has_data():  # once there, it stays there
        return moved
    if can_traverse(wanted.path.parent, account):
        return wanted
    if wanted.has_data():
        raise EmbeddedFolderRefused(
            f"账户 {account.name} 进不了 {wanted.path}，而其中已有数据。"
            f" / {wanted.path} holds data, but the account {account.name} cannot pass through its"
            " parent folders: move the data to an open place."
        )
    return moved


def _make(path: Path, *, mode: int) -> None:
    for missing in reversed([p for p in [path, *path.parents] if not os.path.lexists(p)]):
        missing.mkdir(mode=mode if missing == path else 0o755)
        missing.chmod(mode if missing == path else 0o755)  # mkdir's mode is cut by the umask
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EmbeddedFolderRefused(
            f"{path} 不是我们的目录。 / {path} is a link or another account's folder:"
            " choose another data_dir."
        )
    if stat.S_IMODE(found.st_mode) & 0o022:
        raise EmbeddedFolderRefused(
            f"{path} 可被他人写入。 / Others can write to {path}: chmod go-w it."
        )


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_BYTES


def _short_socket_folder(folder: ServerFolder, account: Account) -> Path:
    digest = hashlib.sha256(os.fsencode(folder.path)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"kaixu-{account.uid}-{digest}"
    if not _fits(short) or not can_traverse(short.parent, account):
        raise EmbeddedFolderRefused(
            f"路径过长：{folder.path}。 / The path is too long for a socket, the temporary folder"
            " cannot be used: choose a shorter data_dir."
        )
    return short


def _write_private(path: Path, text: str, account: Account) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    account.own(fresh)  # initdb reads it as the account
    fresh.rename(path)
