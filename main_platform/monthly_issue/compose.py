"""The contents of an issue, as its JSON file holds them: pure, so that the same log gives the same.

Entries are grouped by the first industry a holder names (GB/T 4754-2017, division or section), then
by IPC. Those that name none come last, as unclassified; nothing is left out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from main_platform.monthly_issue.catalogue_then import Standing
from main_platform.monthly_issue.numbering import shown_number
from main_platform.monthly_issue.tables import IssueRow
from shared_schema.industry import EDITION, industries
from shared_schema.instants import format_instant
from shared_schema.ipc import subclass_of
from shared_schema.patent_number import kind_of

ISSUE_SCHEMA: Final = "monthly-issue/1"
UNCLASSIFIED: Final = ""
_DIVISION: Final = 3  # letters of a division's code, as in C39
_LAST: Final = "~"  # sorts behind every code


@dataclass(frozen=True, slots=True)
class Numbered:
    """One listing under its number in the issue."""

    no: int
    standing: Standing

    @property
    def group(self) -> str:
        """The division or section it is printed under."""
        return group_of(self.standing)


def number_entries(issue: IssueRow, published: Iterable[Standing]) -> list[Numbered]:
    """The listings open on the issue's day in its order, numbered from 1."""
    is_open = [one for one in published if one.is_open(issue.as_of)]
    ordered = sorted(is_open, key=_place)
    return [Numbered(no, one) for no, one in enumerate(ordered, start=1)]


def number_as_before(numbers: Mapping[UUID, int], published: Iterable[Standing]) -> list[Numbered]:
    """The listings that an earlier edition numbered, under the same numbers."""
    kept = [Numbered(numbers[one.listing], one) for one in published if one.listing in numbers]
    return sorted(kept, key=lambda entry: entry.no)


def compose(issue: IssueRow, entries: Sequence[Numbered]) -> dict[str, Any]:
    """The JSON document; its members are described by `IssueDocument`."""
    name = shown_number(issue.number)
    return {
        "schema": ISSUE_SCHEMA,
        "number": issue.number,
        "month": issue.month,
        "title": {
            "zh": f"专利开放许可供给目录（{name.zh}）",
            "en": f"Supply catalogue of patents under open licence, {name.en}",
        },
        "publisher": issue.publisher,
        "as_of": issue.as_of.isoformat(),
        "frozen_at": format_instant(issue.frozen_at),
        "early": issue.is_early,
        "log": {
            "origin": issue.log_origin,
            "size": issue.log_size,
            "root": issue.log_root.hex(),
            "checkpoint": issue.checkpoint.decode(),
        },
        "classification": f"GB/T 4754-{EDITION}; IPC",
        "counts": counts_of(entries),
        "groups": _groups(entries),
        "ipc": _by_ipc(entries),
        "entries": [_entry(one) for one in entries],
    }


def canonical(document: Mapping[str, Any]) -> bytes:
    """The document's one form: UTF-8, sorted members, no spaces, a line feed at the end."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=options)


def counts_of(entries: Sequence[Numbered]) -> dict[str, Any]:
    """How many of what: patents' kinds, payment modes, industries; each in a stable order."""
    items = [one.standing.shown["items"] for one in entries]
    modes = Counter(one["fee"]["payment"]["mode"] for one in items if one)
    kinds = Counter(kind_of(one.standing.number) for one in entries)
    sections = Counter(one.group[:1] for one in entries if not one.standing.is_erased)
    standings = Counter(one.standing.shown["standing"] for one in entries)
    return {
        "entries": len(entries),
        "also_offered": standings["also_offered"],
        "unclassified": sections.pop(UNCLASSIFIED, 0),
        "erased": sum(one.standing.is_erased for one in entries),
        "by_kind": dict(sorted(kinds.items())),
        "by_fee_mode": dict(sorted(modes.items())),
        "by_section": dict(sorted(sections.items())),
    }


def group_of(one: Standing) -> str:
    """The code of the first industry named, down to its division; empty where none is named."""
    items = one.shown["items"]
    named = items["technical_field"]["industries"] if items else ()
    return str(named[0])[:_DIVISION] if named else UNCLASSIFIED


def _place(one: Standing) -> tuple[str, ...]:
    items = one.shown["items"]
    symbols = items["technical_field"]["ipc"] if items else ()
    ipc = str(symbols[0]) if symbols else _LAST
    return (group_of(one) or _LAST, ipc, one.number, str(one.listing))


def _groups(entries: Sequence[Numbered]) -> list[dict[str, Any]]:
    found: dict[str, list[int]] = defaultdict(list)
    for one in entries:
        if not one.standing.is_erased:
            found[one.group].append(one.no)
    return [
        {
            "code": code or None,
            "section": code[:1] or None,
            "title": industries()[code].title_zh if code else "未分类",
            "entries": found[code],
        }
        for code in sorted(found, key=lambda code: code or _LAST)
    ]


def _by_ipc(entries: Sequence[Numbered]) -> list[dict[str, Any]]:
    found: dict[str, list[int]] = defaultdict(list)
    for one in entries:
        items = one.standing.shown["items"]
        for symbol in sorted({subclass_of(each) for each in _symbols(items)}):
            found[symbol].append(one.no)
    return [{"subclass": symbol, "entries": found[symbol]} for symbol in sorted(found)]


def _symbols(items: Mapping[str, Any] | None) -> Sequence[str]:
    return items["technical_field"]["ipc"] if items else ()


def _entry(one: Numbered) -> dict[str, Any]:
    group = None if one.standing.is_erased else one.group or None
    facts = {"no": one.no, "group": group, "erased": one.standing.is_erased}
    return facts | dict(one.standing.shown)
