"""DEC-01 and DEC-02: the patent number, and whether it is of the stated kind."""

from typing import Final

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import kind_of, parse_application_number
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.profile import RuleProfile

NUMBER_POINTER: Final = "/patent/application_number"
KIND_TITLES: Final = {
    "invention": Words("发明", "invention"),
    "utility_model": Words("实用新型", "utility model"),
    "design": Words("外观设计", "design"),
}


def dec_01_number(
    declaration: Declaration, profile: RuleProfile, _context: RuleContext
) -> list[Finding]:
    """The number's form and check character. A parsed declaration's number has passed already."""
    return check_number(declaration.patent.application_number, profile=profile)


def check_number(text: str, *, profile: RuleProfile) -> list[Finding]:
    """DEC-01 over a number as typed or published, for imports; suggestions are never applied."""
    try:
        parse_application_number(text)
    except IdentifierRefused as refused:
        return [_number_refused(refused, profile)]
    return []


def _number_refused(refused: IdentifierRefused, profile: RuleProfile) -> Finding:
    zh, _, en = refused.detail.partition(" / ")
    offered = "、".join(refused.suggestions)
    hint = Words(f"是否为 {offered}？请对照专利证书。", f"Did you mean {offered}? Check it.")
    return found(
        "DEC-01",
        profile,
        NUMBER_POINTER,
        message=Words(zh, en),
        hint=hint if offered else None,
        facts={"reason": refused.code, "suggestions": list(refused.suggestions)},
    )


def dec_02_kind(
    declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """The kind digit against the stated type. Silent where DEC-01 has refused the number."""
    patent = declaration.patent
    if dec_01_number(declaration, profile, context):
        return []
    actual = kind_of(patent.application_number)
    if actual == patent.kind:
        return []
    by_number, stated = KIND_TITLES[actual], KIND_TITLES[patent.kind]
    return [
        found(
            "DEC-02",
            profile,
            "/patent/kind",
            message=Words(
                f"所填类型为{stated.zh}，而专利号 {patent.application_number} 属{by_number.zh}。",
                f"The type says {stated.en}; the number {patent.application_number} is"
                f" of kind {by_number.en}.",
            ),
            facts={"stated": patent.kind, "by_number": actual},
        )
    ]
