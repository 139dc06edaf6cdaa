"""The embedded PostgreSQL: starting, sharing, killing, adopting, stopping."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.embedded_errors import EmbeddedDataRefused, EmbeddedStartFailed
from shared_platform.database.postmaster import is_running, process_lives, read_pid_file

CHECKOUT = Path(__file__).resolve().parents[2]
USER_PROGRAM = """
import asyncio, sys
from pathlib import Path
from shared_platform.database.embedded import EmbeddedServer
async def main():
    async with EmbeddedServer(Path(sys.argv[1]), durable=False) as server:
        await server.ensure_database("shared")
        print("joined", flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main())
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of its own, where every account can pass through."""
    with TemporaryDirectory(prefix="kx-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "postgres"


def a_server(place: Path, *, durable: bool = False) -> EmbeddedServer:
    return EmbeddedServer(place, durable=durable)


async def ask(server: EmbeddedServer, query: str) -> object:
    url = server.url("shared")
    connection = await asyncpg.connect(
        host=str(server.sockets), user=url.username, password=url.password, database="shared"
    )
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def another_process(place: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", USER_PROGRAM, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "joined":
            return process
    raise AssertionError("the other process never joined")


def a_foreign_process() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["/bin/sleep", "60"])


def finish(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=30)


def postmaster(server: EmbeddedServer) -> int:
    found = read_pid_file(server.folder / "data")
    assert found is not None
    return found.pid


async def test_what_was_written_is_there_after_the_last_user_left_and_came_back(
    place: Path,
) -> None:
    async with a_server(place, durable=True) as server:
        await server.ensure_database("shared")
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS seven")
    assert not is_running(server.folder / "data")

    async with a_server(place, durable=True) as server:
        assert await ask(server, "SELECT seven FROM kept") == 7


async def test_the_server_runs_durable_checked_and_tuned_and_only_on_its_socket(
    place: Path,
) -> None:
    async with a_server(place, durable=True) as server:
        await server.ensure_database("shared")

        found = {
            name: await ask(server, f"SHOW {name}")
            for name in ["fsync", "synchronous_commit", "data_checksums", "jit", "shared_buffers"]
        }
        addresses = await ask(server, "SHOW listen_addresses")
        encoding = await ask(server, "SHOW server_encoding")

    assert found == {
        "fsync": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "jit": "off",
        "shared_buffers": "128MB",
    }
    assert addresses == ""
    assert encoding == "UTF8"


async def test_the_application_is_no_superuser_and_needs_the_password(place: Path) -> None:
    async with a_server(place) as server:
        await server.ensure_database("shared")

        is_superuser = await ask(server, "SELECT current_setting('is_superuser')")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                host=str(server.sockets), user="postgres", password="guess", database="shared"
            )

    assert is_superuser == "off"


async def test_folders_and_password_are_closed_to_others(place: Path) -> None:
    async with a_server(place) as server:
        modes = {
            name: (server.folder / name).stat().st_mode & 0o777
            for name in ["data", "run", "password", "lease", "start.log"]
        }

    assert modes == {
        "data": 0o700,
        "run": 0o700,
        "password": 0o600,
        "lease": 0o600,
        "start.log": 0o600,
    }


async def test_two_processes_share_one_server_and_the_last_one_stops_it(place: Path) -> None:
    async with a_server(place) as server:
        other = another_process(place)
        pid = postmaster(server)
    assert process_lives(pid), "the other process still uses the server"

    finish(other)

    assert not is_running(server.folder / "data")


async def test_a_killed_user_does_not_keep_the_server_alive(place: Path) -> None:
    async with a_server(place) as server:
        other = another_process(place)
        other.kill()
        finish(other)
    assert not is_running(server.folder / "data")


async def test_a_server_left_behind_is_adopted_by_the_next_user(place: Path) -> None:
    other = another_process(place)
    other.kill()
    finish(other)
    server = a_server(place)
    left_behind = postmaster(server)

    async with server:
        assert postmaster(server) == left_behind
        assert await ask(server, "SELECT 1") == 1

    assert not is_running(server.folder / "data")


async def test_a_server_left_behind_can_be_stopped_by_command(place: Path) -> None:
    other = another_process(place)
    other.kill()
    finish(other)

    assert await a_server(place).stop_if_unused()
    assert not await a_server(place).stop_if_unused()


async def test_a_server_in_use_is_not_stopped_by_command(place: Path) -> None:
    async with a_server(place) as server:
        assert not await a_server(place).stop_if_unused()
        assert is_running(server.folder / "data")


async def test_committed_rows_survive_a_killed_postmaster(place: Path) -> None:
    async with a_server(place, durable=True) as server:
        await server.ensure_database("shared")
        await ask(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        os.kill(postmaster(server), signal.SIGKILL)

        async with a_server(place, durable=True) as again:
            assert await ask(again, "SELECT count(*) FROM kept") == 1000


async def test_the_watcher_starts_a_killed_server_again(place: Path) -> None:
    async with a_server(place) as server:
        await server.ensure_database("shared")
        killed = postmaster(server)
        restarted = asyncio.Event()
        watcher = asyncio.create_task(server.watch(every_seconds=0.02, on_restart=restarted.set))
        os.kill(killed, signal.SIGKILL)

        async with asyncio.timeout(30):
            await restarted.wait()
        watcher.cancel()

        assert server.restarts == 1
        assert postmaster(server) != killed
        assert await ask(server, "SELECT 1") == 1


async def test_a_pid_file_of_another_program_does_not_prevent_the_start(place: Path) -> None:
    async with a_server(place) as server:
        await server.ensure_database("shared")
        pid_file = server.folder / "data" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    foreign = a_foreign_process()
    pid_file.write_text("\n".join([str(foreign.pid), *lines[1:]]) + "\n")

    try:
        async with a_server(place) as server:
            assert await ask(server, "SELECT 1") == 1
    finally:
        foreign.kill()
        foreign.wait()


async def test_many_users_arriving_and_leaving_at_once_never_meet_a_stopped_server(
    place: Path,
) -> None:
    async def come_and_go() -> object:
        async with a_server(place) as server:
            await server.ensure_database("shared")
            return await ask(server, "SELECT 1")

    answers = await asyncio.gather(*[come_and_go() for _ in range(12)])

    assert answers == [1] * 12


async def test_data_of_another_version_is_refused_and_left_alone(place: Path) -> None:
    async with a_server(place) as server:
        version = server.folder / "data" / "PG_VERSION"
    version.write_text("16\n")

    with pytest.raises(EmbeddedDataRefused, match="PostgreSQL 16"):
        await a_server(place).join()


async def test_a_lost_password_file_is_named_and_not_replaced(place: Path) -> None:
    async with a_server(place) as server:
        password = server.folder / "password"
    password.unlink()

    with pytest.raises(EmbeddedDataRefused, match="restore"):
        await a_server(place).join()
    assert not password.exists()


async def test_a_wrong_password_is_named(place: Path) -> None:
    async with a_server(place) as server:
        password = server.folder / "password"
        password.write_text("another\n")

        with pytest.raises(EmbeddedDataRefused, match="password"):
            await a_server(place).join()


async def test_a_server_that_cannot_start_says_what_postgres_said(place: Path) -> None:
    async with a_server(place) as server:
        control = server.folder / "data" / "global" / "pg_control"
    control.unlink()

    with pytest.raises(EmbeddedStartFailed, match="pg_control"):
        await a_server(place).join()


async def test_a_failed_first_start_leaves_nothing_half_made(place: Path) -> None:
    server = a_server(place)
    half_made = server.folder / "initialising"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")

    async with server:
        assert not half_made.exists()


async def test_a_long_start_tells_once_that_it_is_recovering(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared_platform.database.embedded.QUIET_SECONDS", 0.0)
    told: list[str] = []

    async with EmbeddedServer(place, durable=False, on_wait=told.append):
        pass

    assert len(told) == 1
    assert "recovering" in told[0]


async def test_a_start_that_takes_too_long_is_given_up_and_the_server_can_still_be_stopped(
    place: Path,
) -> None:
    with pytest.raises(EmbeddedStartFailed, match="not ready"):
        await EmbeddedServer(place, durable=False, start_seconds=0.0).join()

    async with a_server(place) as server:
        assert is_running(server.folder / "data")
    assert not is_running(server.folder / "data")


async def test_the_watcher_goes_on_trying_while_the_server_cannot_start(place: Path) -> None:
    async with a_server(place) as server:
        await server.ensure_database("shared")
        control = server.folder / "data" / "global" / "pg_control"
        hidden = control.rename(control.with_name("hidden"))
        restarted = asyncio.Event()
        failed = asyncio.Event()
        watcher = asyncio.create_task(
            server.watch(every_seconds=0.02, on_restart=restarted.set, on_failure=failed.set)
        )
        os.kill(postmaster(server), signal.SIGKILL)
        async with asyncio.timeout(30):
            await failed.wait()
        hidden.rename(control)

        async with asyncio.timeout(30):
            await restarted.wait()
        watcher.cancel()

        assert await ask(server, "SELECT 1") == 1
