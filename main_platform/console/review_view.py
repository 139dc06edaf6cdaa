"""What one review's page shows: the offer, its findings, its evidence, what changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from main_platform.console.declaration_view import (
    Item,
    differences,
    items_of,
    read_body,
)
from main_platform.console.declaration_words import ITEM_WORDS
from main_platform.console.desk_words import SEVERITY_WORDS, STATE_WORDS, VERDICT_WORDS
from main_platform.console.fee_guidance import FeeGuidance, fee_guidance
from main_platform.console.row_view import Looking, RowView, row_view
from main_platform.review.detail import ReviewDetail
from main_platform.review.tables import DecisionRow
from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.terms_view import TermsView, terms_view
from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.instants import legal_day
from shared_schema.patent_number import expiry
from shared_schema.public_listing import NineItems
from shared_schema.rules.table import RULE_TABLE

_POINTERS: Final[Mapping[str, str]] = {
    "patent": "number",
    "holders": "holders",
    "fee": "fee",
    "fee_reason": "fee_reason",
    "period": "period",
    "territory": "territory",
    "technical_field": "technical_field",
    "contact": "contact",
    "evaluation_report": "report",
    "abstract": "abstract",
    "commitments": "commitments",
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding in words: how much it weighs, by which rule, and what to do."""

    code: str
    severity: str
    word: str
    message: str
    hint: str
    source: str
    item: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision that was made."""

    at: str
    by: str
    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """What the offer says to prove itself, and what nobody has checked."""

    expires: date
    report: str
    report_hash: str
    is_sole: bool
    without_consent: tuple[str, ...]
    commitments: int
    unchecked: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OfferView:
    """The offer itself: items, what each was before, and what the terms come to."""

    items: tuple[Item, ...]
    was: Mapping[str, str]
    terms: TermsView
    guidance: FeeGuidance
    evidence: EvidenceView


@dataclass(frozen=True, slots=True)
class ReviewView:
    """The whole page. `compared_with`: the version before, 0: the public one; None: neither."""

    row: RowView
    offer: OfferView | None
    findings: tuple[FindingView, ...]
    decisions: tuple[DecisionView, ...]
    compared_with: int | None
    differs: bool
    is_met: bool


def review_view(detail: ReviewDetail, looking: Looking) -> ReviewView:
    """The review for this reader."""
    reader, today = looking.reader, legal_day(looking.now)
    declaration = read_body(detail.body)
    before, compared_with = _before(detail)
    offer = None
    if declaration is not None:
        items = items_of(declaration, reader, today=today, now=looking.now)
        earlier = None
        if before is not None:
            earlier = items_of(before, reader, today=today, now=looking.now)
        offer = OfferView(
            items=tuple(items),
            was=differences(earlier, items),
            terms=terms_view(
                NineItems.from_declaration(declaration),
                declaration.patent.application_number,
                reader,
                today=today,
            ),
            guidance=fee_guidance(declaration, reader, today=today),
            evidence=_evidence(declaration, detail.row.unchecked_rules, reader),
        )
    conflicts = detail.row.conflicts
    return ReviewView(
        row=row_view(detail.row, looking),
        offer=offer,
        findings=tuple(finding_view(one, reader) for one in detail.row.findings),
        decisions=tuple(_decision(one, reader) for one in detail.decisions),
        compared_with=compared_with,
        differs=any(not (one["terms_equal"] and one["holders_equal"]) for one in conflicts),
        is_met=bool(conflicts),
    )


def finding_view(finding: Mapping[str, Any], reader: Reader) -> FindingView:
    """A stored finding in the reader's language."""
    message, hint = finding["message"], finding["hint"]
    member = str(finding["pointer"]).lstrip("/").split("/")[0]
    item = _POINTERS.get(member)
    return FindingView(
        code=finding["code"],
        severity=finding["severity"],
        word=reader.says(SEVERITY_WORDS[finding["severity"]]),
        message=reader.says(Words(message["zh"], message["en"])),
        hint=reader.says(Words(hint["zh"], hint["en"])),
        source=finding["source"],
        item=reader.says(ITEM_WORDS[item]) if item else "",
    )


def _before(detail: ReviewDetail) -> tuple[Declaration | None, int | None]:
    """What to compare with: what the public reads now, else what the node sent before."""
    public = read_body(detail.public_body)
    if public is not None and detail.row.state != "sequenced":
        return public, 0
    previous = read_body(detail.previous_body)
    return previous, detail.row.version - 1 if previous is not None else None


def _evidence(declaration: Declaration, unchecked: list[str], reader: Reader) -> EvidenceView:
    report = declaration.evaluation_report
    holders = declaration.holders
    items = {
        "kind": report.kind if report else "",
        "number": (report.number or "") if report else "",
        "day": str(report.issued_on or "") if report else "",
    }
    return EvidenceView(
        expires=expiry(declaration.patent.application_number),
        report=" ".join(part for part in (items["number"], items["day"]) if part),
        report_hash=(report.sha256 or "") if report else "",
        is_sole=len(holders) == 1,
        without_consent=tuple(one.name for one in holders if len(holders) > 1 and not one.consents),
        commitments=len({one.code for one in declaration.commitments}),
        unchecked=tuple(
            (code, reader.says(Words(RULE_TABLE[code].check_zh, RULE_TABLE[code].check_en)))
            for code in unchecked
        ),
    )


def _decision(row: DecisionRow, reader: Reader) -> DecisionView:
    reasons = tuple(
        reader.says(Words(one["zh"], one["en"])) + (f"：{one['text']}" if one["text"] else "")
        for one in row.reasons
    )
    verdict = VERDICT_WORDS.get(row.verdict) or STATE_WORDS[row.verdict]
    return DecisionView(local_time(row.at), row.examiner, reader.says(verdict), reasons)
