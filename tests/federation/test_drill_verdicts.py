"""What a drill may call a success: too little done, or nothing tried, is none."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.demo.processes import Place
from deploy.drill.__main__ import FAILED, NOT_TRIED, exit_status
from deploy.drill.crash import LONG, CrashReport
from deploy.drill.random_kills import kill_database
from deploy.drill.services import Service
from deploy.drill.settled import Compared
from deploy.drill.stand import Outcome

WHOLE = Compared(statements=5_000, digests={"hub": "one", "node-1": "one"})


def an_outcome(*, passed: bool | None) -> Outcome:
    return Outcome("k1-data", "a full disk", "507", "told", passed=passed)


def a_report(*, kills: int, statements: int) -> CrashReport:
    return CrashReport(
        seed=1,
        seconds=1.0,
        points={},
        missing=[],
        too_small=LONG.too_small(kills=kills, statements=statements),
        kills={"hub": kills},
        restart_seconds={"median": 1.0, "longest": 2.0},
        started_again=0,
        compared=replace(WHOLE, statements=statements),
    )


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([True, True], 0),
        ([True, None], NOT_TRIED),
        ([None], NOT_TRIED),
        ([True, None, False], FAILED),
    ],
)
def test_the_exit_status_tells_held_from_not_tried_from_not_held(
    verdicts: list[bool | None], status: int
) -> None:
    outcomes = [an_outcome(passed=one) for one in verdicts]

    assert exit_status(outcomes) == status
    assert len({0, NOT_TRIED, FAILED, 2}) == 4  # 2 is a wrong command line


def test_a_drill_that_was_not_tried_is_not_written_as_held() -> None:
    verdicts = [an_outcome(passed=one).verdict for one in (True, False, None)]

    assert verdicts == ["yes", "NO", "not tried"]


def test_the_long_crash_test_does_not_pass_with_fewer_kills_or_statements() -> None:
    enough = a_report(kills=200, statements=5_000)
    few_kills = a_report(kills=199, statements=5_000)
    few_statements = a_report(kills=200, statements=4_999)

    assert (enough.passed, few_kills.passed, few_statements.passed) == (True, False, False)
    assert few_kills.too_small == ["199 random kills, not 200"]
    assert few_statements.too_small == ["4999 statements, not 5000"]


async def test_a_database_that_does_not_run_is_not_counted_as_killed(tmp_path: Path) -> None:
    nobody = Service(Place("hub", "hub", "main_platform", 0, tmp_path, {}))

    assert not await kill_database(nobody)
