"""Snapshots that are not what they claim, of a mirror or of a hub that lies."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from shared_schema.checkpoint import Checkpoint, sign_checkpoint
from shared_schema.log_page import PageEntry
from shared_schema.problem import ProblemType
from shared_schema.signing_key import SigningKey
from shared_schema.snapshot import SnapshotPart, sign_manifest, write_part
from tests.attacks.attack import Attack, Attacker, Family
from tests.main_platform.snapshot_places import Published
from tests.shared_platform.hub_log_peer import ORIGIN

Spoil = Callable[[Published], None]


def resigned(published: Published, *, key: SigningKey | None = None, **changes: Any) -> None:
    """The manifest with changes, signed again, as a hub that lies could."""
    changed = published.manifest.model_copy(update=changes)
    signed = sign_manifest(changed, key or published.key)
    published.folder.publish(signed, size=published.manifest.size)


def flip(published: Published) -> None:
    file = published.part_file(1)
    raw = bytearray(file.read_bytes())
    raw[-5] ^= 1
    file.write_bytes(raw)


def cut(published: Published) -> None:
    file = published.part_file(1)
    file.write_bytes(file.read_bytes()[:-3])


def lengthen(published: Published) -> None:
    file = published.part_file(1)
    file.write_bytes(file.read_bytes() + b"x")


def lose(published: Published) -> None:
    published.part_file(1).unlink()


def mix(published: Published) -> None:
    """A part of another generation under this one's name."""
    other = published.part_file(0).read_bytes()
    wanted = published.manifest.parts[1].bytes
    published.part_file(1).write_bytes((other * 9)[:wanted])


def skip(published: Published) -> None:
    """Signed over with a part left out: the constructor would refuse it, the signer does not."""
    resigned(published, parts=published.manifest.parts[:1] + published.manifest.parts[2:])


def change_a_leaf(published: Published) -> None:
    """Another entry in the hub's own words, with hashes that fit: only the root tells."""
    entries = published.entries()[:4]
    entries[1] = PageEntry(1, entries[1].leaf.replace(b'"44"', b'"45"'))
    raw = write_part(entries)
    part = published.folder.store_part(raw, first=0, last=3)
    resigned(published, parts=(part, *published.manifest.parts[1:]))


def misplace(published: Published) -> None:
    """Records of other serials than the manifest says."""
    first, second = published.manifest.parts[:2]
    exchanged = [
        SnapshotPart(**second.model_dump() | {"first": first.first, "last": first.last}),
        SnapshotPart(**first.model_dump() | {"first": second.first, "last": second.last}),
    ]
    resigned(published, parts=(*exchanged, *published.manifest.parts[2:]))


def another_root(published: Published) -> None:
    note = sign_checkpoint(
        Checkpoint(ORIGIN, published.manifest.size, b"r" * 32), key=published.key
    )
    resigned(published, checkpoint=note.decode())


def by_another_key(published: Published) -> None:
    resigned(published, key=SigningKey.from_seed(b"k" * 32))


def of_another_log(published: Published) -> None:
    resigned(published, origin="log.other.example/x")


def without_a_checkpoint(published: Published) -> None:
    resigned(published, checkpoint="nothing")


def too_old(published: Published) -> None:
    resigned(published, created_at=published.manifest.created_at - timedelta(days=100))


def _attack(name: str, code: str, by: Attacker = Attacker.HUB, **ways: Spoil) -> Attack[Spoil]:
    spelled = {way.replace("_", " "): spoil for way, spoil in ways.items()}
    full = f"snapshot.{code}"
    return Attack(name, Family.SNAPSHOT, by, ProblemType.SCHEMA_INVALID, full, spelled)


SNAPSHOT_ATTACKS: Final = (
    _attack(
        "a part with another hash", "part_hash", Attacker.NETWORK,
        one_byte=flip, of_another_generation=mix, longer=lengthen),
    _attack("a part cut short", "part_truncated", Attacker.NETWORK, cut=cut),
    _attack("a part that is missing", "part_missing", lost=lose),
    _attack("a manifest that leaves a part out", "parts", signed=skip),
    _attack("an entry changed, with hashes that fit", "root", leaf=change_a_leaf),
    _attack("records of other entries than said", "part_records", parts_exchanged=misplace),
    _attack(
        "a checkpoint that is not this one", "checkpoint",
        another_root=another_root, none=without_a_checkpoint),
    _attack("a manifest by another key", "signature", Attacker.NETWORK, strangers=by_another_key),
    _attack("a snapshot of another log", "wrong_log", signed=of_another_log),
    _attack("a snapshot that is too old", "stale", Attacker.NETWORK, of_100_days=too_old),
)  # fmt: skip
