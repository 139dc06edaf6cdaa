"""Forms of browsers: one Pydantic model says what is right, and nothing typed is lost if it is not.

A page that shows a form gives its template a `FormView`; the macros of `forms.html` draw fields,
the error at each, and the summary above. The page that takes it names the model in its signature::

    Sent = Annotated[Filled[Changes], Depends(form_of(Changes))]

A model says `extra="forbid"`: a field that the form does not have is refused, never taken.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar, get_args, get_origin

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.form_words import said_of
from shared_schema.bilingual import Words, halves
from shared_schema.refusal import DomainError

KEY_FIELD: Final = "once"
_MOST_FIELDS: Final = 1_000
_SEVERAL: Final = (list, tuple, set, frozenset)
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class FormError:
    """What is wrong with one field; an empty name: with the form as a whole."""

    field: str
    message: Words


@dataclass(frozen=True, slots=True)
class Filled(Generic[Model]):
    """A form as it was sent: `model` is None where `errors` say why."""

    values: Mapping[str, Sequence[str]]
    errors: tuple[FormError, ...] = ()
    model: Model | None = None
    key: str = ""

    def with_error(self, name: str, message: Words) -> "Filled[Model]":
        """The same form with one more thing wrong."""
        return replace(self, errors=(*self.errors, FormError(name, message)))

    def refused(self, refusal: DomainError) -> "Filled[Model]":
        """The same form with what a use case refused, at the fields that it names."""
        found = [
            FormError(_field_of(error.pointer, self.values), halves(error.message))
            for error in refusal.errors
        ]
        row = refusal.problem.value
        whole = halves(refusal.detail) if refusal.detail else Words(row.title_zh, row.title_en)
        return replace(self, errors=(*self.errors, *(found or [FormError("", whole)])))

    def view(self, reader: Reader) -> "FormView":
        """What the template shows."""
        return FormView(self.values, self.errors, self.key, reader)


@dataclass(frozen=True, slots=True)
class FormView:
    """A form for a template, in one language. Passwords are never shown again."""

    values: Mapping[str, Sequence[str]]
    errors: tuple[FormError, ...]
    key: str
    reader: Reader

    def value(self, name: str) -> str:
        """What was typed; the last, where a field was sent more than once."""
        given = self.values.get(name, ())
        return given[-1] if given else ""

    def has(self, name: str, value: str) -> bool:
        """Whether this of several values was chosen."""
        return value in self.values.get(name, ())

    def error(self, name: str) -> str:
        """What is wrong with the field; empty when nothing is."""
        return " ".join(self.reader.says(one.message) for one in self.errors if one.field == name)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """All that is wrong: field and message."""
        return [(one.field, self.reader.says(one.message)) for one in self.errors]


def fresh(reader: Reader, *, key: str = "", values: Mapping[str, object] | None = None) -> FormView:
    """A form that nobody filled in yet, with what is known already."""
    shown = {name: _texts(value) for name, value in (values or {}).items()}
    return FormView(shown, (), key, reader)


def form_of(model: type[Model]) -> Callable[[Request], Awaitable[Filled[Model]]]:
    """A dependency that reads the request's form by the model; wrong input is no refusal."""
    several = {name for name, one in model.model_fields.items() if _takes_several(one.annotation)}

    async def read_form(request: Request) -> Filled[Model]:
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as sent:
            pairs = [(name, text) for name, text in sent.multi_items() if _is_text(text)]
        values: dict[str, list[str]] = {}
        for name, text in pairs:
            values.setdefault(name, []).append(str(text).replace("\r\n", "\n"))
        key = values.pop(KEY_FIELD, [""])[-1]
        return _validated(model, values, several=several, key=key)

    return read_form


@dataclass(frozen=True, slots=True)
class FilledWithFile(Generic[Model]):
    """A form and the file that came with it; None where none was chosen.

    The file lasts as long as the request, on disk where it is large.
    """

    filled: Filled[Model]
    file: UploadFile | None


def form_with_file(
    model: type[Model], field: str
) -> Callable[[Request], AsyncIterator[FilledWithFile[Model]]]:
    """Like `form_of`, with one file in `field`; how large it may be is for the request's guard."""
    several = {name for name, one in model.model_fields.items() if _takes_several(one.annotation)}

    async def read_form(request: Request) -> AsyncIterator[FilledWithFile[Model]]:
        async with request.form(max_files=1, max_fields=_MOST_FIELDS) as sent:
            values: dict[str, list[str]] = {}
            for name, text in sent.multi_items():
                if isinstance(text, str):
                    values.setdefault(name, []).append(text.replace("\r\n", "\n"))
            key = values.pop(KEY_FIELD, [""])[-1]
            given = sent.get(field)
            file = given if isinstance(given, UploadFile) and given.filename else None
            yield FilledWithFile(_validated(model, values, several=several, key=key), file)

    return read_form


def _validated(
    model: type[Model], values: Mapping[str, Sequence[str]], *, several: set[str], key: str
) -> Filled[Model]:
    given: dict[str, Any] = {}
    for name, texts in values.items():
        filled = [text for text in texts if text.strip()]
        if filled:
            given[name] = filled if name in several else filled[-1]
    try:
        return Filled(values, (), model.model_validate(given), key)
    except ValidationError as invalid:
        return Filled(values, tuple(_errors(invalid.errors(include_url=False))), None, key)


def _errors(found: Iterable[Mapping[str, Any]]) -> Iterable[FormError]:
    for one in found:
        place = [str(step) for step in one["loc"]]
        yield FormError(place[0] if place else "", said_of(one))


def _field_of(pointer: str, values: Mapping[str, object]) -> str:
    """The form's field that an RFC 6901 pointer names; empty where the form has none such."""
    name = pointer.lstrip("/").split("/")[0]
    return name if name in values else ""


def _takes_several(annotation: Any) -> bool:  # noqa: ANN401 - an annotation can be anything
    kinds = (annotation, *get_args(annotation))
    return any((get_origin(kind) or kind) in _SEVERAL for kind in kinds)


def _is_text(value: str | UploadFile) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> list[str]:
    if isinstance(value, _SEVERAL):
        return [str(one) for one in value]
    return [] if value is None else [str(value)]
