"""DEC-16: the patentee's four promises are ticked and signed."""

from typing import Final

from shared_schema.bilingual import Words
from shared_schema.declaration import COMMITMENTS, Declaration
from shared_schema.finding import Finding
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.profile import RuleProfile

COMMITMENT_TITLES: Final = {
    "no_exclusive_licence": Words(
        "专利权不在独占或排他许可有效期内", "no exclusive or sole licence is in force"
    ),
    "keep_right_valid": Words("保持专利权有效", "the right is kept in force"),
    "file_every_licence": Words("每份许可合同均备案", "every licence is filed"),
    "withdraw_on_transfer": Words("专利权转让时撤回声明", "the offer is withdrawn on transfer"),
}


def dec_16_commitments(
    declaration: Declaration, profile: RuleProfile, _context: RuleContext
) -> list[Finding]:
    """One finding for each missing promise; a blank signer is no signature."""
    signed = {
        commitment.code for commitment in declaration.commitments if commitment.signer.strip()
    }
    return [
        found(
            "DEC-16",
            profile,
            "/commitments",
            message=Words(
                f"未签署承诺：{COMMITMENT_TITLES[code].zh}。",
                f"A commitment is not signed: {COMMITMENT_TITLES[code].en}.",
            ),
            facts={"missing": code},
        )
        for code in COMMITMENTS
        if code not in signed
    ]
