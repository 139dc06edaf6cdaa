"""The hub as a process: it starts, tells how it is, stops when told, and survives being killed."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from shared_platform.database.engine import Database
from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import open_checkpoint

START_SECONDS = 40


@dataclass
class HubProcess:
    """`kaixu-hub` on a database and a folder of its own."""

    data_dir: Path
    url: str
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "main_platform", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, command: str = "serve") -> subprocess.Popen[str]:
        """Start it and return when its log says that it is there."""
        process = subprocess.Popen(
            [sys.executable, "-m", "main_platform", command],
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.start()
        assert process.stderr is not None
        for line in process.stderr:
            if json.loads(line)["event"] in {"serving", "working"}:
                break
        watchdog.cancel()
        return process

    def get(self, path: str) -> httpx.Response:
        transport = httpx.HTTPTransport(retries=20)
        with httpx.Client(transport=transport, base_url=self.url, timeout=10) as client:
            return client.get(path)

    def anchor(self) -> FederationAnchor:
        return FederationAnchor.read((self.data_dir / "anchor.json").read_bytes())


@pytest.fixture
def hub(
    hub_committed: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HubProcess]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    url = hub_committed.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("KAIXU_HUB_DATABASE_URL", url)
    monkeypatch.setenv("KAIXU_HUB_DATA_DIR", str(tmp_path / "hub"))
    monkeypatch.setenv("KAIXU_HUB_LISTEN_PORT", str(port))
    hub = HubProcess(tmp_path / "hub", f"http://127.0.0.1:{port}")
    made = hub.run("init", "--staff", "li.na:administrator", "--json")
    assert made.returncode == 0, made.stderr
    yield hub
    for process in hub.running:
        process.kill()
        process.communicate()


def test_it_serves_and_tells_how_it_is(hub: HubProcess) -> None:
    hub.start()

    ready = hub.get("/readyz")
    figures = hub.get("/metrics").text
    about = hub.get("/.well-known/kaixu").json()

    assert ready.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}
    assert "kaixu_sequencer_paused 0.0" in figures
    assert about["log"]["vkey"] == hub.anchor().log_vkey


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_told_to_stop_it_ends_well(hub: HubProcess, number: signal.Signals) -> None:
    process = hub.start()
    hub.get("/healthz")

    process.send_signal(number)

    _, lines = process.communicate(timeout=15)
    assert process.returncode == 0
    assert json.loads(lines.splitlines()[-1])["event"] == "stopped"


def test_killed_and_started_again_it_stands_by_the_same_checkpoint(hub: HubProcess) -> None:
    first = hub.start()
    before = hub.get("/federation/v1/log/checkpoint").content
    first.kill()
    first.wait(timeout=15)

    hub.start()
    after = hub.get("/federation/v1/log/checkpoint").content

    assert after == before
    anchor = hub.anchor()
    signed = open_checkpoint(after, origin=anchor.log_origin, log_key=anchor.log_key())
    assert signed.checkpoint.size == 1


def test_a_port_in_use_ends_the_command_with_a_refusal(hub: HubProcess) -> None:
    hub.start()

    second = hub.run("serve")

    assert second.returncode == 1
    assert "address_taken" in second.stderr


def test_a_worker_apart_ends_well(hub: HubProcess) -> None:
    process = hub.start("worker")

    process.send_signal(signal.SIGTERM)

    process.communicate(timeout=15)
    assert process.returncode == 0
