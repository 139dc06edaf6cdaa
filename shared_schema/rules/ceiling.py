"""DEC-07: fees above the guidance ceilings, and amounts whose unit probably slipped."""

from dataclasses import replace
from functools import singledispatch
from typing import Final

from shared_schema.amount import yuan_text
from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.fee_terms import (
    AnnualFixed,
    EntryPlusRoyalty,
    Instalments,
    LumpSum,
    Other,
    RateRoyalty,
    RoyaltyOnly,
    Stepped,
)
from shared_schema.fee_text import BASE_TITLES, percent_text
from shared_schema.finding import Finding, Severity
from shared_schema.rules.context import RuleContext
from shared_schema.rules.fee import PAYMENT_POINTER
from shared_schema.rules.found import found
from shared_schema.rules.profile import YUAN, RuleProfile

_JUSTIFIED: Final = Words(
    "已填写理由，由审核员核对。", "A reason is given; the examiner checks it."
)
_WAN: Final = 10_000
_SMALLEST_PLAUSIBLE_FEN: Final = 100 * YUAN


def dec_07_ceiling(
    declaration: Declaration, profile: RuleProfile, _context: RuleContext
) -> list[Finding]:
    """Fixed fee and royalty against the profile's ceilings (notice 19 of 2024: "generally").

    A stated reason turns an error into a warning where the profile allows justification; the
    amount is never changed here. A royalty per unit has no ceiling.
    """
    payment = declaration.fee.payment
    findings = [*_fixed(payment, profile), *_royalty(payment, profile)]
    justified = profile.justification and declaration.fee_reason is not None
    return [_weighed(finding, justified=justified) for finding in findings]


def _weighed(finding: Finding, *, justified: bool) -> Finding:
    """The finding with a reason taken into account; a suspected slip keeps its question."""
    finding = replace(finding, facts=finding.facts | {"justified": justified})
    if not justified:
        return finding
    if "suspected_fen" not in finding.facts:
        finding = replace(finding, hint_zh=_JUSTIFIED.zh, hint_en=_JUSTIFIED.en)
    return replace(finding, severity=Severity.WARNING)


@singledispatch
def fixed_part_fen(_payment: object) -> tuple[str, int]:
    """The member that holds the fixed fee, and what it comes to over the stated years.

    A yearly sum without a number of years counts once: the length of a licence is not known here.
    """
    return "mode", 0


@fixed_part_fen.register
def _(payment: LumpSum) -> tuple[str, int]:
    return "amount_fen", payment.amount_fen


@fixed_part_fen.register
def _(payment: Instalments) -> tuple[str, int]:
    return "total_fen", max(payment.total_fen, payment.first_fen + payment.times * payment.each_fen)


@fixed_part_fen.register
def _(payment: EntryPlusRoyalty) -> tuple[str, int]:
    return "entry_fen", payment.entry_fen


@fixed_part_fen.register
def _(payment: AnnualFixed) -> tuple[str, int]:
    return "amount_fen", payment.amount_fen * (payment.years or 1)


@fixed_part_fen.register
def _(payment: Stepped) -> tuple[str, int]:
    return "steps", sum(step.amount_fen for step in payment.steps)


@fixed_part_fen.register
def _(payment: Other) -> tuple[str, int]:
    return "maximum_fen", payment.maximum_fen or 0


def _fixed(payment: object, profile: RuleProfile) -> list[Finding]:
    member, fen = fixed_part_fen(payment)
    ceiling = profile.fixed_fee_ceiling_fen
    if fen <= ceiling:
        return []
    facts: dict[str, object] = {"fixed_fen": fen, "ceiling_fen": ceiling}
    hint = None
    suspected = _one_unit_smaller(fen, ceiling)
    if suspected is not None:
        facts["suspected_fen"] = suspected
        meant = yuan_text(suspected)
        hint = Words(
            f"是否应为 {meant} 元（单位误写为万元）？确需高于上限的，填写理由。",
            f"Did you mean {meant} yuan (万元 written for 元)? If not, give a reason.",
        )
    return [
        found(
            "DEC-07",
            profile,
            f"{PAYMENT_POINTER}/{member}",
            message=Words(
                f"固定使用费 {yuan_text(fen)} 元，高于 {yuan_text(ceiling)} 元。",
                f"The fixed fee, {yuan_text(fen)} yuan, is above {yuan_text(ceiling)} yuan.",
            ),
            hint=hint,
            facts=facts,
        )
    ]


def _one_unit_smaller(fen: int, ceiling: int) -> int | None:
    """The amount read in yuan instead of 万元, if that is a whole and plausible number of yuan."""
    suspected, rest = divmod(fen, _WAN)
    plausible = rest == 0 and suspected % YUAN == 0
    return suspected if plausible and _SMALLEST_PLAUSIBLE_FEN <= suspected <= ceiling else None


def _royalty(payment: object, profile: RuleProfile) -> list[Finding]:
    if not isinstance(payment, EntryPlusRoyalty | RoyaltyOnly):
        return []
    royalty = payment.royalty
    if not isinstance(royalty, RateRoyalty):
        return []
    ceiling = (
        profile.profit_royalty_ceiling_percent
        if royalty.base == "profit"
        else profile.sales_royalty_ceiling_percent
    )
    if royalty.rate_percent <= ceiling:
        return []
    rate, base = percent_text(royalty.rate_percent), BASE_TITLES[royalty.base]
    return [
        found(
            "DEC-07",
            profile,
            f"{PAYMENT_POINTER}/royalty/rate_percent",
            message=Words(
                f"提成率为{base.zh}的 {rate}%，高于 {percent_text(ceiling)}%。",
                f"The royalty, {rate} % of {base.en}, is above {percent_text(ceiling)} %.",
            ),
            hint=Words(
                f"改为不高于 {percent_text(ceiling)}%，或者填写理由。",
                f"Lower it to {percent_text(ceiling)} % or less, or give a reason.",
            ),
            facts={"base": royalty.base, "rate_percent": rate, "ceiling_percent": str(ceiling)},
        )
    ]
