"""Under which operating-system account the embedded server runs.

PostgreSQL refuses to run as root. An ordinary user runs it as itself; root hands it to an
unprivileged account that already exists, and creates none.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared_platform.database.embedded_errors import EmbeddedAccountRefused

PREFERRED: Final = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """The account that owns the data and runs the server; `switch` when that is not ourselves."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run_as(self) -> dict[str, Any]:
        """Arguments for `subprocess` that drop every right of root, supplementary groups too."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give `path`, which must be ours and no link, to the account."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_account(wanted: str | None) -> Account:
    """The account `wanted`; for None ourselves, or as root the first of `PREFERRED`.

    Raises:
        EmbeddedAccountRefused: there is no such account, it is root, or only root could use it.
    """
    own_uid = os.geteuid()
    if own_uid != 0:
        return _ourselves(own_uid, wanted)
    for name in [wanted] if wanted else PREFERRED:
        found = _look_up(name)
        if found is not None and found.pw_uid != 0:
            return Account(found.pw_name, found.pw_uid, found.pw_gid, switch=True)
    raise EmbeddedAccountRefused(
        f"没有可用的普通账户（{wanted or ' / '.join(PREFERRED)}），数据库不能以 root 运行。"
        " / No unprivileged account to run the database under: set embedded_account to one."
    )


def can_traverse(folder: Path, account: Account) -> bool:
    """Whether the mode bits of `folder` and of all its parents let the account pass through."""
    return all(
        _may_enter(parent.stat(), account)
        for parent in [folder, *folder.parents]
        if parent.exists()
    )


def _ourselves(own_uid: int, wanted: str | None) -> Account:
    try:
        name = pwd.getpwuid(own_uid).pw_name
    except KeyError:
        name = str(own_uid)
    if wanted not in {None, name}:
        raise EmbeddedAccountRefused(
            f"只有 root 能以 {wanted} 运行数据库，当前是 {name}。"
            f" / Only root can run the database as {wanted}; unset embedded_account."
        )
    return Account(name, own_uid, os.getegid(), switch=False)


def _look_up(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _may_enter(found: os.stat_result, account: Account) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
