"""The hub answers as its API document says, whatever is asked: `--api-cases 200` asks more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from main_platform.application import describe_hub_app
from main_platform.catalogue.write_snapshot import files_outdated_through
from main_platform.staff.permissions import HUB_POLICY
from shared_platform.bulk_download.here import bulk_keeper_of
from shared_platform.database.engine import Database
from shared_platform.search.here import keeper_of
from tests.api_cases import broken_by, operations
from tests.main_platform.hub_interface import PUBLIC
from tests.main_platform.hub_interface import operations as routes
from tests.main_platform.hub_log import Hub
from tests.main_platform.hub_places import OpenHub, an_open_hub

APART = {"auditor", "security_administrator"}
"""Roles that nobody may have beside others."""
CALLERS = {one.name: one.caller for one in routes(describe_hub_app())}
OPERATIONS = list(operations(describe_hub_app().openapi()))


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(
        hub_committed, tmp_path, read_limit=0, search_limit=0, export_limit=0
    ) as opened:
        feeding = Hub(hub_committed.sessions)
        feeding.federation.enrol("gz-centre")
        feeding.offers("gz-centre", 5)
        await feeding.queue()
        await opened.context.sequencer.drain()
        service, now = opened.context.service, opened.clock.now()
        await keeper_of(service).bring_level()
        await bulk_keeper_of(service, outdated_through=files_outdated_through).write(now=now)
        await opened.context.snapshots.write(now=now)
        await opened.hire("everybody", *HUB_POLICY.grants.keys() - APART)
        for role in APART:
            await opened.hire(role, role)
        yield opened


@pytest.mark.timeout(7_200)
async def test_every_answer_is_as_the_document_says(hub: OpenHub, api_cases: int) -> None:
    """Public reads by nobody, everything else by somebody who may."""
    broken = []
    for operation in OPERATIONS:
        async with hub.client(who_may((operation.method.upper(), operation.path))) as client:
            broken += await broken_by(client, operation, count=api_cases)

    assert not broken, "\n".join(sorted({str(one) for one in broken}))


def who_may(name: tuple[str, str]) -> str | None:
    """Somebody whose roles open the route; None: nobody needs any."""
    if name in PUBLIC:
        return None
    caller = CALLERS.get(name)
    alone = [role for role in APART if caller in HUB_POLICY.grants[role]]
    everybody = {one for role, has in HUB_POLICY.grants.items() if role not in APART for one in has}
    return alone[0] if alone and caller not in everybody else "everybody"
