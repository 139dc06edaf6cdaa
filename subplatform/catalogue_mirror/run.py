"""The pull loop of a process: a long poll at the hub, with back-off when that fails."""

import asyncio
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from shared_platform.catalogue.sync import SyncReport
from shared_platform.database.signals import Signals
from shared_schema.refusal import DomainError
from shared_schema.sync_refusals import PositionMoved
from subplatform.catalogue_mirror.cosign import MIRROR_CHANNEL
from subplatform.catalogue_mirror.pull import Mirroring, Sessions, complete, pull

SHORTEST_PAUSE_SECONDS: Final = 0.05  # also when signals come in bursts
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0  # two of them are shorter than a hub's grace
POLL_FLOOR_SECONDS: Final = 2.0  # before the next poll, where one with nothing new did not wait
COMPLETE_EVERY: Final = 20  # rounds between requests for missing statements
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


async def run_mirror(
    sessions: Sessions, mirroring: Mirroring, signals: Signals, *, wait_seconds: float = 25
) -> None:
    """Follow the log until cancelled; a signal on `kaixu_mirror` ends a pause at once."""
    pause = FIRST_PAUSE_SECONDS
    waits = rounds = 0
    while True:
        async with signals.awaiting(MIRROR_CHANNEL) as awaited:
            began = asyncio.get_running_loop().time()
            asked = await _round(sessions, mirroring, wait_seconds=waits, rounds=rounds)
            if not isinstance(asked, int):
                waited = asyncio.get_running_loop().time() - began
                is_idle = waits and asked is not None and not asked.applied
                await awaited.wait(POLL_FLOOR_SECONDS - waited if is_idle else 0)
                pause, waits, rounds = FIRST_PAUSE_SECONDS, int(wait_seconds), rounds + 1
                continue
            await awaited.wait(max(pause, asked))
            await asyncio.sleep(SHORTEST_PAUSE_SECONDS)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _round(
    sessions: Sessions, mirroring: Mirroring, *, wait_seconds: int, rounds: int
) -> SyncReport | int | None:
    """One pull; when it failed, the seconds the hub asked to wait (0: none)."""
    try:
        report = await pull(sessions, mirroring, wait_seconds=wait_seconds)
        if rounds % COMPLETE_EVERY == 0:
            await complete(sessions, mirroring)
    except PositionMoved:
        return None  # another process has applied the page
    except DomainError as refusal:
        _log.warning("pull_failed", code=refusal.problem.code, detail=refusal.detail)
        return refusal.retry_after_s or 0
    except (SQLAlchemyError, OSError) as error:
        _log.warning("pull_interrupted", error=type(error).__name__)
        return 0
    return report
