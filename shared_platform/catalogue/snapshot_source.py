"""Where a copy gets a snapshot from: a hub over HTTP, or a folder; untrusted bytes both."""

from pathlib import Path
from typing import Final, Protocol

from shared_platform.transport.outbound import (
    Outbound,
    OutboundAnswer,
    OutboundLimits,
    OutboundRequest,
    PeerAnsweredBadly,
    PeerTooLarge,
    PeerUnreachable,
)
from shared_platform.transport.peer_refusal import retry_after_seconds
from shared_schema.snapshot import MAX_MANIFEST_BYTES, SnapshotPart, SnapshotRefused
from shared_schema.snapshot_parts import PartMissing

MANIFESTS: Final = "manifests"
PARTS: Final = "parts"
_OK: Final = 200
_GONE: Final = frozenset({404, 410})
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 507})
_PART_SECONDS: Final = 600.0


class SnapshotSource(Protocol):
    """A place that has snapshots; whoever asks must verify."""

    async def manifest(self) -> bytes | None:
        """The latest manifest; None where there is none."""
        ...

    async def part(self, size: int, part: SnapshotPart) -> bytes:
        """The bytes of a part of the snapshot of that size, as far as they came.

        Raises:
            PartMissing: it is not there any more.
        """
        ...


class HttpSnapshots:
    """The snapshots of a hub or mirror.

    Args:
        outbound: the process's client.
        base_url: the federation interface, as in `https://hub.example/federation/v1`.
    """

    def __init__(self, outbound: Outbound, base_url: str) -> None:
        self._outbound = outbound
        self._base = f"{base_url.rstrip('/')}/snapshots"

    async def manifest(self) -> bytes | None:
        """GET `/snapshots/latest`.

        Raises:
            SnapshotRefused: an answer that cannot be a manifest.
            PeerUnreachable: no answer, or not now.
        """
        try:
            answer = await self._get("/latest", OutboundLimits(max_bytes=2 * MAX_MANIFEST_BYTES))
        except (PeerAnsweredBadly, PeerTooLarge) as bad:
            raise SnapshotRefused("manifest", "回答不是快照清单", bad.detail) from bad
        return None if answer.status in _GONE else answer.body

    async def part(self, size: int, part: SnapshotPart) -> bytes:
        """GET `/snapshots/{size}/{name}`.

        Raises:
            PartMissing: it is not there any more.
            SnapshotRefused: an answer that cannot be the part.
            PeerUnreachable: no answer, or not now.
        """
        limits = OutboundLimits(total_seconds=_PART_SECONDS, max_bytes=part.bytes)
        try:
            answer = await self._get(f"/{size}/{part.name}", limits)
        except (PeerAnsweredBadly, PeerTooLarge) as bad:
            raise SnapshotRefused("part_hash", "回答不是清单所列分片", bad.detail) from bad
        if answer.status in _GONE:
            raise PartMissing(part)
        return answer.body

    async def _get(self, path: str, limits: OutboundLimits) -> OutboundAnswer:
        request = OutboundRequest("GET", self._base + path)
        answer = await self._outbound.send(request, limits=limits)
        if answer.status == _OK or answer.status in _GONE:
            return answer
        detail = f"/snapshots{path}: {answer.status}"
        if answer.status in _BUSY:
            seconds = retry_after_seconds(answer.headers)
            raise PeerUnreachable(detail, retry_after_s=seconds)
        raise PeerAnsweredBadly(detail)


class FolderSnapshots:
    """A copy of a hub's snapshot folder, as brought on a disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def manifest(self) -> bytes | None:
        """The manifest of the largest snapshot in the folder."""
        found = sorted((self._folder / MANIFESTS).glob("*.json"))
        return _read(found[-1], MAX_MANIFEST_BYTES * 2) if found else None

    async def part(self, size: int, part: SnapshotPart) -> bytes:  # noqa: ARG002 - by its hash
        """The file of that name.

        Raises:
            PartMissing: it is not there.
        """
        try:
            return _read(self._folder / PARTS / part.name, part.bytes)
        except OSError as failure:
            raise PartMissing(part) from failure


def _read(file: Path, max_bytes: int) -> bytes:
    """At most one byte more than permitted, so that the excess is seen."""
    with file.open("rb") as opened:
        return opened.read(max_bytes + 1)
