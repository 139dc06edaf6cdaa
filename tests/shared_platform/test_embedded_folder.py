"""Where the embedded server's files go, under which account, and what is refused."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.embedded_account import Account, can_traverse, server_account
from shared_platform.database.embedded_binaries import find_binaries
from shared_platform.database.embedded_errors import (
    EmbeddedAccountRefused,
    EmbeddedFolderRefused,
    EmbeddedStartFailed,
    EmbeddedStorageFull,
)
from shared_platform.database.embedded_folder import ServerFolder, place_folder, socket_folder
from shared_platform.database.embedded_programs import failure_from, storage_error

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


@as_root
async def test_the_server_runs_from_a_moved_folder_and_copied_programs(open_place: Path) -> None:
    account = server_account(None)
    elsewhere = Account("nobody", 65_534, 65_534, switch=True)
    closed_to_all = find_binaries(elsewhere, copies=open_place)
    assert closed_to_all.folder.is_dir()

    async with EmbeddedServer(open_place / "db", durable=False) as server:
        assert (server.folder / "data").stat().st_uid == account.uid


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


def test_a_full_disk_of_our_own_files_is_the_same_error() -> None:
    assert isinstance(storage_error(OSError(28, "No space left on device")), EmbeddedStorageFull)
