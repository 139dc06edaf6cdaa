"""What a page shows of a listing: sentences and links, made from the public JSON; no decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared_schema.bilingual import Language, Words
from shared_schema.fee_text import describe_fee
from shared_schema.instants import SHANGHAI, parse_instant
from shared_schema.patent_number import kind_of, print_patent_number
from shared_schema.public_listing import NineItems
from shared_schema.territory import describe

STATE_WORDS: Final = {
    "published": Words("开放许可中", "open"),
    "suspended": Words("已中止", "suspended"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "expired": Words("已届满", "expired"),
}
KIND_WORDS: Final = {
    "invention": Words("发明", "invention"),
    "utility_model": Words("实用新型", "utility model"),
    "design": Words("外观设计", "design"),
}
_UNNAMED: Final = Words("（名称未提供）", "(no title given)")
_NONE: Final = Words("未提供", "not given")
_REPORTS: Final = {
    "evaluation": Words("专利权评价报告", "evaluation report"),
    "search": Words("检索报告", "search report"),
    "consulting": Words("咨询报告", "consulting report"),
}


@dataclass(frozen=True, slots=True)
class ListingView:
    """One listing as a page prints it."""

    listing: str
    number: str
    kind: str
    heading: str
    title: str
    holders: str
    fee: str
    period: str
    territory: str
    technical_field: str
    contact: str
    report: str
    state: str
    state_word: str
    also_offered: bool
    needs_newer_reader: bool
    primary: str | None
    approved_at: str
    facts: Mapping[str, Any]


def listing_view(shown: Mapping[str, Any], language: Language) -> ListingView:
    """The view of one public listing; a tombstone without items shows what is left of it."""
    nine = NineItems.model_validate(shown["items"]) if shown["items"] else None
    number = str(shown["number"] or "")
    printed = print_patent_number(number) if number else "—"
    title = nine.title if nine else None
    primary = shown["primary"]
    return ListingView(
        listing=str(shown["listing"]),
        number=printed,
        kind=KIND_WORDS[kind_of(number)].spoken(language) if number else "",
        heading=title or printed,
        title=title or _UNNAMED.spoken(language),
        holders="；".join(nine.holders) if nine else _NONE.spoken(language),
        fee=describe_fee(nine.fee, language) if nine else "—",
        period=_period(nine, language),
        territory=describe(nine.territory, language) if nine else "—",
        technical_field=_technical_field(nine, language),
        contact=_contact(nine, language),
        report=_report(nine, language),
        state=str(shown["state"]),
        state_word=STATE_WORDS[shown["state"]].spoken(language),
        also_offered=shown["standing"] == "also_offered",
        needs_newer_reader=bool(shown["needs_newer_reader"]),
        primary=str(primary) if primary else None,
        approved_at=_local_time(str(shown["approved_at"])),
        facts=shown,
    )


def _local_time(instant: str) -> str:
    local = parse_instant(instant).astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d %H:%M}（Asia/Shanghai）"


def _period(nine: NineItems | None, language: Language) -> str:
    if nine is None:
        return "—"
    until = Words(f"至 {nine.period.end}", f"until {nine.period.end}").spoken(language)
    return f"{nine.period.start} {until}" if nine.period.start else until


def _technical_field(nine: NineItems | None, language: Language) -> str:
    if nine is None:
        return "—"
    field = nine.technical_field
    parts = [*field.ipc, *field.industries, *([field.text] if field.text else [])]
    return "；".join(parts) or _NONE.spoken(language)


def _contact(nine: NineItems | None, language: Language) -> str:
    if nine is None or nine.contact is None:
        return _NONE.spoken(language)
    parts = (nine.contact.name, nine.contact.phone, nine.contact.email)
    return " ".join(part for part in parts if part)


def _report(nine: NineItems | None, language: Language) -> str:
    if nine is None or nine.evaluation_report is None:
        return _NONE.spoken(language)
    report = nine.evaluation_report
    parts = [_REPORTS[report.kind].spoken(language), report.number, report.issued_on]
    return " ".join(str(part) for part in parts if part)
