"""Rotate or revoke this node's own keys at the hub; every step may be repeated after a crash."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from shared_platform.failpoint import failpoint
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_client import Written
from shared_schema.entry_parts import KeyUse, NodeKey
from shared_schema.instants import Instant, whole_second
from shared_schema.key_change import OVERLAP, KeyChange, SignedKeyChange, sign_change
from shared_schema.problem import ProblemType
from shared_schema.signing_key import SigningKey
from subplatform.hub_client.hub import Hub
from subplatform.hub_client.key_files import keep_change, kept_change, next_key, promote
from subplatform.hub_client.node_keys import KEY_YEARS, KeysMissing, key_file, read_key

_WINDOW: Final = "key_change.window"
_NOTHING_TO_REPLACE: Final = "key_change.replaces"
_REVOKED: Final = frozenset({ProblemType.KEY_REVOKED, ProblemType.NODE_UNKNOWN})


@dataclass(frozen=True, slots=True)
class Rotation:
    """Which key to replace. With `recovery` that key authorises it and the old one ends at once."""

    use: KeyUse = "statement"
    recovery: SigningKey | None = None
    overlap: timedelta = OVERLAP
    reason: str = "rotated"
    suspect_from: Instant | None = None
    replaces: bool = True


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new key, the change that brought it in, and the hub's signed answer."""

    key_id: str
    signed: SignedKeyChange
    written: Written


async def rotate_key(hub: Hub, folder: Path, wanted: Rotation, *, now: Instant) -> Rotated:
    """Replace one of the node's keys: successor on disk, then the hub, then the file in its place.

    Killed anywhere, the same call goes on where it stopped: the same successor, and while the hub's
    window lasts the same bytes.

    Raises:
        KeysMissing: the old key, or the recovery key for a recovery key, is not here.
        PeerRefusal: the hub refuses the change; the successor stays for another attempt.
        DomainError: what else `Hub.change_keys` raises.
    """
    fresh = next_key(folder, wanted.use)
    signed = kept_change(folder, wanted.use) or _signed(hub, folder, wanted, now=now)
    keep_change(folder, wanted.use, signed)
    failpoint("keys.kept")
    try:
        written = await _send(hub, signed, wanted, fresh=fresh)
    except PeerRefusal as refusal:
        codes = {error.code for error in refusal.errors}
        if not codes & {_WINDOW, _NOTHING_TO_REPLACE}:
            raise
        # The earlier attempt was days ago, or the old key was revoked meanwhile.
        again = replace(wanted, replaces=wanted.replaces and _NOTHING_TO_REPLACE not in codes)
        signed = _signed(hub, folder, again, now=now)
        keep_change(folder, wanted.use, signed)
        written = await _send(hub, signed, wanted, fresh=fresh)
    failpoint("keys.announced")
    promote(folder, wanted.use)
    return Rotated(fresh.key_id, signed, written)


async def revoke_key(
    hub: Hub, change: KeyChange, *, recovery: SigningKey
) -> tuple[SignedKeyChange, Written]:
    """Revoke a key of this node by its recovery key; effective with the hub's answer.

    Raises:
        DomainError: what `Hub.change_keys` raises.
    """
    signed = sign_change(change, [recovery])
    return signed, await hub.change_keys(signed, by=recovery)


async def _send(
    hub: Hub, signed: SignedKeyChange, wanted: Rotation, *, fresh: SigningKey
) -> Written:
    """Send as the recovery or statement key; if that one has ended, as its successor.

    An earlier attempt may have ended the old key without our seeing the answer.

    Raises:
        PeerRefusal: the hub refuses it either way.
    """
    try:
        return await hub.change_keys(signed, by=wanted.recovery)
    except PeerRefusal as refusal:
        if refusal.row not in _REVOKED or wanted.use == "cosigner":
            raise
    return await hub.change_keys(signed, by=fresh)


def _signed(hub: Hub, folder: Path, wanted: Rotation, *, now: Instant) -> SignedKeyChange:
    old = _old_key(folder, wanted) if wanted.replaces else None
    signer = wanted.recovery or _authorising(folder, wanted.use)
    fresh = next_key(folder, wanted.use)
    issued = whole_second(now)
    until = issued + timedelta(days=365 * KEY_YEARS)
    change = KeyChange(
        node=hub.node,
        action="add",
        key=NodeKey.of(fresh.public, use=wanted.use, not_after=until),
        replaces=old,
        overlap_until=None if old is None else issued + wanted.overlap,
        suspect_from=None if old is None else wanted.suspect_from,
        reason=wanted.reason,
        authorised_by=signer.key_id,
        issued_at=issued,
    )
    return sign_change(change, [signer, fresh])


def _old_key(folder: Path, wanted: Rotation) -> str:
    """The key to replace: the file's, or the recovery key that was handed in."""
    if wanted.use == "recovery" and wanted.recovery is not None:
        return wanted.recovery.key_id
    return read_key(key_file(folder, wanted.use)).key_id


def _authorising(folder: Path, use: KeyUse) -> SigningKey:
    if use == "recovery":
        raise KeysMissing(
            detail="轮换恢复密钥须用旧的恢复密钥：--recovery FILE / give the old recovery key"
        )
    return read_key(key_file(folder, "statement"))
