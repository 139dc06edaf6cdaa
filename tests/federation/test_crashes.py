"""The short form of the crash test: the points that decide what may be lost, and a few kills.

`make drill` reaches every point, many times as often, and kills the databases as well.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import URL

from deploy.drill.crash import CrashPlan, crash_test
from deploy.drill.crash_points import LINE_POINTS, every_point, runs_at
from deploy.drill.federation import HUB
from shared_platform.failpoint import POINTS, Action
from tests.federation.federation import BEIJING, GUANGDONG
from tests.federation.federation import HUB as HUB_DATABASE

PLAN = CrashPlan(
    listings=24,
    kills=4,
    points=(
        "push.queued",
        "push.leased",
        "push.answer_read",
        "push.hub_committed",
        "approve.committed",
        "approve.sequenced",
        "approve.unannounced",
        "approve.notice_stored",
        "pull.applied",
        "pull.moved",
    ),
    line_points=("line.half_answer",),
    actions=(Action.KILL,),
    seed=20261122,
)


@pytest.mark.timeout(900)
async def test_what_is_killed_while_statements_travel_loses_and_doubles_nothing(
    tmp_path: Path, databases: Mapping[str, URL]
) -> None:
    shared = {
        HUB: databases[HUB_DATABASE],
        "node-1": databases[GUANGDONG],
        "node-2": databases[BEIJING],
    }

    report = await crash_test(tmp_path, PLAN, databases=shared)

    assert report.missing == []
    assert (report.compared.lost, report.compared.duplicated) == ([], [])
    assert report.compared.wrong == []
    assert len(set(report.compared.digests.values())) == 1
    assert report.compared.statements > 2 * PLAN.listings
    assert report.passed


def test_the_drill_reaches_every_registered_point() -> None:
    wanted = every_point(tuple(POINTS), tuple(LINE_POINTS), actions=tuple(Action)[:2])

    assert {point for point, _ in wanted} == {*POINTS, *LINE_POINTS}
    assert {runs_at(point) for point in POINTS} == {"hub", "sequencer", "node"}
