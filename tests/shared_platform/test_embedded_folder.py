"""Where the embedded server's files go, under which account, and what is refused."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.embedded_account import Account, can_traverse, server_account
from shared_platform.database.embedded_binaries import (
    PACKAGE,
    PROGRAMS,
    Binaries,
    copy_programs,
    find_binaries,
    installed_package,
)
from shared_platform.database.embedded_errors import (
    EmbeddedAccountRefused,
    EmbeddedBinariesMissing,
    EmbeddedDataRefused,
    EmbeddedFolderRefused,
    EmbeddedStartFailed,
    EmbeddedStartKilled,
    EmbeddedStorageFull,
)
from shared_platform.database.embedded_folder import (
    ServerFolder,
    place_folder,
    read_password,
    socket_folder,
)
from shared_platform.database.embedded_programs import (
    create_data,
    failure_from,
    launch,
    start_failure,
    storage_error,
    write_configuration,
)
from shared_platform.database.postmaster import (
    is_pid_file_empty,
    is_running,
    process_lives,
    remove_stale_files,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the account")
as_ordinary_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may do this")


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that every account can pass through."""
    with TemporaryDirectory(prefix="kx-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def ourselves() -> Account:
    return Account("ourselves", os.geteuid(), os.getegid(), switch=False)


def test_an_ordinary_account_runs_the_server_never_root() -> None:
    account = server_account(None)

    assert account.uid != 0
    assert account.switch == (os.geteuid() == 0)


def test_an_unknown_account_is_refused() -> None:
    with pytest.raises(EmbeddedAccountRefused):
        server_account("no-such-account")


@as_root
def test_root_itself_is_refused_as_the_account() -> None:
    with pytest.raises(EmbeddedAccountRefused):
        server_account("root")


@as_root
def test_below_a_closed_parent_the_server_moves_and_the_parent_stays_closed(
    open_place: Path,
) -> None:
    closed = open_place / "closed"
    closed.mkdir(mode=0o700)

    placed = place_folder(closed / "db", server_account(None), root_place=open_place / "root")

    assert placed.path.parent == open_place / "root"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert not (closed / "db").exists()


@as_root
def test_a_moved_server_stays_where_it_is_when_the_parent_is_opened_later(
    open_place: Path,
) -> None:
    closed = open_place / "closed"
    closed.mkdir(mode=0o700)
    account = server_account(None)
    placed = place_folder(closed / "db", account, root_place=open_place / "root")
    placed.data.mkdir()
    (placed.data / "PG_VERSION").write_text("18\n")

    closed.chmod(0o755)

    assert place_folder(closed / "db", account, root_place=open_place / "root") == placed


@as_root
def test_data_that_fell_out_of_reach_is_an_error_not_a_new_database(open_place: Path) -> None:
    account = server_account(None)
    placed = place_folder(open_place / "in" / "db", account, root_place=open_place / "root")
    placed.data.mkdir()
    (placed.data / "PG_VERSION").write_text("18\n")

    (open_place / "in").chmod(0o700)

    with pytest.raises(EmbeddedFolderRefused, match="holds data"):
        place_folder(open_place / "in" / "db", account, root_place=open_place / "root")


def test_programs_that_the_account_can_reach_are_not_copied(open_place: Path) -> None:
    found = find_binaries(ourselves(), copies=open_place)

    assert found.folder.is_relative_to(installed_package())
    assert list(open_place.iterdir()) == []


async def test_a_copy_of_the_programs_makes_and_runs_a_database(open_place: Path) -> None:
    account = server_account(None)
    copy = open_place / "copy"
    copy_programs(installed_package(), copy)
    programs = Binaries(copy / PACKAGE / PROGRAMS / "bin")
    folder = place_folder(open_place / "db", account)
    read_password(folder, account)

    create_data(programs, folder, account)
    write_configuration(folder, sockets=socket_folder(folder, account), durable=False)
    launch(programs, folder, account)

    async with EmbeddedServer(open_place / "db") as server:  # waits for it and adopts it
        assert server.folder == folder.path
    assert not is_running(folder.data)


def test_a_copy_made_by_another_process_meanwhile_is_used(open_place: Path) -> None:
    (open_place / "copy").mkdir()
    (open_place / "copy" / "made-by-the-other").touch()

    copy_programs(installed_package(), open_place / "copy")

    assert [path.name for path in open_place.iterdir()] == ["copy"]
    assert (open_place / "copy" / "made-by-the-other").exists()


def test_a_link_in_place_of_the_folder_is_refused(open_place: Path) -> None:
    (open_place / "real").mkdir()
    (open_place / "db").symlink_to(open_place / "real")

    with pytest.raises(EmbeddedFolderRefused):
        place_folder(open_place / "db", ourselves())


def test_a_folder_that_others_can_write_to_is_refused(open_place: Path) -> None:
    (open_place / "db").mkdir()
    (open_place / "db").chmod(0o777)

    with pytest.raises(EmbeddedFolderRefused, match="write"):
        place_folder(open_place / "db", ourselves())


@as_ordinary_user
def test_another_accounts_folder_is_refused() -> None:
    with pytest.raises(EmbeddedFolderRefused):
        place_folder(Path("/usr"), ourselves())


def test_a_socket_folder_open_to_others_is_refused(open_place: Path) -> None:
    (open_place / "run").mkdir()
    (open_place / "run").chmod(0o755)

    with pytest.raises(EmbeddedFolderRefused):
        socket_folder(ServerFolder(open_place), ourselves())


async def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(
    open_place: Path,
) -> None:
    long = open_place / ("l" * 60) / ("m" * 60)

    async with EmbeddedServer(long, durable=False) as server:
        found = server.sockets.stat()
        await server.ensure_database("far_away")

    assert not server.sockets.is_relative_to(long)
    assert stat.S_IMODE(found.st_mode) == 0o700
    server.sockets.rmdir()


def test_a_closed_parent_cannot_be_traversed(open_place: Path) -> None:
    (open_place / "closed").mkdir(mode=0o700)
    stranger = Account("stranger", 54_321, 54_321, switch=True)

    assert can_traverse(open_place, stranger)
    assert not can_traverse(open_place / "closed", stranger)


@pytest.mark.parametrize(
    "said",
    [
        'FATAL:  could not write lock file "postmaster.pid": No space left on device',
        "PANIC:  could not write to file: Disk quota exceeded",
    ],
    ids=["space", "quota"],
)
def test_a_full_disk_is_told_apart_from_other_failures(said: str) -> None:
    assert isinstance(failure_from(said), EmbeddedStorageFull)
    assert isinstance(failure_from("FATAL: something else"), EmbeddedStartFailed)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "12:06:05 UTC [1] LOG:  starting\n12:06 FATAL:  the database system is starting up\n",
    ],
    ids=["nothing", "clients told to wait"],
)
def test_a_server_that_ends_without_a_reason_was_killed(said: str) -> None:
    assert isinstance(failure_from(said), EmbeddedStartKilled)
    assert not isinstance(failure_from(said + "postgres: no such file"), EmbeddedStartKilled)


def test_a_start_that_was_killed_is_told_from_the_log_that_the_server_kept(tmp_path: Path) -> None:
    folder = ServerFolder(tmp_path)
    (folder.data / "log").mkdir(parents=True)
    folder.start_log.write_text("[7] LOG:  redirecting log output to logging collector process\n")
    own = folder.data / "log" / "today.log"
    begun = "[6] FATAL:  of another day\n[7] LOG:  starting PostgreSQL 18.4 on x86_64, 64-bit\n"

    own.write_text(begun + "[8] LOG:  redo starts at 0/245E828\n")
    killed = start_failure(folder)
    own.write_text(begun + "[7] FATAL:  could not create shared memory block\n")
    failed = start_failure(folder)

    assert isinstance(killed, EmbeddedStartKilled)
    assert not isinstance(failed, EmbeddedStartKilled)


def test_a_full_disk_of_our_own_files_is_the_same_error() -> None:
    assert isinstance(storage_error(OSError(28, "No space left on device")), EmbeddedStorageFull)


def test_an_ordinary_user_runs_the_server_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)  # a number without a name

    account = server_account(None)

    assert (account.name, account.uid, account.switch) == ("54321", 54_321, False)
    assert account.run_as() == {}


def test_an_ordinary_user_cannot_run_it_as_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)

    with pytest.raises(EmbeddedAccountRefused, match="Only root"):
        server_account("postgres")


def test_the_owners_and_the_groups_bit_decide_before_the_bit_for_others(open_place: Path) -> None:
    (open_place / "group").mkdir()
    (open_place / "group").chmod(0o701)
    found = (open_place / "group").stat()

    owner = Account("owner", found.st_uid, 54_321, switch=True)
    member = Account("member", 54_321, found.st_gid, switch=True)

    assert can_traverse(open_place / "group", owner)
    assert not can_traverse(open_place / "group", member)


def test_without_the_wheel_the_error_names_both_ways_out(
    open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared_platform.database.embedded_binaries.PACKAGE", "no_such_wheel")

    with pytest.raises(EmbeddedBinariesMissing, match="database_url"):
        find_binaries(ourselves(), copies=open_place)


def test_programs_out_of_reach_are_copied_once_under_the_name_of_their_content(
    open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "shared_platform.database.embedded_binaries.can_traverse", lambda _folder, _account: False
    )
    stranger = Account("stranger", 54_321, 54_321, switch=True)

    first = find_binaries(stranger, copies=open_place / "copies")
    made = (first.folder / "postgres").stat().st_mtime_ns
    again = find_binaries(stranger, copies=open_place / "copies")

    assert first == again
    assert (again.folder / "postgres").stat().st_mtime_ns == made
    assert can_traverse(first.folder, stranger)


async def test_a_copy_that_fails_leaves_nothing(open_place: Path) -> None:
    with pytest.raises(OSError, match="no-such-wheel"):
        copy_programs(open_place / "no-such-wheel", open_place / "copy")

    assert list(open_place.iterdir()) == []


def test_programs_that_cannot_be_executed_are_a_typed_error(open_place: Path) -> None:
    account = server_account(None)
    folder = place_folder(open_place / "db", account)
    read_password(folder, account)

    with pytest.raises(EmbeddedBinariesMissing):
        create_data(Binaries(open_place / "nowhere"), folder, account)


def test_a_password_file_open_to_others_is_refused(open_place: Path) -> None:
    account = server_account(None)
    folder = place_folder(open_place / "db", account)
    read_password(folder, account)
    folder.password_file.chmod(0o644)

    with pytest.raises(EmbeddedDataRefused, match="chmod 600"):
        read_password(folder, account)


def test_a_reaped_process_a_zombie_and_an_empty_file_are_no_running_server(
    open_place: Path,
) -> None:
    child = subprocess.Popen(["/bin/true"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()  # ends when the process has ended; it is not reaped yet
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    pid_file = open_place / "postmaster.pid"

    pid_file.write_text(f"{child.pid}\n")
    assert not process_lives(child.pid)
    assert not is_running(open_place)

    child.wait()
    child.stdout.close()
    assert not is_running(open_place)

    pid_file.write_text("")
    assert is_pid_file_empty(open_place)
    assert not is_running(open_place)


def test_the_lock_files_of_a_gone_server_are_removed(open_place: Path) -> None:
    (open_place / "postmaster.pid").write_text("")
    (open_place / ".s.PGSQL.5432.lock").write_text("1\n")

    remove_stale_files(open_place, open_place)

    assert list(open_place.iterdir()) == []
