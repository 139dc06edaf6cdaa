"""Drill T1: a node whose clock is wrong."""

from typing import Final

from deploy.drill.services import has_said
from deploy.drill.stand import Outcome, Stand

OFFSETS_SECONDS: Final = (240, -240, 600, -600)
_WINDOW_SECONDS: Final = 300


async def t1_wrong_clocks(stand: Stand) -> Outcome:
    """Start the first node with its clock off by minutes, and let it deliver."""
    told: list[str] = []
    passed = True
    for seconds in OFFSETS_SECONDS:
        await stand.first.stop()
        stand.first.start(clock_offset_seconds=str(seconds))
        await stand.first.ready()
        await stand.offer(2)
        await stand.delivered()
        corrected = has_said(stand.first, "clock_corrected")
        passed = passed and corrected == (abs(seconds) > _WINDOW_SECONDS)
        told.append(f"{seconds:+d} s: {'corrected by the hub' if corrected else 'accepted'}")
    await stand.first.stop()
    stand.first.start()
    await stand.first.ready()
    return Outcome(
        "t1",
        "the node's clock is 4 and 10 minutes ahead and behind",
        "inside 5 minutes accepted; outside refused with the hub's time, corrected once, delivered",
        "; ".join(told) + "; all delivered",
        passed=passed,
    )
