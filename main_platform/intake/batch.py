"""The batch form: NDJSON in, one envelope a line; NDJSON out, one result a line, in order."""

import json
from collections.abc import Sequence
from typing import Final

import orjson

from main_platform.intake.errors import BatchTooLarge
from main_platform.intake.receive import Outcome
from shared_platform.transport.idempotency import KeptAnswer
from shared_platform.transport.problem_answer import request_reference
from shared_schema.instants import Instant
from shared_schema.refusal import FieldError, problem_body
from shared_schema.statement import MAX_BATCH_BYTES, MAX_BATCH_STATEMENTS

NDJSON: Final = "application/x-ndjson"


def read_batch(body: bytes) -> list[bytes]:
    """The lines; the newline at the end is no line of its own, an empty one elsewhere is.

    Raises:
        BatchTooLarge: more than 500 lines or 4 MiB.
    """
    lines = body.removesuffix(b"\n").split(b"\n") if body else []
    if len(body) > MAX_BATCH_BYTES or len(lines) > MAX_BATCH_STATEMENTS:
        most = MAX_BATCH_STATEMENTS
        message = f"每批至多 {most} 条、4 MiB / at most {most} lines and 4 MiB"
        raise BatchTooLarge(message, [FieldError("", "batch.size", message, "protocol §5")])
    return lines


def write_results(outcomes: Sequence[Outcome], *, request_id: str, now: Instant) -> KeptAnswer:
    """One line for each: number from 1, oseq or null, status, and receipt or problem document."""
    lines = [
        _line(one, line=line, request_id=request_id, now=now)
        for line, one in enumerate(outcomes, start=1)
    ]
    return KeptAnswer(200, b"".join(lines), NDJSON)


def _line(outcome: Outcome, *, line: int, request_id: str, now: Instant) -> bytes:
    result: dict[str, object] = {"line": line, "oseq": outcome.oseq, "status": outcome.status}
    if outcome.receipt is not None:
        result["receipt"] = orjson.Fragment(outcome.receipt)
    if outcome.refusal is not None:
        instance = f"{request_reference(request_id)}#{line}"
        problem = json.dumps(problem_body(outcome.refusal, instance=instance, now=now))
        result["problem"] = orjson.Fragment(problem)  # ASCII, whatever text the refusal carries
    return orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)
