"""Snapshots of the log: a signed manifest and content-addressed parts, for a copy that begins.

A part is zstd-compressed NDJSON of the records that log pages have, for consecutive entries. Every
entry is there with its exact bytes; left out are only statements that a later one of the same
listing replaced. So the root over all leaves is the signed one, and the fold is the log's own.
"""

import io
import json
from collections.abc import Iterator
from typing import IO, Annotated, Final, Literal, Self

import orjson
import zstandard
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared_schema.anchor import FederationAnchor
from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.declaration import Sha256Hex
from shared_schema.dsse import Envelope, read_envelope, sign_envelope, verify_envelope
from shared_schema.instants import Instant
from shared_schema.log_entry import MAX_ENTRY_BYTES
from shared_schema.log_following import Vouched, read_vouched
from shared_schema.log_keys import NO_LOG_KEYS, LogKeys, accepted_keys, receipt_key
from shared_schema.log_page import (
    MAX_OBJECT_BYTES,
    PageEntry,
    PageInvalid,
    read_record,
    write_record,
)
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import MAX_TREE_SIZE
from shared_schema.refusal import DomainError
from shared_schema.signing_key import PublicKey, SigningKey
from shared_schema.statement import WireInstant

MANIFEST_TYPE: Final = "application/vnd.kaixu.snapshot+json"
MAX_MANIFEST_BYTES: Final = 512 * 1024
MAX_PART_BYTES: Final = 256 * 1024 * 1024
MAX_PART_ENTRIES: Final = 8_192
PART_ENTRIES: Final = 4_096  # parts end at multiples, so that those without news stay the same
PART_NAME: Final = r"^[0-9a-f]{64}\.ndjson\.zst$"
_LEVEL: Final = 9  # written once, read by every new copy
_WINDOW: Final = 8 * 1024 * 1024
_LINE_BYTES: Final = (MAX_ENTRY_BYTES + MAX_OBJECT_BYTES) * 4 // 3 + 256
_LIMITS: Final = JsonLimits(max_bytes=MAX_MANIFEST_BYTES, max_depth=4, floats=False)

Serial = Annotated[int, Field(ge=0, le=MAX_TREE_SIZE, strict=True)]


class SnapshotRefused(LogRefused):
    """A snapshot is not whole, not the anchor's log's, or not what its manifest says."""

    source = "protocol §5"

    def __init__(self, code: str, zh: str, en: str) -> None:
        """`code` without its prefix, which all of them share."""
        super().__init__(f"snapshot.{code}", zh, en)


class SnapshotPart(BaseModel):
    """One part: its file name (its hash), its bytes as sent, and the entries it holds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Annotated[str, StringConstraints(pattern=PART_NAME)]
    sha256: Sha256Hex
    bytes: Annotated[int, Field(ge=1, le=MAX_PART_BYTES, strict=True)]
    first: Serial
    last: Serial

    @model_validator(mode="after")
    def _is_named_by_its_hash_and_holds_entries(self) -> Self:
        if not self.name.startswith(f"{self.sha256}."):
            raise PydanticCustomError("snapshot.part_name", "名称与散列不符 / not its hash's name")
        if not 0 <= self.last - self.first < MAX_PART_ENTRIES:
            raise PydanticCustomError("snapshot.part_range", "条目范围不符 / a wrong range")
        return self


class Manifest(BaseModel):
    """What a snapshot consists of, and the checkpoint that vouches for its leaves."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    schema_id: Annotated[Literal["log-snapshot/1"], Field(alias="schema")] = "log-snapshot/1"
    origin: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    size: Annotated[int, Field(ge=1, le=MAX_TREE_SIZE, strict=True)]
    root: Sha256Hex
    checkpoint: Annotated[str, StringConstraints(max_length=16_384)]
    created_at: WireInstant
    left_out: Annotated[int, Field(ge=0, strict=True)]
    parts: Annotated[tuple[SnapshotPart, ...], Field(min_length=1, max_length=100_000)]

    @model_validator(mode="after")
    def _parts_follow_each_other(self) -> Self:
        following = 0
        for part in self.parts:
            if part.first != following:
                raise PydanticCustomError(
                    "snapshot.parts",
                    "分片不相接：应从条目 {serial} 起 / parts do not meet at entry {serial}",
                    {"serial": following},
                )
            following = part.last + 1
        if following != self.size:
            raise PydanticCustomError(
                "snapshot.parts", "分片不完整 / the parts do not reach the size"
            )
        return self


def sign_manifest(manifest: Manifest, key: SigningKey) -> bytes:
    """The manifest in a DSSE envelope of the log's key."""
    members = manifest.model_dump(mode="json", by_alias=True)
    payload = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return sign_envelope(payload, MANIFEST_TYPE, key)


def open_manifest(
    raw: bytes, anchor: FederationAnchor, keys: LogKeys = NO_LOG_KEYS
) -> tuple[Manifest, Vouched]:
    """A manifest and its checkpoint, both proven to be of the anchor's log.

    Raises:
        SnapshotRefused: malformed, signed by another key, of another log, or in contradiction to
            its own checkpoint.
    """
    try:
        envelope = read_envelope(raw)
        signer = _signer(envelope, anchor, keys)
        verify_envelope(envelope, signer)
        manifest = Manifest.model_validate(parse_json(envelope.payload, _LIMITS))
    except ValidationError as invalid:
        first = invalid.errors()[0]
        code = "parts" if first["type"] == "snapshot.parts" else "manifest"
        raise SnapshotRefused(code, "快照清单格式不符", first["msg"]) from invalid
    except DomainError as refused:
        code = "signature" if refused.problem.code == "signature_invalid" else "manifest"
        raise SnapshotRefused(code, "快照清单不可信", refused.detail) from refused
    if envelope.payload_type != MANIFEST_TYPE:
        raise SnapshotRefused("manifest", "不是快照清单", "signed, but not a snapshot's manifest")
    if signer not in [one.public for one in accepted_keys(anchor, keys, manifest.size)]:
        raise SnapshotRefused("key_retired", "签名密钥已停用", "signed by a retired log key")
    return manifest, _vouched(manifest, anchor, keys)


def _signer(envelope: Envelope, anchor: FederationAnchor, keys: LogKeys) -> PublicKey:
    """The first known log key that the envelope names, else the anchor's."""
    named = (receipt_key(anchor, keys, one.key_id) for one in envelope.signatures)
    return next((one for one in named if one is not None), anchor.log_key().public)


def _vouched(manifest: Manifest, anchor: FederationAnchor, keys: LogKeys) -> Vouched:
    if manifest.origin != anchor.log_origin:
        raise SnapshotRefused(
            "wrong_log", "这是另一日志的快照", f"of another log: {manifest.origin}"
        )
    try:
        vouched = read_vouched(manifest.checkpoint.encode(), anchor, keys=keys)
    except LogRefused as refused:
        raise SnapshotRefused("checkpoint", "快照的检查点不可信", refused.detail) from refused
    if (vouched.size, vouched.root.hex()) != (manifest.size, manifest.root):
        raise SnapshotRefused(
            "checkpoint", "清单与其检查点不符", "the manifest contradicts its checkpoint"
        )
    return vouched


def write_part(entries: list[PageEntry]) -> bytes:
    """The part's bytes; the same bytes for the same entries."""
    lines = b"".join(
        orjson.dumps(write_record(entry), option=orjson.OPT_APPEND_NEWLINE) for entry in entries
    )
    return zstandard.ZstdCompressor(level=_LEVEL).compress(lines)


def read_part(file: IO[bytes], part: SnapshotPart) -> Iterator[PageEntry]:
    """The entries of a part whose bytes have the manifest's hash, in order, one at a time.

    Raises:
        SnapshotRefused: not that many lines, or a line that is not its entry's record.
    """
    decoder = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    serial = part.first
    try:
        with decoder.stream_reader(file, read_across_frames=False) as stream:
            lines = io.BufferedReader(stream)
            while serial <= part.last:
                record = orjson.loads(lines.readline(_LINE_BYTES))
                yield read_record(record, serial, may_leave_out=True)
                serial += 1
            more = lines.read(1)
    except (zstandard.ZstdError, orjson.JSONDecodeError, PageInvalid) as broken:
        raise SnapshotRefused(
            "part_records",
            f"分片在条目 {serial} 处不可读",
            f"unreadable at entry {serial}: {broken}",
        ) from broken
    if more:
        raise SnapshotRefused("part_records", "分片条目过多", "more entries than told")


def check_age(manifest: Manifest, *, known_size: int, oldest: Instant) -> None:
    """Refuse a snapshot that would take a copy back, or that nobody has renewed for too long.

    Raises:
        SnapshotRefused: smaller than the known checkpoint, or made before `oldest`.
    """
    if manifest.size < known_size:
        raise SnapshotRefused(
            "behind",
            f"快照只有 {manifest.size} 条，已知日志有 {known_size} 条",
            f"the snapshot has {manifest.size} entries, the known log {known_size}",
        )
    if manifest.created_at < oldest:
        raise SnapshotRefused(
            "stale", "快照过旧", f"made at {manifest.created_at}, which is too old"
        )
