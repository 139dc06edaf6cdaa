"""DEC-17: where the offer holds, and that it is open to anyone (Patent Law art. 50)."""

import re
from typing import Final

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.fee_terms import Other
from shared_schema.finding import Finding
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.profile import RuleProfile
from shared_schema.rules.words import public_texts
from shared_schema.territory import Territory
from shared_schema.text import fold

_LIMITED: Final = re.compile(
    r"(?:只|仅|限|唯一)[^，。；,;]{0,6}(?:许可|授权)?[^，。；,;]{0,6}[一1]家"
    r"|(?:独家|独占|排他|唯一)(?:性)?(?:的)?(?:实施)?(?:许可|授权)"
    r"|(?:只|仅)(?:面向|限|对|许可给|授权给)[^，。；,;]{0,20}(?:企业|单位|公司|会员|校友)"
)


def dec_17_scope(
    declaration: Declaration, profile: RuleProfile, _context: RuleContext
) -> list[Finding]:
    """Territory as the profile's regime wants it; no words that limit who may accept."""
    return [*_territory(declaration.territory, profile), *_limits(declaration, profile)]


def _territory(territory: Territory, profile: RuleProfile) -> list[Finding]:
    if profile.territory_mode == "list" or territory.is_nationwide:
        return []
    return [
        found(
            "DEC-17",
            profile,
            "/territory",
            message=Words(
                "法定开放许可的范围须为全国，不得列明或者排除地区。",
                "By statute the scope is nationwide; no region may be named or excluded.",
            ),
            facts={"include": list(territory.include), "exclude": list(territory.exclude)},
        )
    ]


def limiting_words(text: str) -> str | None:
    """Words that limit the number or kind of licensees; None if the text has none."""
    match = _LIMITED.search(fold(text))
    return match.group() if match else None


def _limits(declaration: Declaration, profile: RuleProfile) -> list[Finding]:
    texts = list(public_texts(declaration))
    if isinstance(declaration.fee.payment, Other):
        texts.append(("/fee/payment/text", declaration.fee.payment.text))
    return [
        found(
            "DEC-17",
            profile,
            pointer,
            message=Words(
                f"“{words}”限定了被许可人，不是开放许可。",
                f"“{words}” limits who may accept: this is not an open licence.",
            ),
            facts={"words": words},
        )
        for pointer, text in texts
        if (words := limiting_words(text)) is not None
    ]
