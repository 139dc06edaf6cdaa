"""A person who verifies a log with the reader."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared_schema.reader.command import main
from tests.shared_platform.served_log import (
    Served,
    listening,
)


@dataclass
class Reader:
    """A person with the anchor and a folder; runs the command and reads what it says."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def verify(self, served: Served, *options: str) -> tuple[int, dict[str, Any]]:
        with listening(served, self.folder) as anchor:
            return self.run(anchor, *options)

    def run(self, anchor: Path, *options: str) -> tuple[int, dict[str, Any]]:
        status = main(["--anchor", str(anchor), "--json", "--tries", "1", *options])
        told = json.loads(self.capsys.readouterr().err)
        return status, told

    def lines(self, served: Served, *options: str) -> list[dict[str, Any]]:
        out = self.folder / "catalogue.ndjson"
        status, told = self.verify(served, "--out", str(out), "--today", "2026-01-06", *options)
        assert status in {0, 4}, told
        return [json.loads(line) for line in out.read_bytes().splitlines()]
