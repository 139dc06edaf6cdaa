"""Drill `clean`: a thousand syncs of honest logs, none of which may raise an alarm."""

from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.drill.stand import Outcome, Say
from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.engine import build_engine, sessions_of
from shared_platform.database.migrate import upgrade
from shared_platform.settings import PlatformSettings
from tests.attacks.clean_syncs import run_clean_syncs

SYNCS: Final = 1_000
_SEED: Final = 20261122
_DATABASE: Final = "clean"
_TABLES: Final = text(
    "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables"
    " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
)


async def clean_syncs(folder: Path, say: Say, *, count: int = SYNCS) -> Outcome:
    """Follow random honest histories so often, with lost answers, cancelled and doubled runs."""
    say(f"clean: {count} syncs")
    async with EmbeddedServer(folder / "database") as server:
        engine = build_engine(
            await server.ensure_database(_DATABASE), PlatformSettings(), application_name="drill"
        )
        try:
            await upgrade(engine, "subplatform")
            met = await run_clean_syncs(
                sessions_of(engine), empty=partial(_empty, engine), count=count, seed=_SEED
            )
        finally:
            await engine.dispose()
    return Outcome(
        "clean",
        f"{count} syncs of honest logs, with lost answers, cancelled runs and two at once",
        "no alarm; every copy ends at the signed root",
        f"{met.syncs} syncs, {met.interrupted} of them cancelled half-way; {met.applied} entries"
        f" applied by undisturbed ones; {len(met.alarms)} alarms"
        + "".join(f"; {one}" for one in met.alarms[:3]),
        passed=not met.alarms and met.syncs == count and met.applied > 0,
    )


async def _empty(engine: AsyncEngine) -> None:
    """A new node's tables, for the next federation."""
    async with engine.begin() as connection:
        tables = await connection.scalar(_TABLES)
        await connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
