"""What the command lines of hub and node share: exit codes, output for people and programs.

Only typer and rich are imported here; commands import what they run inside themselves, so that
`--help` stays fast.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Final, NoReturn, TextIO, TypeVar

import typer

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

Result = TypeVar("Result")
Advance = Callable[[int, int | None], None]
"""Told what is done, and of how many where that is known."""

AsJson = Annotated[
    bool, typer.Option("--json", help="只输出一个 JSON 对象 / print one JSON object.")
]

_LINES: Final = 10  # progress lines where there is no terminal


class ExitCode(IntEnum):
    """What a command's exit status means, the same for every command."""

    OK = 0
    USER = 1  # what was asked for cannot be done as asked
    USAGE = 2  # the command was written wrongly
    REMOTE = 3  # a peer or the database cannot be reached; trying again may help
    CONFLICT = 4  # the object is in another state
    INTEGRITY = 5  # a signature, digest or proof does not hold


_INTEGRITY: Final = frozenset({ProblemType.SIGNATURE_INVALID, ProblemType.DIGEST_MISMATCH})
_CONFLICT_STATUS: Final = 409
_REMOTE_STATUSES: Final = frozenset({429, 500, 502, 503, 504, 507})


def exit_code_of(refusal: DomainError) -> ExitCode:
    """The exit status of a refusal; a class may decide by an attribute `exit_code`."""
    decided = getattr(refusal, "exit_code", None)
    if isinstance(decided, ExitCode):
        return decided
    if refusal.problem in _INTEGRITY:
        return ExitCode.INTEGRITY
    status = refusal.problem.value.status
    if status == _CONFLICT_STATUS:
        return ExitCode.CONFLICT
    return ExitCode.REMOTE if status in _REMOTE_STATUSES else ExitCode.USER


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command's answer goes: text for people, or one JSON object for programs."""

    as_json: bool = False

    def show(self, facts: Mapping[str, Any], *, text: str) -> None:
        """Print the answer: `facts` as JSON, or `text`, to standard output."""
        print_line(json.dumps(facts, ensure_ascii=False, default=str) if self.as_json else text)

    def refuse(self, refusal: DomainError) -> NoReturn:
        """Print why it did not work and end the command.

        Raises:
            typer.Exit: always, with the status of `exit_code_of`.
        """
        code = exit_code_of(refusal)
        if self.as_json:
            print_line(json.dumps(refusal_facts(refusal), ensure_ascii=False))
        else:
            print_line(refusal_text(refusal), to=sys.stderr)
        raise typer.Exit(int(code))


def refusal_facts(refusal: DomainError) -> dict[str, Any]:
    """A refusal as the JSON answer of a command, with the members of problem+json."""
    row = refusal.problem.value
    return {
        "error": {
            "code": refusal.problem.code,
            "title": {"zh": row.title_zh, "en": row.title_en},
            "detail": refusal.detail,
            "errors": [error.to_json() for error in refusal.errors],
            "remedy": {"zh": row.remedy_zh, "en": row.remedy_en},
            "retryable": row.retryable,
            "exit_code": int(exit_code_of(refusal)),
        }
    }


def refusal_text(refusal: DomainError) -> str:
    """A refusal for people: what happened, why, what to do, and the code to ask about."""
    row = refusal.problem.value
    lines = [f"✘ {row.title_zh} / {row.title_en}"]
    if refusal.detail:
        lines.append(f"  原因 why: {refusal.detail}")
    for error in refusal.errors:
        source = f"（{error.source}）" if error.source else ""
        lines.append(f"  · {error.pointer}: {error.message} [{error.code}]{source}")
    lines.append(f"  怎么办 what to do: {row.remedy_zh} / {row.remedy_en}")
    lines.append(f"  [{refusal.problem.code}]")
    return "\n".join(_harmless(line) for line in lines)


def run_command(work: Callable[[], Coroutine[Any, Any, Result]], *, output: Output) -> Result:
    """Run a command's coroutine on uvloop; a refusal ends the command with its exit status.

    Raises:
        typer.Exit: it was refused, or interrupted (130).
    """
    import uvloop  # noqa: PLC0415 - `--help` must not pay for it

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work())
    except DomainError as refusal:
        output.refuse(refusal)
    except KeyboardInterrupt:
        print_line("已中断 / interrupted", to=sys.stderr)
        raise typer.Exit(130) from None


@contextmanager
def progress(label: str, *, to: TextIO | None = None) -> Iterator[Advance]:
    """Show how far a long command is, on standard error: a bar, or ten lines without a terminal.

    The block gets a function to be told what is done, and of how many where that is known.
    """
    stream = to if to is not None else sys.stderr
    if stream.isatty():
        from rich.console import Console  # noqa: PLC0415 - 60 ms that `--help` must not pay
        from rich.progress import Progress  # noqa: PLC0415

        with Progress(console=Console(file=stream), transient=True) as bar:
            task = bar.add_task(label, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    yield _LineProgress(label, stream).advance


class _LineProgress:
    """Progress as at most ten lines, for logs and pipes; one a thousand where no end is known."""

    def __init__(self, label: str, stream: TextIO) -> None:
        self._label = label
        self._stream = stream
        self._shown = 0

    def advance(self, done: int, total: int | None) -> None:
        step = min(done * _LINES // max(total, 1), _LINES) if total is not None else done // 1_000
        if step > self._shown:
            self._shown = step
            print_line(f"{self._label} {done}/{total or '?'}", to=self._stream)


def print_line(text: str, *, to: TextIO | None = None) -> None:
    """Print a line at once; a character the terminal cannot show becomes an escape."""
    stream = to if to is not None else sys.stdout
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def _harmless(line: str) -> str:
    """A refusal may quote a peer: no control character of its text reaches the terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)
