"""What runs by itself is seen: what works, what is late, what fails, and what waits."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from main_platform.console.job_pages import job_line
from main_platform.console.job_words import JOBS
from main_platform.jobs import chores, issues, key_ends, snapshots
from shared_platform.alarms import watch
from shared_platform.alarms.alarms import Finding, raise_alarm
from shared_platform.alarms.codes import AlarmCode
from shared_platform.audit import seal
from shared_platform.database.engine import Database
from shared_platform.job_runs.noted import Job, noted, read_job_runs
from tests.main_platform.desk_browsers import a_browser
from tests.main_platform.hub_places import NOW, OpenHub, an_open_hub

HOURLY = Job("chores", 3_600)


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        yield opened


async def worked() -> str:
    return "done"


async def failed() -> str:
    raise OSError("the disk is full")


async def state_of(hub: OpenHub, *, after: timedelta = timedelta()) -> str:
    async with hub.database.sessions() as session:
        (row,) = await read_job_runs(session)
    return job_line(row, now=NOW + after).state


async def test_a_round_is_noted_as_it_ended(hub: OpenHub) -> None:
    sessions = hub.database.sessions

    done = await noted(sessions, hub.clock, HOURLY, work=worked)
    fine, late = await state_of(hub), await state_of(hub, after=timedelta(hours=2))
    hub.clock.instant = NOW + timedelta(minutes=1)
    with pytest.raises(OSError, match="full"):
        await noted(sessions, hub.clock, HOURLY, work=failed)
    failing = await state_of(hub)
    hub.clock.instant = NOW + timedelta(minutes=2)
    await noted(sessions, hub.clock, HOURLY, work=worked)

    assert (done, fine, late, failing) == ("done", "fine", "late", "failing")
    assert await state_of(hub) == "fine"


async def test_the_page_shows_alarms_with_what_to_do_queues_and_loops(hub: OpenHub) -> None:
    await noted(hub.database.sessions, hub.clock, HOURLY, work=worked)
    found = Finding(AlarmCode.DISK_NEARLY_FULL, "", "1 %")
    async with hub.database.sessions.begin() as session:
        await raise_alarm(session, found, now=NOW)
    reader = await a_browser(hub, "wu.di", "administrator")

    page = await reader.get("/console/jobs?lang=en")
    other = await a_browser(hub, "nobody", "mediator")

    assert "disk_nearly_full" in page.text
    assert AlarmCode.DISK_NEARLY_FULL.value.remedy_en in " ".join(page.texts("//td"))
    assert "Hourly chores" in page.text
    assert page.untranslated() == []
    assert (await other.get("/console/jobs")).status == 200


def test_every_loop_of_the_hub_has_a_title() -> None:
    loops = {one.JOB.name for one in (chores, issues, key_ends, snapshots, watch, seal)}

    assert loops == set(JOBS)
