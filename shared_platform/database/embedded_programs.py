"""Running `initdb`, `postgres` and `pg_ctl`: as the right account, with an empty environment."""

import errno
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from shared_platform.database.embedded_account import Account
from shared_platform.database.embedded_binaries import Binaries
from shared_platform.database.embedded_errors import (
    EmbeddedBinariesMissing,
    EmbeddedServerError,
    EmbeddedStartFailed,
    EmbeddedStartKilled,
    EmbeddedStorageFull,
)
from shared_platform.database.embedded_folder import ServerFolder

SUPERUSER: Final = "postgres"
STOP_SECONDS: Final = 120
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_BEGUN: Final = " LOG:  starting PostgreSQL"
_NO_REASON: Final = (" LOG:  ", " HINT:  ", "FATAL:  the database system is ")
_OUT_OF_SPACE: Final = ("No space left on device", "Disk quota exceeded")

_HBA: Final = """\
# Written by Kaixu at every start. Only the Unix socket, only with the password.
local all all scram-sha-256
local replication all scram-sha-256
"""

# Measured: PostgreSQL's own defaults cost 2 to 4 times (docs/performance.md). Parameters and row
# values stay out of the log, since they may be personal data.
_TUNED: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_wal_size": "1GB",
    "checkpoint_completion_target": "0.9",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "server-%u.log",  # one for each day of the week, then overwritten
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%a ",
    "log_min_duration_statement": "1s",
    "log_parameter_max_length": "0",
    "log_error_verbosity": "terse",
}
_DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FAST_AND_FORGETFUL: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def create_data(binaries: Binaries, folder: ServerFolder, account: Account) -> None:
    """Make an empty cluster in UTF-8, sorted by code point, with checksums and SCRAM.

    It is made beside its place and renamed, so a killed `initdb` leaves nothing half-made.

    Raises:
        failure_from: `initdb` failed; `EmbeddedStorageFull` when the disk is full.
    """
    fresh = folder.path / "initialising"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    account.own(fresh)
    done = _run(
        binaries,
        account,
        "initdb",
        f"--pgdata={fresh}",
        f"--username={SUPERUSER}",
        f"--pwfile={folder.password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
        "--no-instructions",
    )
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise failure_from(done.stdout + done.stderr)
    fresh.rename(folder.data)


def write_configuration(folder: ServerFolder, *, sockets: Path, durable: bool) -> None:
    """Write `server.conf` and `hba.conf`, readable by the account, outside the data."""
    values = _TUNED | (_DURABLE if durable else _FAST_AND_FORGETFUL)
    listed = '"' + str(sockets).replace('"', '""') + '"'  # the value is a comma-separated list
    values |= {"unix_socket_directories": listed, "hba_file": str(folder.path / "hba.conf")}
    lines = [f"{name} = {_quoted(value)}" for name, value in values.items()]
    for name, text in [("server.conf", "\n".join(lines) + "\n"), ("hba.conf", _HBA)]:
        path = folder.path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)


def launch(binaries: Binaries, folder: ServerFolder, account: Account) -> int:
    """Start the server, detached from this process, and return its process id.

    A shell starts it and ends, so the server is never a child that somebody must wait for.

    Raises:
        EmbeddedBinariesMissing: the programs cannot be executed here.
    """
    arguments = [
        binaries.program("postgres"),
        "-D",
        str(folder.data),
        f"--config-file={folder.path / 'server.conf'}",
    ]
    handle = os.open(folder.start_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        done = subprocess.run(  # noqa: S603 - paths are arguments, not shell text
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=handle,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
            check=True,
            **account.run_as(),
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedBinariesMissing(f"/bin/sh: {error}") from error
    finally:
        os.close(handle)
    pid = int(done.stdout)
    folder.start_pid.write_text(f"{pid}\n", encoding="ascii")
    return pid


def read_start_pid(folder: ServerFolder) -> int | None:
    """The process that `launch` started last; None where it never did."""
    try:
        text = folder.start_pid.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    return int(text) if text.isdigit() else None


def stop(binaries: Binaries, folder: ServerFolder, account: Account) -> None:
    """Stop the server, rolling back what is open; returns when its process has ended.

    Raises:
        EmbeddedStartFailed: it did not stop in `STOP_SECONDS`.
    """
    done = _run(
        binaries,
        account,
        "pg_ctl",
        "stop",
        f"--pgdata={folder.data}",
        "--mode=fast",
        f"--timeout={STOP_SECONDS}",
        "--silent",
    )
    if done.returncode != 0 and (folder.data / "postmaster.pid").exists():
        raise EmbeddedStartFailed(f"pg_ctl stop: {_last_lines(done.stderr)}")


def start_failure(folder: ServerFolder) -> EmbeddedServerError:
    """Why the server ended while starting, from its first log, or its regular one if opened."""
    said = folder.start_log.read_text(encoding="utf-8", errors="replace")
    logs = (folder.data / "log").glob("*.log")
    newest = max(logs, key=lambda path: path.stat().st_mtime_ns, default=None)
    if "redirecting log output" in said and newest is not None:
        with newest.open("rb") as file:
            file.seek(max(0, newest.stat().st_size - 8192))
            tail = file.read().decode("utf-8", errors="replace")
        said += _BEGUN + tail.rpartition(_BEGUN)[2]
    return failure_from(said)


def failure_from(said: str) -> EmbeddedServerError:
    """The typed error for what a program printed."""
    last = _last_lines(said)
    if any(text in last for text in _OUT_OF_SPACE):
        return EmbeddedStorageFull(
            f"磁盘已满，数据库无法启动。 / The disk is full; free some space. PostgreSQL: {last}"
        )
    kind = EmbeddedStartFailed if _gives_a_reason(said) else EmbeddedStartKilled
    return kind(f"数据库无法启动。 / PostgreSQL did not start: {last}")


def _gives_a_reason(said: str) -> bool:
    """Whether a server that ended says why; telling clients to wait is no reason."""
    return any(
        line.strip() and not any(mark in line for mark in _NO_REASON) for line in said.splitlines()
    )


def storage_error(error: OSError) -> EmbeddedServerError:
    """The typed error for a failed file operation of ours."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EmbeddedStorageFull(f"磁盘已满。 / The disk is full: {error}")
    return EmbeddedStartFailed(f"文件操作失败。 / A file operation failed: {error}")


def _run(
    binaries: Binaries, account: Account, name: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - a program of the wheel, no shell
            [binaries.program(name), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=_ENVIRONMENT,
            cwd="/",
            check=False,
            **account.run_as(),
        )
    except OSError as error:
        raise EmbeddedBinariesMissing(f"{name}: {error}") from error


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _last_lines(said: str) -> str:
    return " | ".join(said.strip().splitlines()[-6:])[-1500:]
