"""What a page shows of a listing: sentences and links, made from the public JSON; no decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from shared_platform.catalogue.state_words import STATE_WORDS
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.reason_words import reason_words
from shared_platform.search.bands import START_WORDS, starts
from shared_platform.search.facet_words import facet_words
from shared_schema.bilingual import Words
from shared_schema.fee_text import describe_fee
from shared_schema.instants import SHANGHAI, Instant, parse_instant
from shared_schema.patent_number import kind_of, print_patent_number
from shared_schema.public_listing import NineItems
from shared_schema.territory import describe

KIND_WORDS: Final = {
    "invention": Words("发明", "invention"),
    "utility_model": Words("实用新型", "utility model"),
    "design": Words("外观设计", "design"),
}
_UNNAMED: Final = Words("（名称未提供）", "(no title given)")
NOT_GIVEN: Final = Words("未提供", "not given")
_REPORTS: Final = {
    "evaluation": Words("专利权评价报告", "evaluation report"),
    "search": Words("检索报告", "search report"),
    "consulting": Words("咨询报告", "consulting report"),
}
_SEPARATOR: Final = Words("；", "; ")


@dataclass(frozen=True, slots=True)
class ListingView:
    """One listing as a page prints it. `facts` are the facts of publication as in the API."""

    listing: str
    number: str
    kind: str
    heading: str
    title: str
    holders: tuple[str, ...]
    fee: str
    fee_note: str
    starts: tuple[str, ...]
    period: str
    days_left: int | None
    territory: str
    technical_field: tuple[str, ...]
    contact: str
    report: str
    state: str
    state_word: str
    reason: str
    also_offered: bool
    needs_newer_reader: bool
    primary: str | None
    approved_at: str
    facts: Mapping[str, Any]


def listing_view(shown: Mapping[str, Any], reader: Reader, *, today: date) -> ListingView:
    """The view of one public listing; a tombstone without items shows what is left of it."""
    nine = NineItems.model_validate(shown["items"]) if shown["items"] else None
    number = str(shown["number"] or "")
    printed = print_patent_number(number) if number else "—"
    title = nine.title if nine else None
    primary = shown["primary"]
    return ListingView(
        listing=str(shown["listing"]),
        number=printed,
        kind=reader.says(KIND_WORDS[kind_of(number)]) if number else "",
        heading=title or printed,
        title=title or reader.says(_UNNAMED),
        holders=nine.holders if nine else (),
        fee=describe_fee(nine.fee.model_copy(update={"note": None}), reader.lang) if nine else "—",
        fee_note=(nine.fee.note or "") if nine else "",
        starts=tuple(reader.says(START_WORDS[name]) for name in starts(nine.fee)) if nine else (),
        period=_period(nine, reader),
        days_left=_days_left(nine, str(shown["state"]), today),
        territory=describe(nine.territory, reader.lang) if nine else "—",
        technical_field=_technical_field(nine, reader),
        contact=_contact(nine, reader),
        report=_report(nine, reader),
        state=str(shown["state"]),
        state_word=reader.says(STATE_WORDS[shown["state"]]),
        reason=reader.says(reason_words(shown["reason"])) if shown["reason"] else "",
        also_offered=shown["standing"] == "also_offered",
        needs_newer_reader=bool(shown["needs_newer_reader"]),
        primary=str(primary) if primary else None,
        approved_at=local_time(parse_instant(str(shown["approved_at"]))),
        facts=shown,
    )


def local_time(instant: Instant) -> str:
    """The instant on a clock in Shanghai."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M} (UTC+8)"


def local_day(instant: Instant) -> str:
    """The day in Shanghai."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d}"


def _days_left(nine: NineItems | None, state: str, today: date) -> int | None:
    """Days on which the offer can still be accepted, today included; None where it cannot."""
    if nine is None or state != "published":
        return None
    return (nine.period.end - today).days + 1


def _period(nine: NineItems | None, reader: Reader) -> str:
    if nine is None:
        return "—"
    until = reader.says(Words(f"至 {nine.period.end}", f"until {nine.period.end}"))
    return f"{nine.period.start} {until}" if nine.period.start else until


def _technical_field(nine: NineItems | None, reader: Reader) -> tuple[str, ...]:
    if nine is None:
        return ()
    field = nine.technical_field
    industries = (reader.says(facet_words("industry", code)) for code in field.industries)
    return (*([field.text] if field.text else []), *industries, *field.ipc)


def _contact(nine: NineItems | None, reader: Reader) -> str:
    if nine is None or nine.contact is None:
        return reader.says(NOT_GIVEN)
    parts = (nine.contact.name, nine.contact.phone, nine.contact.email)
    return reader.says(_SEPARATOR).join(part for part in parts if part)


def _report(nine: NineItems | None, reader: Reader) -> str:
    if nine is None or nine.evaluation_report is None:
        return reader.says(NOT_GIVEN)
    report = nine.evaluation_report
    parts = [reader.says(_REPORTS[report.kind]), report.number, report.issued_on]
    return " ".join(str(part) for part in parts if part)
