"""Drill K1: the hub's disks run full, for its data and for the database's log apart."""

import asyncio
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import httpx

from deploy.drill.federation import HUB, postmaster_of
from deploy.drill.services import NeverHappened, Service, count_said, eventually
from deploy.drill.stand import FIRST, Outcome, Say, Stand, a_stand

DATA_MB: Final = 400
LOG_MB: Final = 96
RECOVERY_SECONDS: Final = 60.0
_LOT: Final = 150
_DOWN_SECONDS: Final = 20
_OK: Final = 200
_STEP: Final = 1024 * 1024


def why_not() -> str | None:
    """Why small disks cannot be made here; None if they can."""
    if os.geteuid() != 0:
        return "needs root, to mount small disks"
    probe = Path("/tmp") / f"kaixu-drill-mount-{os.getpid()}"  # noqa: S108
    try:
        return None if _mount(probe, 1) and _unmount(probe) else "mounting is not allowed here"
    finally:
        probe.rmdir()


async def k1_data_disk(folder: Path, *, say: Say) -> Outcome:
    """The disk of all the hub's data is full while a node sends."""
    disk = folder / HUB
    async with (
        _small_disk(disk, DATA_MB),
        a_stand(folder, say=say, listings={FIRST: 2 * _LOT}) as stand,
    ):
        refusals = await _full(stand, disk)
        seconds = await _recovered(stand, disk)
        compared = await stand.prove()
    return Outcome(
        "k1-data",
        f"the hub's disk ({DATA_MB} MB) full while {_LOT} statements arrive",
        "507 or 503 by code; recovers within 60 s of space; nothing lost",
        f"node was told {dict(refusals)}; delivered {seconds:.1f} s after space returned;"
        f" lost {len(compared.lost)}, doubled {len(compared.duplicated)}",
        passed=compared.is_whole and seconds <= RECOVERY_SECONDS and bool(refusals),
    )


async def k1_log_disk(folder: Path, *, say: Say) -> Outcome:
    """The disk of the database's log alone is full: PostgreSQL stops, and cannot start."""
    disk, lots = folder / "hub-log", 12
    async with (
        _small_disk(disk, LOG_MB),
        a_stand(folder, say=say, listings={FIRST: lots * _LOT}) as stand,
    ):
        hub = stand.drilled.hub
        await _log_elsewhere(stand, disk)
        server = postmaster_of(hub)
        _fill(disk)
        for _ in range(lots):
            await stand.offer(_LOT)
            with suppress(NeverHappened):
                await eventually("the server is gone", partial(_is_gone, hub, server), seconds=10)
                break
        starts = count_said(hub, "database_not_restarted")
        await asyncio.sleep(_DOWN_SECONDS)
        starts = count_said(hub, "database_not_restarted") - starts
        was_down = not await _serves(hub)
        seconds = await _recovered(stand, disk)
        compared = await stand.prove()
    return Outcome(
        "k1-log",
        f"the disk of the database's log ({LOG_MB} MB) full while statements arrive",
        "the supervisor starts it again with back-off; nothing acknowledged is lost",
        f"server stopped: {was_down}; {starts} starts in {_DOWN_SECONDS} s while full; all"
        f" delivered {seconds:.1f} s after space returned; lost {len(compared.lost)},"
        f" doubled {len(compared.duplicated)}",
        passed=compared.is_whole and was_down,
    )


async def _log_elsewhere(stand: Stand, disk: Path) -> None:
    """Move the hub's log of its database to the small disk."""
    hub, sequencer = stand.drilled.hub, stand.drilled.sequencer
    await sequencer.stop()
    await hub.stop()
    log = hub.place.folder / "database" / "data" / "pg_wal"
    owner = log.stat()
    for part in log.iterdir():
        shutil.move(part, disk / part.name)
    log.rmdir()
    log.symlink_to(disk)
    _give(disk, owner)
    os.chown(log, owner.st_uid, owner.st_gid, follow_symlinks=False)
    hub.start()
    sequencer.start()
    await hub.ready()


def _give(disk: Path, owner: os.stat_result) -> None:
    for path in (disk, *disk.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


async def _is_gone(hub: Service, server: int | None) -> bool:
    return postmaster_of(hub) != server


async def _serves(hub: Service) -> bool:
    try:
        return (await hub.ask("GET", "/readyz")).status_code == _OK
    except httpx.HTTPError:
        return False


async def _full(stand: Stand, disk: Path) -> Counter[str]:
    """Fill the disk, send, and wait until the node was told; by what codes."""
    await stand.offer(_LOT // 2)
    await stand.delivered()
    _fill(disk)
    await stand.offer(_LOT)
    told: Counter[str] = Counter()

    async def refused() -> bool:
        paused = (await stand.standing())["paused"]
        if paused is not None:
            told[paused["code"]] += 1
        return sum(told.values()) > 0

    await eventually("the node is told", refused, seconds=120)
    return told


async def _recovered(stand: Stand, disk: Path) -> float:
    """Give the space back; seconds until everything is delivered."""
    (disk / "filler").unlink()
    began = time.monotonic()
    await stand.delivered()
    return time.monotonic() - began


def _fill(disk: Path) -> None:
    """Leave not one byte."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        for size in (_STEP, 4096, 1):
            _write_all_it_takes(filler, bytes(size))


def _write_all_it_takes(filler: BinaryIO, block: bytes) -> None:
    with suppress(OSError):
        while filler.write(block):
            pass


@asynccontextmanager
async def _small_disk(place: Path, megabytes: int) -> AsyncIterator[None]:
    assert await asyncio.to_thread(_mount, place, megabytes)
    try:
        yield
    finally:
        await asyncio.to_thread(_unmount, place)


def _mount(place: Path, megabytes: int) -> bool:
    place.mkdir(mode=0o711, parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0711"
    command = ["mount", "-t", "tmpfs", "-o", options, "kaixu-drill", str(place)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def _unmount(place: Path) -> bool:
    command = ["umount", "--lazy", str(place)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603
