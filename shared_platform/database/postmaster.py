"""What the operating system knows about a running PostgreSQL: its pid file and its process."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PID_FILE: Final = "postmaster.pid"
_SOCKET_LINE: Final = 5
_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class PidFile:
    """The lines of `postmaster.pid` we use; the socket's folder is written after the pid."""

    pid: int
    socket_folder: Path | None


def read_pid_file(data: Path) -> PidFile | None:
    """The pid file of the server that runs, or ran, on `data`; None when absent or still empty."""
    try:
        lines = (data / PID_FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    named = lines[_SOCKET_LINE - 1] if len(lines) >= _SOCKET_LINE else ""
    return PidFile(int(lines[0]), Path(named) if named else None)


def is_pid_file_empty(data: Path) -> bool:
    """Whether the pid file was made but not yet written: by a starting server, or a crash."""
    return (data / PID_FILE).exists() and read_pid_file(data) is None


def is_running(data: Path) -> bool:
    """Whether the process named in the pid file is a living server on `data`.

    A reaped or zombie process, and another program that was given the same number, are not.
    """
    found = read_pid_file(data)
    return found is not None and process_lives(found.pid) and _works_in(found.pid, data)


def is_server_process(pid: int, data: Path) -> bool:
    """Whether the process lives and was started as the server of `data`."""
    if not process_lives(pid):
        return False
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, PermissionError):
        return not _PROC.is_dir()
    return os.fsencode(data) in words


def process_lives(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        after_name = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return not _PROC.is_dir()  # no /proc on this system: the signal was the answer
    return after_name.rpartition(")")[2].split()[0] not in {"Z", "X"}


def remove_stale_files(data: Path, sockets: Path) -> None:
    """Remove the lock files of a server that is gone, though their number may be taken.

    PostgreSQL removes them itself when no process has the number, but it takes a zombie, or another
    program with that number, for a server. Only for the holder of the exclusive lock. Two servers
    on one folder stay impossible: PostgreSQL checks the shared memory block as well.
    """
    if is_running(data):
        return
    for stale in [data / PID_FILE, *sockets.glob(".s.PGSQL.*")]:
        stale.unlink(missing_ok=True)


def _works_in(pid: int, data: Path) -> bool:
    """A server's working folder is its data folder."""
    if not _PROC.is_dir():
        return True
    try:
        return (_PROC / str(pid) / "cwd").samefile(data)
    except (FileNotFoundError, PermissionError):
        return False
