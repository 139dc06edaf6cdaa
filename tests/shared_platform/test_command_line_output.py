"""Commands: exit codes, answers for people and for programs, progress, and a fast `--help`."""

import asyncio
import io
import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from shared_platform.command_line import (
    AsJson,
    ExitCode,
    Output,
    exit_code_of,
    print_line,
    progress,
    refusal_text,
    run_command,
)
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:  # type: ignore[explicit-override]
        return True


class FeeMissing(DomainError):
    problem = ProblemType.RULE_VIOLATED


def a_refusal() -> FeeMissing:
    error = FieldError("/fee", "fee.missing", "缺少许可费 / no fee", "专利法 第五十条")
    return FeeMissing("第 3 行 / row 3", [error])


def refused_as(kind: ProblemType) -> DomainError:
    class Refusal(DomainError):
        problem = kind

    return Refusal("because")


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def approve(*, refuse: bool = False, as_json: AsJson = False) -> None:
        output = Output(as_json)

        async def work() -> int:
            await asyncio.sleep(0)
            if refuse:
                raise a_refusal()
            return 7

        serial = run_command(work, output=output)
        output.show({"serial": serial}, text=f"已公示，序号 {serial}")

    return app


def test_an_answer_is_a_sentence_for_people(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, [])

    assert (result.exit_code, result.stdout) == (0, "已公示，序号 7\n")


def test_an_answer_is_one_json_object_for_programs(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["--json"])

    assert json.loads(result.stdout) == {"serial": 7}


def test_a_refusal_says_what_why_what_to_do_and_its_code(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["--refuse"])

    assert result.exit_code == ExitCode.USER
    assert result.stdout == ""
    for part in ["违反许可规则", "第 3 行", "/fee", "[fee.missing]", "第五十条", "[rule_violated]"]:
        assert part in result.stderr


def test_a_refusal_is_one_json_object_for_programs(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["--refuse", "--json"])

    error = json.loads(result.stdout)["error"]
    assert (error["code"], error["exit_code"]) == ("rule_violated", 1)
    assert error["errors"][0]["pointer"] == "/fee"


def test_a_wrongly_written_command_ends_with_the_usage_code(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["--no-such-option"]).exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ProblemType.SCHEMA_INVALID, ExitCode.USER),
        (ProblemType.PERMISSION_DENIED, ExitCode.USER),
        (ProblemType.HUB_UNREACHABLE, ExitCode.REMOTE),
        (ProblemType.RATE_LIMITED, ExitCode.REMOTE),
        (ProblemType.STALE_REVIEW, ExitCode.CONFLICT),
        (ProblemType.SIGNATURE_INVALID, ExitCode.INTEGRITY),
    ],
    ids=lambda value: value.name,
)
def test_the_exit_code_tells_the_kind_of_failure(kind: ProblemType, code: ExitCode) -> None:
    assert exit_code_of(refused_as(kind)) == code


def test_a_refusal_may_decide_its_exit_code_itself() -> None:
    class RootDiffers(DomainError):
        exit_code = ExitCode.INTEGRITY

    assert exit_code_of(RootDiffers("fork")) == ExitCode.INTEGRITY


def test_a_peers_text_cannot_move_the_cursor() -> None:
    assert "\x1b" not in refusal_text(FeeMissing("\x1b[2J gone \u202e"))


def test_without_a_terminal_progress_is_at_most_ten_lines() -> None:
    stream = io.StringIO()

    with progress("导入", to=stream) as advance:
        for done in range(1, 1_001):
            advance(done, 1_000)

    lines = stream.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[-1] == "导入 1000/1000"


def test_where_no_end_is_known_progress_is_a_line_for_each_thousand() -> None:
    stream = io.StringIO()

    with progress("import", to=stream) as advance:
        for done in range(500, 3_001, 500):
            advance(done, None)

    assert stream.getvalue().splitlines() == ["import 1000/?", "import 2000/?", "import 3000/?"]


def test_on_a_terminal_progress_is_a_bar_that_goes_away() -> None:
    stream = Terminal()

    with progress("import", to=stream) as advance:
        advance(2, 2)

    assert "import" in stream.getvalue()


def test_a_terminal_without_chinese_shows_escapes_instead_of_failing() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")

    print_line("许可", to=stream)

    assert raw.getvalue() == b"\\u8bb8\\u53ef\n"


def test_help_imports_no_web_framework_and_no_database() -> None:
    program = (
        "import sys, shared_platform.command_line;"
        "print([m for m in ('fastapi','sqlalchemy','asyncpg','alembic','pydantic','uvloop','rich')"
        " if m in sys.modules])"
    )

    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert shown.stdout.strip() == "[]"
