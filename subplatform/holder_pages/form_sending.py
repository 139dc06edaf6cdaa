"""A declaration form as a browser sends it: texts, at most one file, and which button was used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from shared_platform.workspace.forms import KEY_FIELD
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from subplatform.accounts.documents import Handed
from subplatform.holder_pages.form_values import NAMES

ACTS: Final = ("check", "fill", "row", "save", "preview", "submit")
_ACT: Final = "act"
_VERSION: Final = "row_version"
_FILE: Final = "report_file"
_MOST_FIELDS: Final = 600
_LONGEST: Final = 20_000


class FormRefused(DomainError):
    """The form has a field that it never had, or a text of more than 20,000 characters."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class SentForm:
    """What came: fields as typed, the button, the form's key, the version it was made from."""

    values: Mapping[str, Sequence[str]]
    act: str
    key: str
    row_version: int | None
    file: Handed | None


async def read_sent_form(request: Request) -> SentForm:
    """Read the form. The transport has bounded the body already.

    Raises:
        FormRefused: a field that the form does not have.
    """
    async with request.form(max_files=1, max_fields=_MOST_FIELDS) as sent:
        pairs = sent.multi_items()
        file = await _file_in(pairs)
    values: dict[str, list[str]] = {}
    for name, text in pairs:
        if isinstance(text, str):
            _check_field(name, text)
            values.setdefault(name, []).append(text.replace("\r\n", "\n"))
    act = values.pop(_ACT, ["check"])[-1]
    key = values.pop(KEY_FIELD, [""])[-1]
    version = values.pop(_VERSION, [""])[-1]
    row_version = int(version) if version.isdigit() else None
    return SentForm(values, act if act in ACTS else "check", key, row_version, file)


async def _file_in(pairs: Iterable[tuple[str, UploadFile | str]]) -> Handed | None:
    for name, one in pairs:
        if name == _FILE and isinstance(one, UploadFile):
            content = await one.read()
            return Handed(one.filename or "", content) if content else None
    return None


def _check_field(name: str, text: str) -> None:
    """Let no field pass that the form never had.

    Raises:
        FormRefused: there is none of that name, or the text is too long.
    """
    if name not in NAMES | {_ACT, KEY_FIELD, _VERSION} or len(text) > _LONGEST:
        raise FormRefused(f"表单没有此项：{name} / the form has no field {name}")


Sent = Annotated[SentForm, Depends(read_sent_form)]
