"""The bulk files in a service: where they are on this machine, and who keeps them."""

from pathlib import Path
from typing import Final

from shared_platform.bulk_download.bulk_files import BulkFolder
from shared_platform.bulk_download.write_bulk import BulkKeeper
from shared_platform.catalogue.erased import OutdatedThrough, last_erasure
from shared_platform.service import ServiceContext
from shared_platform.settings import PlatformSettings

FOLDER: Final = "bulk"


def bulk_folder(settings: PlatformSettings) -> BulkFolder:
    """Where the bulk files are: inside the data folder, never inside a backup that matters."""
    return BulkFolder(Path(settings.data_dir) / FOLDER)


def bulk_keeper_of(
    service: ServiceContext, *, outdated_through: OutdatedThrough = last_erasure
) -> BulkKeeper:
    """Who keeps the bulk files; on each machine that answers requests, one process does it."""
    settings = service.settings
    return BulkKeeper(
        service.database.sessions,
        bulk_folder(settings),
        service.clock,
        settings.bulk_hours,
        outdated_through,
    )
