"""Drill `guess`: by how long sign-in takes nobody learns which names have an account (S-06)."""

import statistics
import time
from pathlib import Path
from typing import Final

from deploy.drill.stand import Outcome, Say
from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.engine import build_engine, sessions_of
from shared_platform.database.migrate import upgrade
from shared_platform.settings import PlatformSettings
from shared_platform.sign_in.throttle import AddressLimit
from tests.shared_platform.workspace_places import Browser, a_desk

TRIES: Final = 500
_BOUND_MS: Final = 10.0
_WARMING: Final = 10
_WRONG: Final = "guess guess guess"


async def timing_of_guesses(folder: Path, say: Say, *, tries: int = TRIES) -> Outcome:
    """Guess so often for accounts and for names that nobody has, in turns, one name once."""
    say(f"guess: {tries} wrong passwords for known and for unknown names each")
    async with EmbeddedServer(folder / "database") as server:
        engine = build_engine(
            await server.ensure_database("guess"), PlatformSettings(), application_name="drill"
        )
        try:
            await upgrade(engine, "subplatform")
            desk = a_desk(sessions_of(engine))
            desk.app.state.sign_in_limit = AddressLimit(per_minute=10 * tries)
            hashed = await desk.app.state.passwords.hash("correct horse battery")
            for number in range(tries):
                await desk.hire(f"known-{number}", password_hash=hashed)
            browser = desk.browser()
            for number in range(_WARMING):
                await _guess(browser, f"nobody-{number}")
            took = [
                (
                    await _guess(browser, f"known-{number}"),
                    await _guess(browser, f"stranger-{number}"),
                )
                for number in range(tries)
            ]
        finally:
            await engine.dispose()
    known, unknown = (statistics.median(one) for one in zip(*took, strict=True))
    difference = abs(known - unknown)
    return Outcome(
        "guess",
        f"{tries} wrong passwords for names with an account and as many without, in turns",
        f"medians differ by less than {_BOUND_MS:.0f} ms (S-06)",
        f"median {known:.1f} ms with an account, {unknown:.1f} ms without: {difference:.2f} ms",
        passed=difference < _BOUND_MS,
    )


async def _guess(browser: Browser, name: str) -> float:
    """Milliseconds until the refusal.

    Raises:
        RuntimeError: the answer is not the refusal of a wrong password.
    """
    began = time.perf_counter()
    page = await browser.sign_in(name, _WRONG)
    took = (time.perf_counter() - began) * 1_000
    if page.status != 422:  # noqa: PLR2004  the form again
        raise RuntimeError(f"{name}: {page.status}")
    return took
