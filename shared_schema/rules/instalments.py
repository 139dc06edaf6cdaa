"""DEC-19: instalments add up, or the holder is asked how many payments are meant."""

from shared_schema.amount import yuan_text
from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.fee_terms import Instalments
from shared_schema.finding import Finding
from shared_schema.rules.context import RuleContext
from shared_schema.rules.fee import PAYMENT_POINTER
from shared_schema.rules.found import found
from shared_schema.rules.profile import RuleProfile


def dec_19_instalments(
    declaration: Declaration, profile: RuleProfile, _context: RuleContext
) -> list[Finding]:
    """First + n × each equals the stated total, and the stated count is n + 1."""
    payment = declaration.fee.payment
    if not isinstance(payment, Instalments):
        return []
    return [*_sum(payment, profile), *_count(payment, profile)]


def payments_that_add_up(payment: Instalments) -> int | None:
    """How many payments after the first would reach the stated total; None if no whole number."""
    rest = payment.total_fen - payment.first_fen
    if payment.each_fen == 0 or rest < 0 or rest % payment.each_fen:
        return None
    return rest // payment.each_fen


def _sum(payment: Instalments, profile: RuleProfile) -> list[Finding]:
    computed = payment.first_fen + payment.times * payment.each_fen
    if computed == payment.total_fen:
        return []
    first, each = yuan_text(payment.first_fen), yuan_text(payment.each_fen)
    sum_shown = f"{first} + {payment.times} × {each} = {yuan_text(computed)}"
    total = yuan_text(payment.total_fen)
    proposed = payments_that_add_up(payment)
    facts = {"computed_fen": computed, "total_fen": payment.total_fen, "proposed_times": proposed}
    return [
        found(
            "DEC-19",
            profile,
            f"{PAYMENT_POINTER}/total_fen",
            message=Words(
                f"{sum_shown} 元，而所填总额为 {total} 元。",
                f"{sum_shown} yuan, but the stated total is {total} yuan.",
            ),
            hint=_question(payment, proposed),
            facts=facts,
        )
    ]


def _question(payment: Instalments, proposed: int | None) -> Words:
    if proposed is None:
        return Words(
            "首期之后分几期支付？任何期数都凑不成所填总额，请核对各项金额。",
            "How many payments follow the first? No number reaches the total; check the amounts.",
        )
    first, each = yuan_text(payment.first_fen), yuan_text(payment.each_fen)
    total = yuan_text(payment.total_fen)
    sum_shown = f"{first} + {proposed} × {each} = {total}"
    return Words(
        f"首期之后分几期支付？如为 {proposed} 期（含首期共 {proposed + 1} 次）：{sum_shown} 元。",
        f"How many payments follow the first? With {proposed} ({proposed + 1} in all):"
        f" {sum_shown} yuan.",
    )


def _count(payment: Instalments, profile: RuleProfile) -> list[Finding]:
    stated, counted = payment.stated_payments, payment.times + 1
    if stated is None or stated == counted:
        return []
    return [
        found(
            "DEC-19",
            profile,
            f"{PAYMENT_POINTER}/stated_payments",
            message=Words(
                f"写明共支付 {stated} 次，而首期加 {payment.times} 期为 {counted} 次。",
                f"{stated} payments are stated, but the first and {payment.times} more"
                f" make {counted}.",
            ),
            facts={"stated_payments": stated, "counted_payments": counted},
        )
    ]
