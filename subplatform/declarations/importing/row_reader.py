"""One row of a published list into one declaration, as the list's profile says.

Every problem of the row is collected. What the row says is never improved: a number without its
check digit, a fee without its unit or a mere application is refused, with the value to check.
"""

from datetime import UTC, date, datetime, time
from functools import partial
from typing import Final, Literal

from shared_schema.credit_code import parse_credit_code
from shared_schema.declaration import (
    Commitment,
    Contact,
    Declaration,
    EvaluationReport,
    Holder,
    HolderKind,
    Patent,
    Period,
    TechnicalField,
)
from shared_schema.industry import parse_industry_code
from shared_schema.instants import SHANGHAI
from shared_schema.ipc import parse_ipc
from shared_schema.patent_number import PatentKind, kind_of, parse_application_number
from shared_schema.publication_number import parse_publication_number
from shared_schema.published_date import parse_date, years_after
from shared_schema.territory import Territory, parse_territory
from shared_schema.text import shown
from subplatform.declarations.importing.cells import Cells, split_names
from subplatform.declarations.importing.fee_columns import fee_column, read_fee
from subplatform.declarations.importing.profile import ImportProfile
from subplatform.declarations.importing.reading import Row
from subplatform.declarations.importing.row_problem import DraftRow, RowRefusal
from subplatform.declarations.importing.supplied import Supplied, all_commitments

_KIND_TITLES: Final[dict[PatentKind, str]] = {
    "invention": "发明",
    "utility_model": "实用新型",
    "design": "外观设计",
}
_REPORTS: Final[dict[str, Literal["evaluation", "search", "consulting"]]] = {
    "评价报告": "evaluation",
    "检索报告": "search",
    "咨询报告": "consulting",
}


def read_row(row: Row, profile: ImportProfile, supplied: Supplied) -> DraftRow | RowRefusal:
    """The draft that the row makes, or why it makes none.

    The draft may still break rules (`check_declaration`); a refusal is for what a declaration
    cannot say at all.
    """
    cells = Cells(row.cells)
    printed = shown(cells.text(profile.number.column))
    patent = _patent(cells, profile)
    holders = _holders(cells, profile, supplied)
    fee = cells.read_text(
        fee_column(profile.fee),
        cells.text(fee_column(profile.fee)),
        lambda _: read_fee(row.cells, profile.fee),
    )
    period = _period(cells, profile)
    territory = _territory(cells, profile)
    field = _technical_field(cells, profile)
    contact = _contact(cells, profile) or supplied.contact
    report = _report(cells, profile)
    commitments = _commitments(cells, profile) or supplied.commitments
    if cells.problems or patent is None or fee is None or period is None or territory is None:
        return RowRefusal(row.number, tuple(cells.problems), printed)
    declaration = cells.build(
        {"fee_reason": profile.texts.fee_reason or "", "abstract": profile.texts.abstract or ""},
        lambda: Declaration(
            profile=profile.rule_profile,
            patent=patent,
            holders=holders,
            fee=fee,
            fee_reason=cells.text(profile.texts.fee_reason) or None,
            period=period,
            territory=territory,
            technical_field=field or TechnicalField(),
            contact=contact,
            evaluation_report=report,
            abstract=cells.text(profile.texts.abstract) or None,
            commitments=commitments,
        ),
    )
    if declaration is None:
        return RowRefusal(row.number, tuple(cells.problems), printed)
    return DraftRow(row.number, declaration)


def _patent(cells: Cells, profile: ImportProfile) -> Patent | None:
    texts = profile.texts
    number = cells.read(profile.number.column, parse_application_number, rule="DEC-01")
    kind = _kind(cells, profile, number)
    publication = None
    if texts.publication_number and cells.text(texts.publication_number):
        publication = cells.read(texts.publication_number, parse_publication_number)
    granted = None
    if texts.grant_date and cells.text(texts.grant_date):
        granted = cells.read(texts.grant_date, parse_date)
    if number is None or kind is None:
        return None
    return cells.build(
        {"title": texts.title or "", "publication_number": texts.publication_number or ""},
        lambda: Patent(
            application_number=number,
            kind=kind,
            title=cells.text(texts.title) or None,
            publication_number=publication,
            grant_date=granted,
        ),
    )


def _kind(cells: Cells, profile: ImportProfile, number: str | None) -> PatentKind | None:
    section = profile.kind
    label = cells.folded(section.column)
    if label in section.not_granted:
        cells.add(
            section.column,
            "import.not_granted",
            f"“{label}”尚未授权公告，不能声明开放许可 / “{label}” is an application, not granted",
            hint="授权公告后再声明 / declare it after the grant is announced",
            rule="DEC-03",
        )
        return None
    if label in section.labels:
        return section.labels[label]
    known = "、".join(section.labels)
    by_number = f"；专利号的种类为{_KIND_TITLES[kind_of(number)]}" if number else ""
    missing = "没有填写专利类型 / the kind of patent is missing"
    unknown = f"不认识的专利类型“{label}” / unknown kind of patent “{label}”"
    cells.add(
        section.column,
        "import.unknown_kind" if label else "import.missing_value",
        unknown if label else missing,
        hint=f"填写：{known}{by_number} / write one of: {known}",
    )
    return None


def _holders(cells: Cells, profile: ImportProfile, supplied: Supplied) -> tuple[Holder, ...]:
    """The holders in the order of the cell; none is DEC-04's finding, not a refusal."""
    section = profile.holders
    names = split_names(cells.text(section.column), section.separators)
    kinds = _each(cells, section.kind_column, len(names))
    codes = _each(cells, section.credit_code_column, len(names))
    consents = _each(cells, section.consent_column, len(names))
    holders = []
    for name, kind, code, consent in zip(names, kinds, codes, consents, strict=True):
        holder = cells.build(
            {"name": section.column},
            partial(
                Holder,
                name=name,
                kind=_holder_kind(cells, profile, kind),
                credit_code=_credit_code(cells, section.credit_code_column, code),
                consents=consent in section.consent_labels if consent else supplied.holders_consent,
            ),
        )
        if holder is not None:
            holders.append(holder)
    return tuple(holders)


def _each(cells: Cells, column: str | None, count: int) -> tuple[str, ...]:
    """One value for each holder: as many as holders, or one for all, or none."""
    values = cells.parts(column)
    if len(values) == count:
        return values
    if len(values) <= 1:
        return (values[0] if values else "",) * count
    cells.add(
        column or "",
        "import.count_differs",
        f"有 {len(values)} 个值，而专利权人有 {count} 个"
        f" / {len(values)} values for {count} holders",
        hint="每个专利权人一个值，用“；”分隔 / one value for each holder, separated by ；",
    )
    return ("",) * count


def _holder_kind(cells: Cells, profile: ImportProfile, label: str) -> HolderKind:
    section = profile.holders
    if not label or section.kind_column is None:
        return "other"
    if label not in section.kinds:
        known = "、".join(section.kinds)
        cells.add(
            section.kind_column,
            "import.unknown_holder_kind",
            f"不认识的专利权人类型“{label}” / unknown kind of holder “{label}”",
            hint=f"填写：{known} / write one of: {known}",
        )
    return section.kinds.get(label, "other")


def _credit_code(cells: Cells, column: str | None, code: str) -> str | None:
    if not code or column is None:
        return None
    return cells.read_text(column, code, parse_credit_code)


def _period(cells: Cells, profile: ImportProfile) -> Period | None:
    section = profile.period
    problems_before = len(cells.problems)
    start = None
    if section.start_column and (cells.text(section.start_column) or not section.end_column):
        start = cells.read(section.start_column, parse_date, rule="DEC-08")
    end = None
    if section.end_column:
        end = cells.read(section.end_column, parse_date, rule="DEC-08")
        _refuse_zero_years(cells, section.years_column)
    elif section.years_column and start is not None:
        end = cells.read(section.years_column, partial(years_after, start), rule="DEC-08")
    if end is None or len(cells.problems) > problems_before:
        return None
    return Period(start=start, end=end)


def _refuse_zero_years(cells: Cells, column: str | None) -> None:
    years = cells.folded(column).removesuffix("年")
    if column and years.isdecimal() and int(years) == 0:
        cells.add(
            column,
            "import.zero_years",
            "许可期限为 0 年 / the licence period is 0 years",
            hint="写明起始日，或更正年数 / state the first day, or correct the years",
            rule="DEC-08",
        )


def _territory(cells: Cells, profile: ImportProfile) -> Territory | None:
    section = profile.territory
    text = section.constant or cells.text(section.column)
    return cells.read_text(
        section.column or "", text, partial(parse_territory, home=section.home), rule="DEC-17"
    )


def _technical_field(cells: Cells, profile: ImportProfile) -> TechnicalField | None:
    texts = profile.texts
    ipc = [cells.read_text(texts.ipc or "", part, parse_ipc) for part in cells.parts(texts.ipc)]
    industries = [
        cells.read_text(texts.industries or "", part, parse_industry_code)
        for part in cells.parts(texts.industries)
    ]
    return cells.build(
        {
            "ipc": texts.ipc or "",
            "industries": texts.industries or "",
            "text": texts.field_text or "",
        },
        lambda: TechnicalField(
            ipc=tuple(symbol for symbol in ipc if symbol),
            industries=tuple(code for code in industries if code),
            text=cells.text(texts.field_text) or None,
        ),
    )


def _contact(cells: Cells, profile: ImportProfile) -> Contact | None:
    texts = profile.texts
    name = cells.text(texts.contact_name)
    phone, email = cells.folded(texts.contact_phone), cells.folded(texts.contact_email)
    if not name and not phone and not email:
        return None
    columns = {
        "name": texts.contact_name,
        "phone": texts.contact_phone,
        "email": texts.contact_email,
    }
    return cells.build(
        {member: column or "" for member, column in columns.items()},
        lambda: Contact(name=name, phone=phone or None, email=email or None),
    )


def _report(cells: Cells, profile: ImportProfile) -> EvaluationReport | None:
    texts = profile.texts
    label = cells.folded(texts.report_kind)
    if not label or texts.report_kind is None:
        return None
    kind = _REPORTS.get(label)
    if kind is None:
        known = "、".join(_REPORTS)
        cells.add(
            texts.report_kind,
            "import.unknown_report",
            f"不认识的报告类型“{label}” / unknown kind of report “{label}”",
            hint=f"填写：{known} / write one of: {known}",
        )
        return None
    issued = None
    if texts.report_date and cells.text(texts.report_date):
        issued = cells.read(texts.report_date, parse_date)
    return cells.build(
        {"number": texts.report_number or ""},
        lambda: EvaluationReport(
            kind=kind, number=cells.text(texts.report_number) or None, issued_on=issued
        ),
    )


def _commitments(cells: Cells, profile: ImportProfile) -> tuple[Commitment, ...] | None:
    texts = profile.texts
    columns = (texts.commitments_signer, texts.commitments_date, texts.commitments_version)
    signer, day, version = (cells.text(column) for column in columns)
    if not (signer or day or version):
        return None
    for column, text in zip(columns, (signer, day, version), strict=True):
        if not text:
            cells.add(
                column or "",
                "import.missing_value",
                "承诺须写明签署人、签署日期和承诺书版本"
                " / commitments need a signer, a day and the text's version",
            )
    signed = (
        cells.read(texts.commitments_date, parse_date) if texts.commitments_date and day else None
    )
    if signed is None or not signer or not version:
        return None
    return cells.build(
        {"signer": texts.commitments_signer or "", "text_version": texts.commitments_version or ""},
        lambda: all_commitments(signer=signer, signed_at=_start_of(signed), text_version=version),
    )


def _start_of(day: date) -> datetime:
    """The first instant of a legal day."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
