"""What a verification finds wrong."""

from dataclasses import dataclass

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Violation:
    """One contradiction: a stable code, the entry it is about if any, and its facts."""

    code: str
    detail: str = ""
    serial: int | None = None

    @override
    def __str__(self) -> str:
        """As an operator reads it."""
        place = "" if self.serial is None else f" @{self.serial}"
        return f"{self.code}{place} {self.detail}".rstrip()
