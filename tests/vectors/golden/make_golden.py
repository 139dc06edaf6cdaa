"""Write the golden files of the wire contract: `python -m tests.vectors.golden.make_golden`.

They change only when the contract does. Other languages check themselves against them; each file
says how. Ed25519 is deterministic (RFC 8032), so the bytes are the same on every machine.
"""

import json
from pathlib import Path
from typing import Any, Final

from tests.vectors.golden.golden_keys import key_change_vectors
from tests.vectors.golden.golden_log import log_vectors
from tests.vectors.golden.golden_messages import message_vectors
from tests.vectors.golden.golden_refusals import refusal_vectors
from tests.vectors.golden.golden_statements import (
    anchor_vectors,
    enrolment_vectors,
    statement_vectors,
)

FOLDER: Final = Path(__file__).resolve().parent


def golden_files() -> dict[str, str]:
    """The content of every golden file by its name."""
    vectors: dict[str, dict[str, Any]] = {
        "anchor.json": anchor_vectors(),
        "enrolment.json": enrolment_vectors(),
        "key_change.json": key_change_vectors(),
        "log.json": log_vectors(),
        "message.json": message_vectors(),
        "refusals.json": refusal_vectors(),
        "statement.json": statement_vectors(),
    }
    return {
        name: json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        for name, content in vectors.items()
    }


def main() -> None:
    """Write them all."""
    for name, content in golden_files().items():
        (FOLDER / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
