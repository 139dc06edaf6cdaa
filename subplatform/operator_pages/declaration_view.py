"""A declaration beside what was found of it, in one language, ready for the template."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from shared_platform.public_pages.listing_view import KIND_WORDS
from shared_platform.public_pages.reader import Reader
from shared_platform.search.facet_words import facet_words
from shared_schema.bilingual import Words, halves
from shared_schema.declaration import Declaration
from shared_schema.fee_text import describe_fee
from shared_schema.instants import SHANGHAI
from shared_schema.patent_number import print_patent_number
from shared_schema.register_facts import RegisterFacts
from shared_schema.rules import PROFILES
from shared_schema.territory import describe
from subplatform.operator_pages.desk_words import SEVERITY_WORDS
from subplatform.operator_pages.verification_words import (
    COMMITMENT_WORDS,
    FEE_WORDS,
    LICENCE_WORDS,
    STATUS_WORDS,
    SUSPENSION_WORDS,
    VERIFICATION_WORDS,
)

STALE_DAYS: Final = 30
_COLON: Final = Words("：", ": ")
_REPORTS: Final = {
    "evaluation": Words("专利权评价报告", "evaluation report"),
    "search": Words("检索报告", "search report"),
    "consulting": Words("咨询报告", "consulting report"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a declaration; `marks` are the codes of what was found at it."""

    pointer: str
    label: str
    lines: tuple[str, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding: `anchor` is the item that it is about; empty where it is about none."""

    code: str
    severity: str
    severity_word: str
    message: str
    hint: str
    source: str
    anchor: str


_Lines = Callable[[Declaration, Reader], list[str]]


def items_of(
    declaration: Declaration, findings: Sequence[Mapping[str, Any]], reader: Reader
) -> list[Item]:
    """The items in the order of the form."""
    return [
        Item(
            pointer,
            reader.says(VERIFICATION_WORDS[label]),
            tuple(lines(declaration, reader)) or (reader.says(VERIFICATION_WORDS["not_given"]),),
            tuple(
                dict.fromkeys(one["code"] for one in findings if _anchor(one["pointer"]) == pointer)
            ),
        )
        for pointer, label, lines in _ITEMS
    ]


def finding_lines(findings: Sequence[Mapping[str, Any]], reader: Reader) -> list[FindingLine]:
    """The findings, gravest first."""
    order = list(SEVERITY_WORDS)
    return [
        FindingLine(
            one["code"],
            one["severity"],
            reader.says(SEVERITY_WORDS[one["severity"]]),
            one["message"][reader.lang],
            one["hint"][reader.lang],
            one["source"],
            _anchor(one["pointer"]),
        )
        for one in sorted(findings, key=lambda found: order.index(found["severity"]))
    ]


def reason_lines(reasons: Sequence[Mapping[str, Any]], reader: Reader) -> list[dict[str, str]]:
    """Why a declaration was given back, by whomever."""
    return [
        {
            "code": str(one.get("code") or one.get("rule") or ""),
            "text": reader.says(halves(str(one.get("text") or one.get("message") or ""))),
            "source": str(one.get("source") or ""),
            "anchor": _anchor(str(one.get("pointer") or "")),
        }
        for one in reasons
    ]


def register_lines(facts: RegisterFacts, reader: Reader) -> list[tuple[str, str]]:
    """What the register said: label and words."""
    says, words = reader.says, VERIFICATION_WORDS
    dash = "；" if reader.lang == "zh" else "; "
    pledges = [
        f"{one.pledgee} · {says(words['consents' if one.consent else 'no_consent'])}"
        for one in facts.pledges
    ]
    licences = [f"{says(LICENCE_WORDS[one.kind])} {_span(one)}".strip() for one in facts.licences]
    stopped = [
        f"{says(SUSPENSION_WORDS[one.cause])} {_span(one)}".strip() for one in facts.suspensions
    ]
    rows = [
        ("register_status", [says(STATUS_WORDS[facts.status if facts.granted else "pending"])]),
        ("register_holders", [one.name for one in facts.holders]),
        ("register_fee", [says(FEE_WORDS[facts.annual_fee])]),
        ("register_pledges", pledges),
        ("register_licences", licences),
        ("register_suspensions", stopped),
        ("register_transfers", [f"{one.to} {one.on}" for one in facts.transfers]),
    ]
    none = says(words["none"])
    return [(says(words[label]), dash.join(texts) or none) for label, texts in rows]


def is_stale(facts: RegisterFacts, *, today: date) -> bool:
    """Whether the answer is too old to go by without a thought."""
    return (today - facts.as_of).days > STALE_DAYS


def _anchor(pointer: str) -> str:
    """The item that a pointer into the declaration falls under; the longest that fits."""
    known = sorted((one[0] for one in _ITEMS), key=len, reverse=True)
    return next((one for one in known if pointer == one or pointer.startswith(f"{one}/")), "")


def _span(one: Any) -> str:  # noqa: ANN401  any fact with a beginning and an end
    return f"{one.since or ''}–{one.until or ''}" if one.since or one.until else ""


def _number(one: Declaration, _reader: Reader) -> list[str]:
    return [print_patent_number(one.patent.application_number)]


def _kind(one: Declaration, reader: Reader) -> list[str]:
    return [reader.says(KIND_WORDS[one.patent.kind])]


def _title(one: Declaration, _reader: Reader) -> list[str]:
    return [one.patent.title] if one.patent.title else []


def _publication(one: Declaration, _reader: Reader) -> list[str]:
    parts = (one.patent.publication_number, one.patent.grant_date)
    text = " ".join(str(part) for part in parts if part)
    return [text] if text else []


def _holders(one: Declaration, reader: Reader) -> list[str]:
    shown = []
    for holder in one.holders:
        if len(one.holders) == 1:
            shown.append(" · ".join(part for part in (holder.name, holder.credit_code) if part))
            continue
        said = reader.says(VERIFICATION_WORDS["consents" if holder.consents else "no_consent"])
        parts = [holder.name, holder.credit_code or "", said]
        shown.append(" · ".join(part for part in parts if part))
    return shown


def _fee(one: Declaration, reader: Reader) -> list[str]:
    return [describe_fee(one.fee, reader.lang)]


def _reason(one: Declaration, _reader: Reader) -> list[str]:
    return [one.fee_reason] if one.fee_reason else []


def _period(one: Declaration, reader: Reader) -> list[str]:
    until = reader.says(VERIFICATION_WORDS["period_to"]).format(one.period.end)
    return [f"{one.period.start} {until}" if one.period.start else until]


def _territory(one: Declaration, reader: Reader) -> list[str]:
    return [describe(one.territory, reader.lang)]


def _field(one: Declaration, reader: Reader) -> list[str]:
    field = one.technical_field
    industries = [reader.says(facet_words("industry", code)) for code in field.industries]
    return [*([field.text] if field.text else []), *industries, *field.ipc]


def _abstract(one: Declaration, _reader: Reader) -> list[str]:
    return [one.abstract] if one.abstract else []


def _contact(one: Declaration, _reader: Reader) -> list[str]:
    if one.contact is None:
        return []
    parts = (one.contact.name, one.contact.phone, one.contact.email)
    return [" · ".join(part for part in parts if part)]


def _report(one: Declaration, reader: Reader) -> list[str]:
    report = one.evaluation_report
    if report is None:
        return []
    digest = f"SHA-256 {report.sha256}" if report.sha256 else None
    parts = (reader.says(_REPORTS[report.kind]), report.number, report.issued_on, digest)
    return [" ".join(str(part) for part in parts if part)]


def _commitments(one: Declaration, reader: Reader) -> list[str]:
    said = reader.says(VERIFICATION_WORDS["signed_by"])
    return [
        reader.says(COMMITMENT_WORDS[made.code])
        + reader.says(_COLON)
        + said.format(made.signer, made.signed_at.astimezone(SHANGHAI).date(), made.text_version)
        for made in one.commitments
    ]


def _profile(one: Declaration, reader: Reader) -> list[str]:
    profile = PROFILES.get(one.profile)
    if profile is None:
        return [one.profile]
    return [reader.says(Words(profile.title_zh, profile.title_en))]


_ITEMS: Final[tuple[tuple[str, str, _Lines], ...]] = (
    ("/patent/application_number", "number", _number),
    ("/patent/kind", "kind", _kind),
    ("/patent/title", "title", _title),
    ("/patent", "publication", _publication),
    ("/holders", "holders", _holders),
    ("/fee", "fee", _fee),
    ("/fee_reason", "fee_reason", _reason),
    ("/period", "period", _period),
    ("/territory", "territory", _territory),
    ("/technical_field", "technical_field", _field),
    ("/abstract", "abstract", _abstract),
    ("/contact", "contact", _contact),
    ("/evaluation_report", "report", _report),
    ("/commitments", "commitments", _commitments),
    ("/profile", "profile", _profile),
)
