"""What the form shows beside its fields: findings of the rules, what it costs, what is known.

The rules and the cost are those of the contract: nothing is judged or computed here a second time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.forms import FormError
from shared_schema.amount import yuan_text
from shared_schema.annual_fee import NoAnnualFee, licence_years_fees
from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.fee_cost import ForecastIncomplete, total_cost
from shared_schema.fee_terms import EntryPlusRoyalty, FeeTerms, RoyaltyOnly, UnitRoyalty
from shared_schema.fee_text import describe_fee
from shared_schema.finding import Finding, Severity
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import Instant, legal_day
from shared_schema.patent_number import expiry, kind_of, parse_application_number
from shared_schema.refusal import DomainError
from shared_schema.register_facts import RegisterFacts
from shared_schema.rules import profile_named
from subplatform.declarations.judging import circumstances
from subplatform.holder_pages.form_values import RULE_FIELDS, field_of
from subplatform.patent_register.snapshots import kept_facts

NOBODY: Final = UUID(int=0)
_MOST_YEARS: Final = 20
_SALES_FEN: Final = 100_000_000
_PROFIT_FEN: Final = 10_000_000
_UNITS: Final = 1_000
_ASSUMED: Final = {
    "net_sales": Words("假设每年净销售额 1,000,000 元", "assuming net sales of ¥1,000,000 a year"),
    "sales": Words("假设每年销售额 1,000,000 元", "assuming sales of ¥1,000,000 a year"),
    "profit": Words("假设每年利润 100,000 元", "assuming a profit of ¥100,000 a year"),
    "per_unit": Words("假设每年 1,000 件", "assuming 1,000 units a year"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One finding: how heavy, of which rule, at which field, and what to do."""

    severity: str
    code: str
    field: str
    message: str
    hint: str
    source: str


@dataclass(frozen=True, slots=True)
class CostLine:
    """One payment of the preview."""

    year: int
    why: str
    amount: str


@dataclass(frozen=True, slots=True)
class CostPreview:
    """The schedule of payments over the period; `why_none` where there can be none yet."""

    sentence: str
    years: int
    assumed: str
    lines: Sequence[CostLine]
    total: str
    is_maximum: bool
    why_none: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the rules say of a complete form."""

    findings: Sequence[Finding]
    unchecked: Sequence[str]

    def errors(self) -> list[FormError]:
        """What forbids to submit, at its fields; one sentence for each rule and field."""
        found: dict[tuple[str, str], list[Finding]] = {}
        for one in self.findings:
            if one.severity is Severity.ERROR:
                found.setdefault((one.code, field_of(one.pointer)), []).append(one)
        return [_form_error(same, name) for (_, name), same in found.items()]

    def notes(self, reader: Reader) -> list[Note]:
        """All findings in the reader's language, the heaviest first."""
        order = {Severity.ERROR: 0, Severity.CONFLICT: 1, Severity.WARNING: 2}
        found = sorted(self.findings, key=lambda one: order[one.severity])
        return [_note(one, reader) for one in found]


async def check_form(
    session: AsyncSession,
    declaration: Declaration,
    *,
    listing: UUID | None,
    report_demanded: bool,
    now: Instant,
) -> Checked:
    """Judge it as intake will, by the register reading that is stored."""
    number = declaration.patent.application_number
    facts = await kept_facts(session, [number])
    around = await circumstances(session, [number], facts=facts, now=now)
    verdict = around.judge(declaration, listing or NOBODY, report_demanded=report_demanded)
    return Checked(verdict.findings, verdict.unchecked)


def _form_error(same: Sequence[Finding], name: str) -> FormError:
    """What one rule says at one field, with its hint, code and source once."""
    found = same[0]
    zh = "".join(one.message_zh for one in same)
    en = " ".join(one.message_en for one in same)
    return FormError(
        name,
        Words(
            f"{zh}{found.hint_zh}（{found.code}，{found.source}）",
            f"{en} {found.hint_en} ({found.code}, {found.source})",
        ),
    )


def _note(found: Finding, reader: Reader) -> Note:
    return Note(
        found.severity.value,
        found.code,
        field_of(found.pointer),
        reader.says(Words(found.message_zh, found.message_en)),
        reader.says(Words(found.hint_zh, found.hint_en)),
        found.source,
    )


def stored_notes(findings: Iterable[Mapping[str, Any]], reader: Reader) -> list[Note]:
    """The findings that stand beside a declaration, in the reader's language."""
    return [
        Note(
            one["severity"],
            one["code"],
            field_of(one["pointer"]),
            reader.says(Words(**one["message"])),
            reader.says(Words(**one["hint"])),
            one["source"],
        )
        for one in findings
    ]


@dataclass(frozen=True, slots=True)
class PatentFacts:
    """What is known of the number that was typed."""

    number: str
    kind: str
    expires: date
    is_expiry_known: bool
    facts: RegisterFacts | None


async def patent_facts(session: AsyncSession, typed: str) -> PatentFacts | None:
    """The stored register reading and the day the right ends; None for what is no number."""
    try:
        number = parse_application_number(typed)
    except IdentifierRefused:
        return None
    facts = (await kept_facts(session, [number])).get(number)
    filed = facts.filing_date if facts else None
    return PatentFacts(number, kind_of(number), expiry(number, filed), filed is not None, facts)


def register_values(facts: RegisterFacts) -> dict[str, object]:
    """The fields that the register fills: name of the invention, grant, holders."""
    values: dict[str, object] = {"title": facts.title, "grant_date": facts.grant_date}
    for place, holder in enumerate(facts.holders, start=1):
        values[f"holder_{place}_name"] = holder.name
        values[f"holder_{place}_code"] = holder.credit_code
    return values


def cost_preview(
    fee: FeeTerms, end: date, known: PatentFacts | None, *, reader: Reader, now: Instant
) -> CostPreview:
    """What a licence taken today comes to, until the offer's last day."""
    today = legal_day(now)
    years = min(max(1, end.year - today.year), _MOST_YEARS)
    sentence = describe_fee(fee, reader.lang)
    assumed = _assumed(fee)
    try:
        schedule = total_cost(
            fee,
            years=years,
            yearly_net_sales_fen=_SALES_FEN,
            yearly_profit_fen=_PROFIT_FEN,
            units=_UNITS,
            annual_fees=_annual_fees(known, today, years),
        )
    except ForecastIncomplete as refusal:
        return CostPreview(
            sentence, years, "", (), "", is_maximum=False, why_none=_said(refusal, reader)
        )
    lines = [
        CostLine(one.year, reader.says(one.why), yuan_text(one.amount_fen))
        for one in schedule.payments
    ]
    return CostPreview(
        sentence,
        years,
        reader.says(assumed) if assumed else "",
        lines,
        yuan_text(schedule.total_fen),
        schedule.is_maximum,
    )


def _assumed(fee: FeeTerms) -> Words | None:
    payment = fee.payment
    if not isinstance(payment, EntryPlusRoyalty | RoyaltyOnly):
        return None
    royalty = payment.royalty
    return _ASSUMED["per_unit" if isinstance(royalty, UnitRoyalty) else royalty.base]


def _annual_fees(known: PatentFacts | None, today: date, years: int) -> tuple[int, ...]:
    filed = known.facts.filing_date if known and known.facts else None
    if known is None or filed is None:
        return ()
    try:
        return licence_years_fees(
            kind_of(known.number), filing_date=filed, licence_start=today, years=years
        )
    except NoAnnualFee:
        return ()


def fee_guidance(profile_id: str, reader: Reader) -> list[str]:
    """The ceilings of the profile, and that no table of usual fees is known here."""
    profile = profile_named(profile_id)
    ceiling = yuan_text(profile.fixed_fee_ceiling_fen)
    sales = profile.sales_royalty_ceiling_percent
    profit = profile.profit_royalty_ceiling_percent
    said = (
        Words(
            f"固定使用费一般不高于 {ceiling} 元；提成一般不高于净销售额的 {sales}%"
            f" 或利润的 {profit}%（国知发运字〔2024〕19号）。",
            f"Fixed fees are generally at most ¥{ceiling}, royalties at most {sales} % of net sales"
            f" or {profit} % of profit (notice 19 of 2024).",
        ),
        Words(
            "本平台没有分行业的使用费统计表，不作参考价建议。",
            "There is no table of usual fees by industry at this site, so none is suggested.",
        ),
    )
    return [reader.says(words) for words in said]


def reason_errors(reasons: Iterable[Mapping[str, object]]) -> list[FormError]:
    """The reasons of a return at the fields they name."""
    return [FormError(_reason_field(one), reason_said(one)) for one in reasons]


def _reason_field(reason: Mapping[str, object]) -> str:
    place = field_of(str(reason.get("pointer") or ""))
    return place or RULE_FIELDS.get(str(reason.get("rule") or ""), "")


def reason_said(reason: Mapping[str, object]) -> Words:
    """One coded reason with its rule and what the examiner wrote."""
    code = str(reason.get("rule") or reason.get("code") or "")
    own = str(reason.get("text") or "")
    zh, en = str(reason.get("zh") or ""), str(reason.get("en") or "")
    mark = f"（{code}）" if code else ""
    return Words(
        "：".join(part for part in (zh, own) if part) + mark,
        ": ".join(part for part in (en, own) if part) + (f" ({code})" if code else ""),
    )


def _said(refusal: DomainError, reader: Reader) -> str:
    zh, _, en = refusal.detail.partition(" / ")
    return reader.says(Words(zh, en or zh))
