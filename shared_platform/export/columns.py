"""The columns of exported tables, by profile, as people read them; nothing that is not public."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from shared_platform.catalogue.state_words import STATE_WORDS
from shared_schema.bilingual import Language, Words
from shared_schema.fee_text import describe_fee
from shared_schema.instants import SHANGHAI, parse_instant
from shared_schema.patent_number import kind_of, print_patent_number
from shared_schema.public_listing import NineItems
from shared_schema.territory import describe

Profile = Literal["nine", "cnipa-min"]
_KINDS: Final = {
    "invention": Words("发明", "invention"),
    "utility_model": Words("实用新型", "utility model"),
    "design": Words("外观设计", "design"),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """One listing's public JSON, with its items read."""

    shown: Mapping[str, Any]
    nine: NineItems | None
    language: Language


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name for programs, its heading for people, and its text."""

    name: str
    heading: Words
    text: Callable[[Exported], str]


def _of_items(text: Callable[[NineItems, Language], str]) -> Callable[[Exported], str]:
    return lambda row: "" if row.nine is None else text(row.nine, row.language)


def _field(nine: NineItems, _: Language) -> str:
    field = nine.technical_field
    return "；".join([*field.ipc, *field.industries, *([field.text] if field.text else [])])


def _contact(nine: NineItems, _: Language) -> str:
    if nine.contact is None:
        return ""
    return " ".join(filter(None, (nine.contact.name, nine.contact.phone, nine.contact.email)))


def _report(nine: NineItems, _: Language) -> str:
    report = nine.evaluation_report
    if report is None:
        return ""
    return " ".join(str(part) for part in (report.kind, report.number, report.issued_on) if part)


def _approved_at(row: Exported) -> str:
    at = parse_instant(str(row.shown["approved_at"])).astimezone(SHANGHAI)
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _number(row: Exported) -> str:
    return print_patent_number(str(row.shown["number"]))


_NUMBER: Final = Column("number", Words("专利号", "Patent number"), _number)
_HOLDERS: Final = Column(
    "holders", Words("专利权人", "Holders"), _of_items(lambda nine, _: "；".join(nine.holders))
)
_TITLE: Final = Column(
    "title", Words("发明名称", "Title"), _of_items(lambda nine, _: nine.title or "")
)
_FEE: Final = Column(
    "fee",
    Words("许可使用费支付方式和标准", "Fee and payment"),
    _of_items(lambda nine, language: describe_fee(nine.fee, language)),
)
_PERIOD: Final = Column(
    "period_end",
    Words("许可期限届满日", "Offer ends"),
    _of_items(lambda nine, _: str(nine.period.end)),
)
_CONTACT: Final = Column("contact", Words("联系方式", "Contact"), _of_items(_contact))
_NINE: Final = (
    _NUMBER,
    _HOLDERS,
    _TITLE,
    _FEE,
    _PERIOD,
    Column("technical_field", Words("技术领域", "Technical field"), _of_items(_field)),
    Column(
        "territory",
        Words("许可地域", "Territory"),
        _of_items(lambda nine, language: describe(nine.territory, language)),
    ),
    _CONTACT,
    Column("report", Words("评价或咨询报告", "Report"), _of_items(_report)),
)
_PUBLICATION: Final = (
    Column(
        "kind",
        Words("专利类型", "Kind"),
        lambda row: _KINDS[kind_of(str(row.shown["number"]))].spoken(row.language),
    ),
    Column(
        "state",
        Words("状态", "State"),
        lambda row: STATE_WORDS[str(row.shown["state"])].spoken(row.language),
    ),
    Column("origin", Words("报送节点", "Recommended by"), lambda row: str(row.shown["origin"])),
    Column("approved_at", Words("公示时间（北京时间）", "Approved at (UTC+8)"), _approved_at),
    Column("listing", Words("声明编号", "Listing"), lambda row: str(row.shown["listing"])),
    Column(
        "statement_hash",
        Words("声明摘要", "Statement hash"),
        lambda row: str(row.shown["provenance"]["statement_hash"]),
    ),
)
COLUMNS: Final[Mapping[Profile, Sequence[Column]]] = {
    "nine": (*_NINE, *_PUBLICATION),
    "cnipa-min": (_NUMBER, _HOLDERS, _TITLE, _FEE, _PERIOD, _CONTACT),
}
"""`cnipa-min` is our reading of the pilot plan's minimum, part III(1)3: docs/decisions says why."""


def row_of(shown: Mapping[str, Any], profile: Profile, language: Language) -> list[str]:
    """The cells of one listing."""
    nine = NineItems.model_validate(shown["items"]) if shown["items"] else None
    exported = Exported(shown, nine, language)
    return [column.text(exported) for column in COLUMNS[profile]]


def headings(profile: Profile, language: Language) -> list[str]:
    """The first row."""
    return [column.heading.spoken(language) for column in COLUMNS[profile]]
