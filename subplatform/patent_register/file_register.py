"""Register facts from a CSV file, one row for each patent (columns: docs/patent-register.md).

The file is read whole when it changes on disk. A file with a wrong row is refused whole, with every
wrong row named: half a register would let a pledged patent pass as free.
"""

import asyncio
import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from shared_schema.patent_number import parse_application_number
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.register_facts import RegisterFacts

_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "holders": ("name", "credit_code"),
    "pledges": ("pledgee", "since", "consent"),
    "licences": ("kind", "since", "until"),
    "suspensions": ("cause", "since", "until"),
    "transfers": ("to", "on"),
}
_WORDS: Final = {
    "是": "true",
    "否": "false",
    "有效": "valid",
    "终止": "lapsed",
    "无效": "invalidated",
    "未授权": "pending",
    "届满": "expired",
    "已缴": "paid",
    "应缴": "due",
    "滞纳期": "in_grace",
    "未缴": "unpaid",
    "独占": "exclusive",
    "排他": "sole",
    "普通": "ordinary",
    "权属纠纷": "ownership",
    "财产保全": "preservation",
    "同意": "true",
    "不同意": "false",
}
_MAX_ERRORS: Final = 50


class RegisterFileRefused(DomainError):
    """The register file cannot be used; `errors` name rows and columns."""

    problem = ProblemType.SCHEMA_INVALID


class FileRegister:
    """The register as a CSV file that somebody keeps current."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read_at: tuple[int, int] | None = None
        self._facts: dict[str, RegisterFacts] = {}

    async def facts(self, numbers: Iterable[str]) -> Mapping[str, RegisterFacts]:
        """The rows of those numbers, from the file as it is now.

        Raises:
            RegisterFileRefused: the file is missing or has a wrong row.
        """
        await asyncio.to_thread(self._reread)
        return {number: self._facts[number] for number in numbers if number in self._facts}

    def _reread(self) -> None:
        try:
            found = self._file.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != self._read_at:
                self._facts = read_register(self._file)
                self._read_at = stamp
        except (OSError, UnicodeDecodeError) as error:
            raise RegisterFileRefused(
                detail=f"读不了登记簿文件 {self._file} / the register file cannot be read: {error}"
            ) from error


def read_register(file: Path) -> dict[str, RegisterFacts]:
    """All rows of a register file by application number.

    Raises:
        RegisterFileRefused: a row is wrong, or a patent stands twice.
    """
    facts: dict[str, RegisterFacts] = {}
    errors: list[FieldError] = []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row_number, row in enumerate(csv.DictReader(lines, strict=True), start=2):
            try:
                one = _read_row(row)
            except ValidationError as invalid:
                errors += _errors(row_number, invalid)
                continue
            except DomainError as refused:
                errors += [
                    FieldError(f"第{row_number}行 application_number", error.code, error.message)
                    for error in refused.errors
                ]
                continue
            if one.application_number in facts:
                message = "该专利已在前面出现 / the patent stands twice"
                errors.append(FieldError(f"第{row_number}行", "register.duplicate", message))
            facts[one.application_number] = one
    if errors:
        raise RegisterFileRefused(
            "登记簿文件有误 / the register file is wrong", errors[:_MAX_ERRORS]
        )
    return facts


def _read_row(row: dict[str | Any, str | Any]) -> RegisterFacts:
    members: dict[str, Any] = {}
    for column, cell in row.items():
        if column is None or cell is None:
            members["row"] = "列数与表头不符 / more or fewer cells than the header"
        elif cell.strip():
            members[column.strip()] = _read_cell(column.strip(), cell.strip())
    number = str(members.get("application_number", ""))
    members["application_number"] = parse_application_number(number)
    members.setdefault("holders", ())
    return RegisterFacts.model_validate(members)


def _read_cell(column: str, cell: str) -> object:
    names = _PARTS.get(column)
    if names is None:
        return _WORDS.get(cell, cell)
    items = [item.strip() for item in cell.replace(";", "；").split("；") if item.strip()]
    return tuple(_read_item(names, item) for item in items)


def _read_item(names: tuple[str, ...], item: str) -> dict[str, str]:
    parts = [part.strip() for part in item.replace("｜", "|").split("|")]
    known = {name: _WORDS.get(part, part) for name, part in zip(names, parts, strict=False) if part}
    surplus = parts[len(names) :]
    return known | ({"surplus": "|".join(surplus)} if surplus else {})


def _errors(row_number: int, invalid: ValidationError) -> list[FieldError]:
    return [
        FieldError(
            f"第{row_number}行 {'.'.join(map(str, error['loc']))}", error["type"], error["msg"]
        )
        for error in invalid.errors(include_input=False, include_url=False)
    ]
