"""What a drill is about to do and what it was told was done: written down before anything else.

A line is on the disk before the act begins, so whatever is killed afterwards, the comparison at the
end knows what must be there.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_TOLD: Final = "told"


@dataclass(slots=True)
class Act:
    """One act of somebody at one place. `answer` is None until it was acknowledged.

    `found` says that no answer came, but the act was seen to be done when the place was up again.
    """

    number: int
    place: str
    kind: str
    subjects: tuple[str, ...]
    answer: Any = None
    is_acknowledged: bool = False
    found: bool = False


@dataclass(slots=True)
class Ledger:
    """Acts in the order in which they were begun; the file has one line for each event."""

    path: Path
    acts: list[Act] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def intend(self, place: str, kind: str, *subjects: str) -> Act:
        """Write down that this is about to be done."""
        act = Act(len(self.acts), place, kind, subjects)
        self.acts.append(act)
        self._write({"act": act.number, "place": place, "do": kind, "subjects": subjects})
        return act

    def acknowledge(self, act: Act, answer: object = None, *, found: bool = False) -> None:
        """Write down that it was done: by the answer, or by what was found afterwards."""
        act.answer, act.is_acknowledged, act.found = answer, True, found
        self._write({"act": act.number, _TOLD: answer, "found": found})

    def violation(self, text: str) -> None:
        """Write down something that must never happen."""
        self.violations.append(text)
        self._write({"violation": text})

    def of_kind(self, place: str, kind: str) -> Iterator[Act]:
        """The acts of a kind at a place."""
        return (act for act in self.acts if (act.place, act.kind) == (place, kind))

    def _write(self, line: object) -> None:
        self.path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
