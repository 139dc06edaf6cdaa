"""The index in a service: who searches in this process, who keeps the machine's index."""

from pathlib import Path
from typing import Final

from shared_platform.catalogue.log_position import CATALOGUE_CHANNEL
from shared_platform.search.follow import IndexKeeper
from shared_platform.search.index import IndexFolder, IndexReader
from shared_platform.search.search import Searching
from shared_platform.service import ServiceContext
from shared_platform.settings import PlatformSettings

FOLDER: Final = "search"


def index_folder(settings: PlatformSettings) -> IndexFolder:
    """Where the index is: inside the data folder, never inside a backup that matters."""
    return IndexFolder(Path(settings.data_dir) / FOLDER)


def searching_in(settings: PlatformSettings) -> Searching:
    """Searches of this process."""
    return Searching(IndexReader(index_folder(settings)))


def keeper_of(service: ServiceContext) -> IndexKeeper:
    """Who keeps the index level with the tables; on each machine that answers requests."""
    return IndexKeeper(
        service.database.sessions,
        index_folder(service.settings),
        service.signals,
        CATALOGUE_CHANNEL,
    )
