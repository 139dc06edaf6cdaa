"""Every drill by name, and how they share federations."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from deploy.drill import disk_drills
from deploy.drill.clean_drill import clean_syncs
from deploy.drill.clock_drills import t1_wrong_clocks
from deploy.drill.crash import LONG, CrashReport, crash_test
from deploy.drill.database_drills import d1_database_restarts
from deploy.drill.guess_drill import timing_of_guesses
from deploy.drill.line_drills import (
    SECOND_SENDS,
    n2_reply_lost,
    n3_resets,
    n4_slow_peer,
    n4_stalled_peer,
    n5_looping_peer,
    n7_wrong_answers,
    t2_replays,
)
from deploy.drill.stand import FIRST, SECOND, Outcome, Say, Stand, a_stand

OnStand = Callable[[Stand], Awaitable[Outcome]]
OnFolder = Callable[[Path, Say], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill: on the shared stand, or with a federation of its own."""

    what: str
    minutes: int
    on_stand: OnStand | None = None
    alone: OnFolder | None = None
    why_not: Callable[[], str | None] = lambda: None  # why it cannot be tried here
    listings: int = 0  # that it sends from the first node of the stand


async def _k1_data(folder: Path, say: Say) -> Outcome:
    return await disk_drills.k1_data_disk(folder, say=say)


async def _k1_log(folder: Path, say: Say) -> Outcome:
    return await disk_drills.k1_log_disk(folder, say=say)


DRILLS: Final[Mapping[str, Drill]] = {
    "crash": Drill("kill at every point and 225 times at random", 19),
    "n2": Drill("the reply is lost, a thousand times", 5, on_stand=n2_reply_lost, listings=1000),
    "n3": Drill("connections are reset", 1, on_stand=n3_resets, listings=90),
    "n4": Drill("a slow line", 2, on_stand=n4_slow_peer, listings=5),
    "n4-stall": Drill("answers that never come", 4, on_stand=n4_stalled_peer, listings=2),
    "n5": Drill("a peer without end", 3, on_stand=n5_looping_peer, listings=6),
    "n7": Drill("wrong answers, 503 with Retry-After", 1, on_stand=n7_wrong_answers, listings=6),
    "d1": Drill("the database is restarted", 2, on_stand=d1_database_restarts, listings=240),
    "t1": Drill("wrong clocks", 2, on_stand=t1_wrong_clocks, listings=8),
    "t2": Drill("doubled and replayed requests", 1, on_stand=t2_replays, listings=21),
    "k1-data": Drill("the data disk is full", 3, alone=_k1_data, why_not=disk_drills.why_not),
    "k1-log": Drill(
        "the disk of the database's log is full", 4, alone=_k1_log, why_not=disk_drills.why_not
    ),
    "guess": Drill("who has an account, by the time it takes", 2, alone=timing_of_guesses),
    "clean": Drill("a thousand syncs of honest logs", 3, alone=clean_syncs),
}


async def run_drills(folder: Path, names: Sequence[str], *, seed: int, say: Say) -> list[Outcome]:
    """Run them in order; those of the stand on one federation, proven at the end."""
    outcomes: list[Outcome] = []
    if "crash" in names:
        outcomes.append(await _crash(folder / "crash", seed=seed, say=say))
    shared = [name for name in names if DRILLS[name].on_stand]
    if shared:
        outcomes += await _on_stand(folder / "stand", shared, say=say)
    for name in names:
        alone = DRILLS[name].alone
        if alone is not None:
            outcomes.append(await _alone(folder / name, name, alone, say=say))
    return outcomes


async def _crash(folder: Path, *, seed: int, say: Say) -> Outcome:
    report = await crash_test(folder, replace(LONG, seed=seed), say=say)
    return outcome_of(report)


def outcome_of(report: CrashReport) -> Outcome:
    """A crash test's report as a row of the table."""
    compared = report.compared
    kills = ", ".join(f"{kind} {count}" for kind, count in sorted(report.kills.items()))
    wrong = [
        *report.missing,
        *report.too_small,
        *compared.lost,
        *compared.duplicated,
        *compared.wrong,
    ]
    return Outcome(
        "crash",
        f"{len(report.points)} points and {sum(report.kills.values())} random kills ({kills})",
        f"every point reached, at least {LONG.fewest_kills} kills and"
        f" {LONG.fewest_statements:,} statements; 0 lost, 0 doubled, dense serials, four equal"
        " copies",
        f"{compared.statements} statements, log of {compared.log_size}; lost {len(compared.lost)},"
        f" doubled {len(compared.duplicated)}, wrong {len(compared.wrong)};"
        f" {compared.acts} acts, {compared.found_acts} without an answer and found done;"
        f" back in {report.restart_seconds['median']} s (longest"
        f" {report.restart_seconds['longest']} s), {report.started_again} starts ended with a"
        f" database killed meanwhile; seed {report.seed}"
        + "".join(f"; {one}" for one in wrong[:5]),
        passed=report.passed,
        seconds=report.seconds,
    )


async def _on_stand(folder: Path, names: Sequence[str], *, say: Say) -> list[Outcome]:
    outcomes: list[Outcome] = []
    settings = {"DELIVER_BATCH": "1"}  # one request for each statement
    listings = {FIRST: sum(DRILLS[name].listings for name in names), SECOND: SECOND_SENDS}
    say(f"setting up a hub and two nodes with {listings[FIRST]} listings")
    async with a_stand(folder, say=say, listings=listings, node_settings=settings) as stand:
        for name in names:
            drill = DRILLS[name].on_stand
            assert drill is not None
            began = time.monotonic()
            outcome = await drill(stand)
            outcomes.append(replace(outcome, seconds=round(time.monotonic() - began, 1)))
            say(f"{name}: {outcome.verdict}: {outcome.happened}")
        compared = await stand.prove()
    outcomes.append(
        Outcome(
            "after " + ", ".join(names),
            "all of these one after the other",
            "0 lost, 0 doubled, dense serials, equal copies, verify holds",
            f"{compared.statements} statements; lost {len(compared.lost)}, doubled"
            f" {len(compared.duplicated)}, wrong {compared.wrong[:3]}",
            passed=compared.is_whole,
        )
    )
    return outcomes


async def _alone(folder: Path, name: str, drill: OnFolder, *, say: Say) -> Outcome:
    why_not = DRILLS[name].why_not()
    if why_not is not None:
        say(f"{name}: not tried: {why_not}")
        return Outcome(name, DRILLS[name].what, "", f"not tried: {why_not}", passed=None)
    began = time.monotonic()
    outcome = await drill(folder, say)
    say(f"{name}: {outcome.verdict}: {outcome.happened}")
    return replace(outcome, seconds=round(time.monotonic() - began, 1))
