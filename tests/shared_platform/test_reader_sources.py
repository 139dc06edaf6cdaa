"""What the reader does with sources, state files and anchors that are of no use."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shared_platform.hub_log_peer import Federation, Liar
from tests.shared_platform.reader_places import Reader
from tests.shared_platform.served_log import (
    Answering,
    Served,
    a_life,
    anchor_file,
    listening,
    serving,
)


@pytest.fixture
def reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reader:
    return Reader(tmp_path, capsys)


@pytest.mark.parametrize(
    ("answering", "code"),
    [
        pytest.param(lambda request: request.answer(b"", status=404), "reader.status", id="404"),
        pytest.param(lambda request: request.answer(b"", status=503), "reader.status", id="503"),
        pytest.param(
            lambda request: request.answer(b"", status=302, location="http://localhost:1/x"),
            "reader.redirected",
            id="another-host",
        ),
        pytest.param(
            lambda request: request.answer(b"", status=302, location=request.path),
            "reader.status",
            id="in-circles",
        ),
        pytest.param(
            lambda request: request.answer(b"x" * 600_000),
            "reader.answer_too_large",
            id="too-large",
        ),
        pytest.param(
            lambda request: request.answer(b"no gzip", content_encoding="gzip"),
            "reader.answer",
            id="undecodable",
        ),
        pytest.param(
            lambda request: request.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"),
            "reader.unreachable",
            id="cut-off",
        ),
    ],
)
def test_a_source_without_a_usable_answer_is_told_from_a_lie(
    answering: Callable[[Answering], None], code: str, reader: Reader, tmp_path: Path
) -> None:
    with serving(answering) as url:
        status, told = reader.run(anchor_file(Liar(a_life().hub), tmp_path, url))

    assert (status, told["code"]) == (3, code)
    assert told["where"].startswith(url)


def test_a_hub_that_is_not_there_is_unreachable(reader: Reader, tmp_path: Path) -> None:
    with serving(lambda request: request.answer(b"")) as url:
        anchor = anchor_file(Liar(a_life().hub), tmp_path, url)

    status, told = reader.run(anchor)

    assert (status, told["code"]) == (3, "reader.unreachable")


@pytest.mark.parametrize("content", [b"not a state", None], ids=["damaged", "of-another-anchor"])
def test_a_state_file_that_is_not_ours_is_refused_and_left_alone(
    content: bytes | None, reader: Reader, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    if content is None:
        reader.verify(Served(Liar(Federation(seed=2).hub)), "--state", str(state))
    else:
        state.write_bytes(content * 100)
    before = state.read_bytes()

    status, told = reader.verify(Served(Liar(a_life().hub)), "--state", str(state))

    assert status == 1
    assert told["code"] in {"reader.state_unusable", "reader.state_of_another"}
    assert state.read_bytes() == before


def test_a_file_that_is_no_anchor_is_refused(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "anchor.json"
    file.write_text("{}")

    status, told = reader.run(file)

    assert (status, told["code"]) == (1, "reader.anchor")


ALONE = """
import sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ImportError(name)

sys.meta_path.insert(0, Nowhere())
from shared_schema.reader.command import main
sys.exit(main(sys.argv[1:]))
"""
BLOCKED = {
    *("shared_platform", "main_platform", "subplatform", "sqlalchemy", "asyncpg", "alembic"),
    *(
        "fastapi",
        "starlette",
        "uvicorn",
        "httpx",
        "typer",
        "rich",
        "structlog",
        "pydantic_settings",
    ),
}


def test_it_works_where_nothing_of_the_services_is_installed(tmp_path: Path) -> None:
    hub = a_life().hub
    with listening(Served(Liar(hub)), tmp_path) as anchor:
        program = ALONE.format(blocked=BLOCKED)
        done = subprocess.run(
            [sys.executable, "-c", program, "--anchor", str(anchor), "--out", "-"],
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=60,
        )

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    assert hub.range.root().hex() in done.stderr
