"""Replacing a node's key file, safe at every step: what is not finished can be repeated.

`USE.next.pem` is the successor, on disk before anybody hears of it; `USE.change.json` the signed
change, kept until the hub has answered, so that a repetition sends the same bytes.
"""

import os
from contextlib import suppress
from pathlib import Path

from shared_schema.entry_parts import KeyUse
from shared_schema.key_change import SignedKeyChange, read_change
from shared_schema.refusal import DomainError
from shared_schema.signing_key import SigningKey
from subplatform.hub_client.node_keys import key_file, read_key, write_new


def next_key(folder: Path, use: KeyUse) -> SigningKey:
    """The successor that an earlier attempt made, or a new one; on disk when this returns.

    Raises:
        KeysExposed: the file is readable by others.
        KeyRefused: the file is no key.
    """
    file = _next_file(folder, use)
    if not file.exists():
        draft = file.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        write_new(draft, SigningKey.generate().to_pem())
        draft.replace(file)
        _flush(folder)
    return read_key(file)


def has_next(folder: Path, use: KeyUse) -> bool:
    """Whether a rotation was begun and not finished."""
    return _next_file(folder, use).exists()


def kept_change(folder: Path, use: KeyUse) -> SignedKeyChange | None:
    """The change that an earlier attempt signed for the present successor; None without one."""
    file = _change_file(folder, use)
    with suppress(FileNotFoundError, DomainError):  # a torn file is made anew
        kept = read_change(file.read_bytes())
        successor = next_key(folder, use).key_id
        if kept.change.key is not None and kept.change.key.key_id == successor:
            return kept
    return None


def keep_change(folder: Path, use: KeyUse, signed: SignedKeyChange) -> None:
    """Write the change beside the successor, in place of an older one."""
    file = _change_file(folder, use)
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    write_new(draft, signed.raw)
    draft.replace(file)
    _flush(folder)


def promote(folder: Path, use: KeyUse) -> None:
    """Put the successor in the old key's place, in one step; the old private key is gone then."""
    with suppress(FileNotFoundError):  # a repetition after the step below
        _next_file(folder, use).replace(key_file(folder, use))
    _change_file(folder, use).unlink(missing_ok=True)
    _flush(folder)


def _next_file(folder: Path, use: KeyUse) -> Path:
    return folder / f"{use}.next.pem"


def _change_file(folder: Path, use: KeyUse) -> Path:
    return folder / f"{use}.change.json"


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
