"""DEC-14: the evaluation report of a utility model or design."""

from typing import Final

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.profile import RuleProfile

_EITHER: Final = Words(
    "按核验要求，提供专利权评价报告或者检索报告。",
    "The verifier asks for an evaluation report or a search report.",
)


def dec_14_report(
    declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """The declaration names a report the profile accepts, or the register shows one was made.

    Inventions need none. A profile that does not require it asks only when the verifier did.
    Unasked, it stays unchecked without register facts: the register may show the report.
    """
    if declaration.patent.kind == "invention" or _has_report(declaration, profile, context):
        return []
    unasked = profile.report_required and context.register is not None
    if not unasked and not context.report_demanded:
        return []
    return [
        found(
            "DEC-14",
            profile,
            "/evaluation_report",
            message=Words(
                "实用新型、外观设计未提供专利权评价报告。",
                "The utility model or design comes without its report.",
            ),
            hint=_EITHER if "search" in profile.report_kinds else None,
            facts={
                "accepted_kinds": sorted(profile.report_kinds),
                "demanded": context.report_demanded,
            },
        )
    ]


def _has_report(declaration: Declaration, profile: RuleProfile, context: RuleContext) -> bool:
    report, register = declaration.evaluation_report, context.register
    if report is not None and report.kind in profile.report_kinds:
        return True
    return register is not None and register.evaluation_report is True
