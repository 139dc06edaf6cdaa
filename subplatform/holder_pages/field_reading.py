"""Read single fields of the declaration form; what is wrong or missing is noted at the field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

from shared_platform.workspace.forms import FormError
from shared_schema.amount import parse_fen, parse_percent
from shared_schema.bilingual import Words, halves
from shared_schema.identifier_refusal import IdentifierRefused

FILL_IN: Final = Words("请填写", "Fill this in")
_NO_DATE: Final = Words("请填日期，如 2028-12-31", "Enter a date, as in 2028-12-31")
_NO_COUNT: Final = Words("请填整数", "Enter a whole number")
_MOST: Final = 10_000
_Value = TypeVar("_Value")
Values = Mapping[str, Sequence[str]]


@dataclass
class FieldReading:
    """The fields of one form. `missing` are required and empty; `errors` hold something wrong."""

    values: Values
    errors: list[FormError] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def text(self, name: str, *, required: bool = False) -> str | None:
        """What was typed, trimmed; None where nothing was."""
        given = self.values.get(name, ())
        typed = given[-1].strip() if given else ""
        if typed:
            return typed
        if required:
            self.missing.append(name)
        return None

    def several(self, name: str) -> list[str]:
        """All that was chosen."""
        return [one for one in self.values.get(name, ()) if one.strip()]

    def listed(self, name: str) -> list[str]:
        """The parts of a text that commas, semicolons or spaces separate."""
        typed = self.text(name) or ""
        for separator in "，；;、\n":
            typed = typed.replace(separator, ",")
        return [part.strip() for part in typed.split(",") if part.strip()]

    def ticked(self, name: str) -> bool:
        """Whether the box was ticked."""
        return bool(self.several(name))

    def fen(self, name: str, *, required: bool = True) -> int | None:
        """A sum as people write it (3万, 20,000 元), in fen; a bare number is yuan."""
        return self._read(name, lambda typed: parse_fen(typed, "元"), required=required)

    def percent(self, name: str) -> Decimal | None:
        """A rate in percent."""
        return self._read(name, parse_percent, required=True)

    def day(self, name: str, *, required: bool = False) -> date | None:
        """A day of the calendar."""
        return self._read(name, date.fromisoformat, required=required, otherwise=_NO_DATE)

    def count(self, name: str, *, required: bool = False) -> int | None:
        """A whole number, not negative."""
        return self._read(name, _count, required=required, otherwise=_NO_COUNT)

    def _read(
        self,
        name: str,
        parse: Callable[[str], _Value],
        *,
        required: bool,
        otherwise: Words = FILL_IN,
    ) -> _Value | None:
        typed = self.text(name, required=required)
        if typed is None:
            return None
        try:
            return parse(typed)
        except IdentifierRefused as refused:
            self.errors.append(FormError(name, halves(refused.detail)))
        except ValueError:
            self.errors.append(FormError(name, otherwise))
        return None


def _count(typed: str) -> int:
    number = int(typed)
    if not 0 <= number <= _MOST:
        raise ValueError(typed)
    return number
