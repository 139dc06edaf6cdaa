"""The hub's signing key on disk, and the anchor that carries its public half to every node."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

import structlog

from main_platform.settings import HubSettings
from shared_schema.anchor import FederationAnchor
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.signed_note import VerifierKey, format_vkey
from shared_schema.signing_key import SigningKey

KEY_FILE: Final = Path("keys", "hub-log.pem")
NEXT_FILE: Final = Path("keys", "hub-log-next.pem")
_ALL_FILES: Final = "hub-log*.pem"
_OWNER_ONLY: Final = 0o600
_FOLDER_OWNER_ONLY: Final = 0o700
_OTHERS: Final = 0o077
_log = structlog.get_logger(__name__)


class HubKeyMissing(DomainError):
    """There is no key file; a hub that already has a log must get its own key back."""

    problem = ProblemType.NOT_FOUND


class HubKeyExists(DomainError):
    """There is a key file already, and it is never replaced: nodes trust that key alone."""

    problem = ProblemType.ALREADY_EXISTS


def create_hub_key(data_dir: Path) -> SigningKey:
    """Make the hub's key and write it, readable by its owner only.

    The file appears complete or not at all, and is on disk when this returns.

    Raises:
        HubKeyExists: there is one; it stays as it is.
    """
    return _create(data_dir / KEY_FILE)


def create_next_key(data_dir: Path, used: Collection[str] = ()) -> SigningKey:
    """The key that is to follow, on disk before anybody hears of it; the same one if repeated.

    A next key that is among the `used` key ids has become the log's: its file gets its own name,
    which a crash may have left to do, and another one is made.

    Raises:
        KeyRefused: the file is not an Ed25519 key.
    """
    path = data_dir / NEXT_FILE
    if path.exists():
        key = SigningKey.from_pem(path.read_bytes())
        if key.key_id not in used:
            return key
        settle_next_key(data_dir, key.key_id)
    return _create(path)


def settle_next_key(data_dir: Path, key_id: str) -> None:
    """Give the next key's file the name it keeps; safe to repeat."""
    path = data_dir / NEXT_FILE
    if path.exists() and SigningKey.from_pem(path.read_bytes()).key_id == key_id:
        path.rename(path.with_name(f"hub-log-{key_id}.pem"))
        _flush_folder(path.parent)


def find_log_key(data_dir: Path, key_id: str) -> SigningKey | None:
    """The private key of that id among all files of the log's keys, if it is here.

    Raises:
        KeyRefused: a file is not an Ed25519 key.
    """
    files = sorted((data_dir / KEY_FILE).parent.glob(_ALL_FILES))
    keys = (SigningKey.from_pem(file.read_bytes()) for file in files)
    return next((key for key in keys if key.key_id == key_id), None)


def require_log_key(data_dir: Path, key_id: str) -> None:
    """Return only if the private key of that id is on this machine.

    Raises:
        HubKeyMissing: it is not.
    """
    if find_log_key(data_dir, key_id) is None:
        folder = (data_dir / KEY_FILE).parent
        raise HubKeyMissing(f"{folder} 中没有密钥 {key_id} / the key's file is not there")


def _create(path: Path) -> SigningKey:
    path.parent.mkdir(mode=_FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
    key = SigningKey.generate()
    draft = path.with_suffix(f".{os.getpid()}.new")
    _write_durably(draft, key.to_pem())
    try:
        os.link(draft, path)  # unlike a rename, this never replaces
    except FileExistsError as exists:
        raise HubKeyExists(f"密钥已存在 / the key exists: {path}") from exists
    finally:
        draft.unlink()
    _flush_folder(path.parent)
    return key


def load_hub_key(data_dir: Path) -> SigningKey:
    """Read the hub's key; warns when others could read it too.

    Raises:
        HubKeyMissing: there is no file.
        KeyRefused: the file is not an Ed25519 key.
    """
    path = data_dir / KEY_FILE
    if not path.exists():  # the first key is retired, and its file was taken away
        path = next(iter(sorted(path.parent.glob(_ALL_FILES))), path)
    try:
        pem = path.read_bytes()
        mode = path.stat().st_mode
    except FileNotFoundError as missing:
        raise HubKeyMissing(f"没有密钥文件 / no key file: {path}") from missing
    if mode & _OTHERS:
        _log.warning("hub_key_readable_by_others", path=str(path), mode=oct(mode & 0o777))
    return SigningKey.from_pem(pem)


def anchor_of(settings: HubSettings, key: SigningKey) -> FederationAnchor:
    """The federation anchor of this hub: what operators give to nodes out of band.

    Raises:
        VerifierKeyInvalid: the log's origin cannot be a key name.
        ValidationError: federation or address do not fit an anchor.
    """
    return FederationAnchor(
        federation=settings.federation,
        hub_url=settings.base_url,
        log_origin=settings.log_origin,
        log_vkey=format_vkey(VerifierKey(settings.log_origin, key.public)),
    )


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, _OWNER_ONLY)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
