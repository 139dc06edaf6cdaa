"""The embedded PostgreSQL: one server per folder, shared by every process that uses the folder.

Each using process holds a shared lease (a file lock, which the kernel gives back even after
`kill -9`). Starting and stopping happen under an exclusive lock. The first user starts the server,
the last one leaving stops it; a server left behind by killed processes is adopted by the next user.
No process id of an application is ever recorded or trusted.
"""

import asyncio
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import asyncpg
import structlog
from sqlalchemy import URL

from shared_platform.database.embedded_account import server_account
from shared_platform.database.embedded_binaries import find_binaries
from shared_platform.database.embedded_databases import (
    APPLICATION_ROLE,
    create_database,
    recreate_database,
)
from shared_platform.database.embedded_errors import (
    EmbeddedDataRefused,
    EmbeddedServerError,
    EmbeddedStartFailed,
    EmbeddedStartKilled,
)
from shared_platform.database.embedded_folder import (
    ROOT_PLACE,
    check_version,
    place_folder,
    read_password,
    socket_folder,
)
from shared_platform.database.embedded_programs import (
    SUPERUSER,
    create_data,
    launch,
    read_start_pid,
    start_failure,
    stop,
    storage_error,
    write_configuration,
)
from shared_platform.database.file_lock import FileLock
from shared_platform.database.postmaster import (
    is_pid_file_empty,
    is_running,
    is_server_process,
    process_lives,
    read_pid_file,
    remove_stale_files,
)

PORT: Final = 5432  # only part of the socket's name
START_SECONDS: Final = 600.0  # crash recovery of a full 1 GB log took 14 s; slow disks take longer
QUIET_SECONDS: Final = 3.0
LEFTOVER_SECONDS: Final = 30.0  # backends of a killed postmaster end within seconds

Tell = Callable[[str], None]
log = structlog.get_logger(__name__)


def _log_wait(message: str) -> None:
    log.info("database_wait", message=message)


class EmbeddedServer:  # noqa: PLR0904  one class, since all of it shares lock and lease
    """One process's use of the PostgreSQL server in a folder.

    Use it as `async with EmbeddedServer(folder) as server`. `folder` is wholly the server's; as
    root it may be moved (see `place_folder`), and `server.folder` says where it is.
    """

    def __init__(
        self,
        folder: Path,
        *,
        account: str | None = None,
        durable: bool = True,
        on_wait: Tell = _log_wait,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self._account = server_account(account)
        self._place = place_folder(folder, self._account)
        self._binaries = find_binaries(self._account, copies=ROOT_PLACE)
        self._durable = durable
        self._on_wait = on_wait
        self._start_seconds = start_seconds
        self._switch = FileLock(self._place.path / "lock")
        self._lease = FileLock(self._place.path / "lease")
        self._password = ""
        self._sockets = Path()
        self.restarts = 0

    @property
    def folder(self) -> Path:
        """Where the server's files really are."""
        return self._place.path

    @property
    def sockets(self) -> Path:
        """The folder of the Unix socket; known once joined."""
        return self._sockets

    def postmaster(self) -> int | None:
        """The process id of the running server; None while none runs."""
        found = read_pid_file(self._place.data)
        return found.pid if found is not None and is_running(self._place.data) else None

    async def __aenter__(self) -> Self:
        """Join the server's users, starting it when nobody else has.

        Raises:
            EmbeddedServerError: it cannot run; the subclass and the detail say why.
        """
        await self.join()
        return self

    async def __aexit__(self, *_how: object) -> None:
        """Leave; the last user stops the server."""
        await asyncio.shield(asyncio.ensure_future(self.leave()))

    async def join(self) -> None:
        """Take a lease and make sure that the server answers queries.

        Raises:
            EmbeddedStartFailed: it did not become ready.
            EmbeddedServerError: it cannot run; the subclass and the detail say why.
        """
        async with self._switch.alone(timeout_seconds=self._start_seconds):
            if not self._lease.try_shared():  # whoever takes it alone holds the switch as well
                raise EmbeddedStartFailed(f"{self.folder}/lease is held by a foreign program")
            try:
                await self._ensure_running()
            except BaseException:
                self._lease.release()
                raise

    async def leave(self) -> None:
        """Give the lease back and stop the server if that was the last one."""
        self._lease.release()
        await self.stop_if_unused()

    async def stop_if_unused(self) -> bool:
        """Stop a running server that nobody uses, such as one left behind; True if it was stopped.

        Raises:
            EmbeddedStartFailed: it did not stop.
        """
        async with self._switch.alone(timeout_seconds=self._start_seconds):
            if not self._lease.try_alone():
                return False
            try:
                return await self._stop()
            finally:
                self._lease.release()

    async def erase(self) -> bool:
        """Delete the server with all its data, wherever it is kept; False while somebody uses it.

        Raises:
            EmbeddedStartFailed: it did not stop.
        """
        async with self._switch.alone(timeout_seconds=self._start_seconds):
            if not self._lease.try_alone():
                return False
            try:
                await self._stop()
                await asyncio.to_thread(shutil.rmtree, self.folder)
            finally:
                self._lease.release()
        return True

    async def _stop(self) -> bool:
        if not is_running(self._place.data):
            return False
        await asyncio.to_thread(stop, self._binaries, self._place, self._account)
        return True

    async def watch(
        self,
        *,
        every_seconds: float = 1.0,
        on_restart: Callable[[], None] = lambda: None,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the server again whenever its process is gone; runs until cancelled.

        A start that fails, say because the disk is full, is tried again after a growing pause.
        """
        pause = every_seconds
        while True:
            await asyncio.sleep(pause)
            if is_running(self._place.data):
                pause = every_seconds
                continue
            log.error("database_lost", folder=str(self.folder))
            try:
                async with self._switch.alone(timeout_seconds=self._start_seconds):
                    await self._ensure_running()
            except (EmbeddedServerError, OSError) as error:
                pause = min(pause * 2, 30.0)
                log.exception("database_not_restarted", retry_seconds=pause, reason=str(error))
                on_failure()
            else:
                self.restarts += 1
                log.warning("database_restarted", restarts=self.restarts)
                on_restart()

    async def ensure_database(self, name: str) -> URL:
        """Create the database if there is none, owned by the application's role; its URL.

        Raises:
            ValueError: `name` is not lower-case letters, digits and underscores.
        """
        connection = await self._connect()
        try:
            await create_database(connection, name, password=self._password)
        finally:
            await connection.close()
        return self.url(name)

    async def recreate_database(self, name: str, *, template: str = "template0") -> None:
        """Drop the database with all its rows, and make it again as a copy of `template`.

        For tests and checks. The application's role must exist (`ensure_database`).
        """
        connection = await self._connect()
        try:
            await recreate_database(connection, name, template=template)
        finally:
            await connection.close()

    def url(self, database: str, *, role: str = APPLICATION_ROLE) -> URL:
        """The SQLAlchemy URL of a database; it holds the password, so never log it unmasked."""
        return URL.create(
            "postgresql+asyncpg",
            username=role,
            password=self._password,
            database=database,
            query={"host": str(self._sockets), "port": str(PORT)},
        )

    async def _ensure_running(self) -> None:
        """Start what is not running and wait for a real answer. The lock must be held.

        Raises:
            storage_error: a file operation failed.
            EmbeddedServerError: it cannot run; the subclass and the detail say why.
        """
        try:
            self._password = read_password(self._place, self._account)
            if not self._place.has_data():
                await asyncio.to_thread(create_data, self._binaries, self._place, self._account)
            check_version(self._place)
            pid = None if is_running(self._place.data) else await self._launch()
        except OSError as error:
            raise storage_error(error) from error
        await self._await_answer(pid)

    async def _launch(self) -> int:
        self._sockets = socket_folder(self._place, self._account)
        started = read_start_pid(self._place)
        if started is not None and is_server_process(started, self._place.data):
            return started  # somebody gave up waiting for it; it has not written its pid file yet
        if is_pid_file_empty(self._place.data):
            await asyncio.sleep(0.5)  # a server that a killed process started may be writing it
        remove_stale_files(self._place.data, self._sockets)
        write_configuration(self._place, sockets=self._sockets, durable=self._durable)
        return await asyncio.to_thread(launch, self._binaries, self._place, self._account)

    async def _await_answer(self, pid: int | None) -> None:
        """Wait until a query is answered; start again while a killed server's remains linger.

        `pid` is what we started; None for a server that we found, which may die at any moment.

        Raises:
            EmbeddedStartFailed: it was not ready within the time allowed.
        """
        started = time.monotonic()
        told = False
        while True:
            ready = await self._answers()
            if ready:
                return
            waited = time.monotonic() - started
            if waited > self._start_seconds:
                raise EmbeddedStartFailed(
                    f"数据库 {waited:.0f} 秒内未就绪。"
                    f" / PostgreSQL was not ready in {waited:.0f} s: see {self.folder}/start.log."
                )
            if waited > QUIET_SECONDS and not told:
                told = True
                self._on_wait("数据库正在恢复 / the database is recovering, please wait")
            if not self._is_starting(pid):
                pid = await (self._launch() if pid is None else self._launch_again(waited))
            await asyncio.sleep(0.01 if waited < 1 else 0.1)

    def _is_starting(self, pid: int | None) -> bool:
        return is_running(self._place.data) or (pid is not None and process_lives(pid))

    async def _launch_again(self, waited: float) -> int:
        await asyncio.sleep(0.1)  # its log is written by another process
        failure = start_failure(self._place)
        is_passing = (
            isinstance(failure, EmbeddedStartKilled) or "shared memory block" in failure.detail
        )
        if is_passing and waited < LEFTOVER_SECONDS:
            await asyncio.sleep(0.2)
            return await self._launch()
        raise failure

    async def _answers(self) -> bool:
        """Whether a real query is answered now.

        Raises:
            EmbeddedDataRefused: it answers, but the password is another.
        """
        found = read_pid_file(self._place.data)
        if found is None or found.socket_folder is None:
            return False
        self._sockets = found.socket_folder
        try:
            connection = await self._connect()
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError):
            return False
        except asyncpg.ConnectionDoesNotExistError:
            return False
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise EmbeddedDataRefused(
                f"{self._place.password_file} 中的密码不对：请从备份恢复。"
                f" / The password in {self._place.password_file} is not this server's: restore the"
                " file from the backup."
            ) from error
        try:
            return bool(await connection.fetchval("SELECT 1") == 1)
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError):
            return False
        finally:
            connection.terminate()

    async def _connect(self, *, role: str = SUPERUSER) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            host=str(self._sockets),
            port=PORT,
            user=role,
            password=self._password,
            database="postgres",
            timeout=10,
            server_settings={"application_name": "kaixu-supervisor"},
        )
