"""The node's three keys, each in its own file that only the service's account may read."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from shared_schema.enrolment import KEY_USES
from shared_schema.entry_parts import KeyUse, NodeKey
from shared_schema.instants import Instant, whole_second
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.signing_key import SigningKey

KEY_YEARS: Final = 2  # rotation is due before; expiry warns at 60, 30 and 7 days
_OTHERS_MASK: Final = 0o077


class KeysMissing(DomainError):
    """The node has no keys yet."""

    problem = ProblemType.NOT_FOUND


class KeysExposed(DomainError):
    """A key file can be read by other accounts of this machine."""

    problem = ProblemType.PERMISSION_DENIED


class KeyRing:
    """The node's present keys. A file that was replaced is read again: `serve` needs no restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[KeyUse, tuple[tuple[int, int], SigningKey]] = {}

    def statement(self) -> SigningKey:
        """What requests and statements are signed with now.

        Raises:
            KeysMissing: the file is gone.
            KeysExposed: it is readable by others.
        """
        return self._present("statement")

    def cosigner(self) -> SigningKey:
        """What checkpoints are cosigned with now.

        Raises:
            KeysMissing: the file is gone.
            KeysExposed: it is readable by others.
        """
        return self._present("cosigner")

    def all(self) -> "NodeKeys":
        """All keys that are here, read anew.

        Raises:
            KeysMissing: the statement or cosigner key is not there.
            KeysExposed: a file is readable by others.
        """
        return read_keys(self._folder)

    def _present(self, use: KeyUse) -> SigningKey:
        file = key_file(self._folder, use)
        try:
            found = file.stat()
        except FileNotFoundError:
            return read_key(file)
        stamp = (found.st_ino, found.st_mtime_ns)
        kept = self._read.get(use)
        if kept is None or kept[0] != stamp:
            kept = self._read[use] = (stamp, read_key(file))
        return kept[1]


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The private keys by use; `recovery` is None once it was moved off the machine."""

    statement: SigningKey
    cosigner: SigningKey
    recovery: SigningKey | None

    def public(self, *, now: Instant) -> tuple[NodeKey, ...]:
        """The public halves, as an enrolment names them.

        Raises:
            KeysMissing: the recovery key is not on this machine.
        """
        if self.recovery is None:
            raise KeysMissing(
                detail="登记时需要恢复密钥：把 recovery.pem 放回 keys 目录"
                " / enrolment needs the recovery key: put recovery.pem back into keys"
            )
        until = whole_second(now + timedelta(days=365 * KEY_YEARS))
        keys = {"statement": self.statement, "cosigner": self.cosigner, "recovery": self.recovery}
        return tuple(NodeKey.of(keys[use].public, use=use, not_after=until) for use in KEY_USES)


def make_keys(folder: Path) -> NodeKeys:
    """Make the three keys in `folder` (0700, files 0600), unless it holds some already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not any(key_file(folder, use).exists() for use in KEY_USES):
        for use in KEY_USES:
            write_new(key_file(folder, use), SigningKey.generate().to_pem())
    return read_keys(folder)


def read_keys(folder: Path) -> NodeKeys:
    """Read the keys in `folder`; the recovery key may be elsewhere.

    Raises:
        KeysMissing: the statement or cosigner key is not there.
        KeysExposed: a file is readable by others.
    """
    recovery = key_file(folder, "recovery")
    return NodeKeys(
        read_key(key_file(folder, "statement")),
        read_key(key_file(folder, "cosigner")),
        read_key(recovery) if recovery.exists() else None,
    )


def key_file(folder: Path, use: KeyUse) -> Path:
    """Where the key of one use is kept."""
    return folder / f"{use}.pem"


def write_new(file: Path, pem: bytes) -> None:
    """Write a new file for its owner only; on disk when this returns."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(pem)
        out.flush()
        os.fsync(out.fileno())


def read_key(file: Path) -> SigningKey:
    """Read one private key.

    Raises:
        KeysMissing: there is no such file.
        KeysExposed: it is readable by others.
        KeyRefused: it is no key.
    """
    if not file.exists():
        raise KeysMissing(detail=f"没有密钥文件 {file}，先运行 init / no key file; run init first")
    if file.stat().st_mode & _OTHERS_MASK:
        raise KeysExposed(detail=f"密钥文件他人可读：chmod 600 {file} / others can read it")
    return SigningKey.from_pem(file.read_bytes())
