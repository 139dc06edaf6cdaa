"""The refusals of everything that reads the log: trees, proofs, notes, checkpoints, tiles, entries.

Each reader has its own subclass, so that a caller can tell a bad proof from a bad note by type; the
code inside (`proof.root_mismatch`) tells what exactly was wrong, and is API.
"""

from typing import ClassVar

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError


class LogRefused(DomainError):
    """Bytes that claim to belong to the log do not; nothing of them may be used."""

    problem = ProblemType.SCHEMA_INVALID
    source: ClassVar[str] = ""

    def __init__(self, code: str, zh: str, en: str, *, pointer: str = "") -> None:
        """One coded error with its message in both languages, and the standard it comes from."""
        error = FieldError(pointer, code, f"{zh} / {en}", self.source or None)
        super().__init__(detail=error.message, errors=[error])

    @property
    def code(self) -> str:
        """The stable code of what is wrong, as in `note.signature_invalid`."""
        return self.errors[0].code
