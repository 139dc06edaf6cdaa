"""What machine a run was made on, and how busy it was: figures without it say nothing."""

import os
import platform
from contextlib import suppress
from pathlib import Path

import asyncpg
from sqlalchemy import URL

_KIB = 1024


def machine_facts() -> dict[str, str | int | float]:
    """Processor, memory and program versions, as far as this system tells them."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "memory_mib": _memory_mib(),
        "python": platform.python_version(),
    }


def load_average() -> float:
    """Processes that wanted to run during the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


async def server_facts(url: URL) -> dict[str, str]:
    """The PostgreSQL version and the settings that decide speed."""
    connection = await connect(url)
    try:
        names = ("server_version", "shared_buffers", "synchronous_commit", "fsync", "jit")
        return {name: str(await connection.fetchval(f"SHOW {name}")) for name in names}
    finally:
        await connection.close()


def plain_url(url: URL) -> str:
    """The address with its password, for settings and drivers."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


async def connect(url: URL) -> "asyncpg.Connection[asyncpg.Record]":
    """A driver connection of its own, beside the application's pool."""
    return await asyncpg.connect(plain_url(url))


def resident_kib(pid: int) -> int | None:
    """Memory of a process that is in RAM now (KiB); None where there is no /proc."""
    return _status(pid, "VmRSS")


def peak_kib(pid: int) -> int | None:
    """The most it ever had (KiB)."""
    return _status(pid, "VmHWM")


def shared_out_kib(pid: int) -> int:
    """The process and its children: memory in RAM, shared pages divided among their users (KiB)."""
    return sum(_proportional(one) for one in (pid, *_children(pid)))


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used so far, all threads; 0 where there is no /proc."""
    file = Path(f"/proc/{pid}/stat")
    if not file.exists():
        return 0.0
    fields = file.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:  # it has just ended, or this system has no such file
        return 0
    return next((int(one.split()[1]) for one in lines if one.startswith("Pss:")), 0)


def _children(pid: int) -> list[int]:
    found = []
    for file in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            if f"\nPPid:\t{pid}\n" in file.read_text(encoding="utf-8"):
                found.append(int(file.parent.name))
    return found


def _status(pid: int, name: str) -> int | None:
    file = Path(f"/proc/{pid}/status")
    if not file.exists():
        return None
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((int(one.split()[1]) for one in lines if one.startswith(f"{name}:")), None)


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    named = (one.partition(":")[2].strip() for one in lines if one.startswith("model name"))
    return next(named, platform.machine())


def _memory_mib() -> int:
    file = Path("/proc/meminfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    total = (int(one.split()[1]) for one in lines if one.startswith("MemTotal:"))
    return next(total, 0) // _KIB
