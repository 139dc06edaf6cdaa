"""A hub with the two people whom every enrolment needs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from tests.main_platform.hub_places import OpenHub, an_open_hub


@pytest.fixture(name="hub")
async def hub_of_registrars(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        await opened.hire("wang.wei", "node_registrar")
        await opened.hire("zhao.min", "node_registrar")
        yield opened
