"""The command line of the hub as an operator uses it, on a test database."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from main_platform.commands import (
    anchor,
    erase,
    init,
    issue,
    log_key,
    node_key,
    nodes,
    portal_key,
    review,
    staff,
    verify,
    withdraw,
)
from shared_platform.database.engine import Database
from shared_platform.observability.logs import configure_logging
from tests.main_platform.hub_places import BASE

_APPS = {
    "init": init.app,
    "anchor": anchor.app,
    "log-key": log_key.app,
    "nodes": nodes.app,
    "node-key": node_key.app,
    "portal-key": portal_key.app,
    "review": review.app,
    "verify": verify.app,
    "withdraw": withdraw.app,
    "erase": erase.app,
    "issue": issue.app,
    "staff": staff.app,
}


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def refusal(self) -> str:
        return str(self.facts["error"]["code"])


@dataclass(frozen=True)
class Console:
    """An operator's terminal on the hub's machine."""

    data_dir: Path

    async def run(self, command: str, *arguments: str) -> Said:
        """Run a command as `kaixu-hub COMMAND ARGUMENTS` would, in a thread with its own loop."""
        own: typer.Typer = _APPS[command]
        result = await asyncio.to_thread(CliRunner().invoke, own, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    async def ask(self, command: str, *arguments: str) -> Said:
        """The same with `--json`."""
        return await self.run(command, *arguments, "--json")


def a_console(
    database: Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Console]:
    """A terminal whose environment names the database; logs are put back afterwards."""
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("KAIXU_HUB_DATABASE_URL", url)
    monkeypatch.setenv("KAIXU_HUB_DATA_DIR", str(data_dir))
    monkeypatch.setenv("KAIXU_HUB_PUBLIC_BASE_URL", BASE)
    yield Console(data_dir)
    configure_logging(level="warning")
