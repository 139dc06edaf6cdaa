"""The one refusal of every identifier parser, and its form inside pydantic models.

Parsers never repair silently. They say what is wrong and what was probably meant, and leave the
decision to the person who knows: `suggestions` holds the values to offer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic_core import PydanticCustomError

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

_MAX_TYPED: Final = 2_000


@dataclass
class IdentifierRefused(DomainError):
    """A text is not the identifier it should be; `suggestions` are valid values, best first."""

    suggestions: tuple[str, ...] = ()

    problem = ProblemType.SCHEMA_INVALID

    @property
    def code(self) -> str:
        """The stable code of what is wrong, as in `patent_number.check_digit`."""
        return self.errors[0].code


@dataclass(frozen=True, slots=True)
class Standard:
    """Which identifier is being read: the first part of its codes, and the source of its rules."""

    name: str
    source: str

    def refusal(
        self, reason: str, zh: str, en: str, *, suggestions: tuple[str, ...] = ()
    ) -> IdentifierRefused:
        """The refusal `name.reason` with its message in both languages.

        The pointer stays empty (the whole text); whoever knows the field sets it.
        """
        error = FieldError("", f"{self.name}.{reason}", f"{zh} / {en}", self.source)
        return IdentifierRefused(detail=error.message, errors=[error], suggestions=suggestions)

    def bounded(self, text: str) -> str:
        """The text itself, if it is no longer than anyone types: 2,000 characters.

        Raises:
            IdentifierRefused: it is longer; nothing is ever read from a part of a text.
        """
        if len(text) > _MAX_TYPED:
            raise self.refusal("too_long", "内容过长", "the text is too long")
        return text


def canonical_only(standard: Standard, parse: Callable[[str], str]) -> Callable[[str], str]:
    """A validator for the wire: accepts only what `parse` returns unchanged.

    People may type `ZL 2017 1 0601862.3`; signed statements hold `2017106018623`, so that equal
    identifiers are equal bytes. It stands in for a pattern, which could not say what is wrong.
    """

    def validate(text: str) -> str:
        try:
            value = parse(text)
        except IdentifierRefused as refused:
            raise _as_pydantic(refused.code, refused.detail) from refused
        if value != text:
            message = f"须写成 {value} / must be written {value}"
            raise _as_pydantic(f"{standard.name}.not_canonical", message)
        return value

    return validate


def _as_pydantic(code: str, message: str) -> PydanticCustomError:
    """Carry the message as a value, never as a template: texts of users may hold braces."""
    return PydanticCustomError(code, "{message}", {"message": message})
