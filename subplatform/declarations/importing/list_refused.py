"""The refusal of a whole list or profile, before any row is read."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError


class ListRefused(DomainError):
    """The file is not a list that can be read; `errors[0].code` is `import.…`."""

    problem = ProblemType.SCHEMA_INVALID

    def __init__(self, code: str, zh: str, en: str) -> None:
        """Refuse with the code `import.<code>` and its message in both languages."""
        message = f"{zh} / {en}"
        super().__init__(detail=message, errors=[FieldError("", f"import.{code}", message)])


class ListTooLarge(DomainError):
    """The file is larger, or unpacks to more, than is read."""

    problem = ProblemType.PAYLOAD_TOO_LARGE

    def __init__(self, zh: str, en: str) -> None:
        """Refuse with the message in both languages."""
        message = f"{zh} / {en}"
        super().__init__(detail=message, errors=[FieldError("", "import.too_large", message)])


class ProfileRefused(DomainError):
    """An import profile is malformed; one member of `errors` for each thing wrong with it."""

    problem = ProblemType.SCHEMA_INVALID

    def __init__(self, errors: list[FieldError]) -> None:
        """Refuse for all of `errors`; the detail lists them with their places."""
        places = "；".join(
            f"{error.pointer}: {error.message}" if error.pointer else error.message
            for error in errors
        )
        super().__init__(
            detail=f"导入配置不可用 / the import profile cannot be used: {places}", errors=errors
        )
